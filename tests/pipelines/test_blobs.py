"""Files behind signed addresses: what is sent there, and what counts as arrived."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipelines.common.blobs import download, upload
from pipelines.common.package_errors import BlobCutOff, BlobExpired, BlobUnavailable


class Storage:
    """Answers the next request as it is told: status, bytes, announced length."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes, int | None]] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        storage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                storage.asked.append((self.command, dict(self.headers), self.rfile.read(size)))
                status, content, length = storage.answers.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content) if length is None else length))
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = True

            do_PUT = do_GET

            def log_message(self, *_: Any) -> None:
                """Nothing on the screen of the tests."""

        return Handler


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """With a netrc that has credentials for this very host."""
    found = Storage()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ThreadingHTTPServer(("127.0.0.1", 0), found.handler()) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/c/f.zip?sig=SECRET"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def fetch(storage: Storage, target: Path) -> list[float]:
    """The pauses it took."""
    pauses: list[float] = []
    download(storage.url, target, "customers", pause=pauses.append)
    return pauses


def test_a_file_arrives_whole_and_no_credentials_leave(storage: Storage, tmp_path: Path) -> None:
    storage.answers = [(200, b"x" * 3_000_000, None)]
    target = tmp_path / "package.zip"
    assert fetch(storage, target) == []
    assert target.read_bytes() == b"x" * 3_000_000
    assert target.stat().st_mode & 0o077 == 0
    ((_, headers, _),) = storage.asked
    assert {"authorization", "cookie"}.isdisjoint(name.lower() for name in headers)


def test_a_file_that_is_cut_off_is_fetched_again(storage: Storage, tmp_path: Path) -> None:
    storage.answers = [(200, b"half", 8), (503, b"", None), (200, b"both ends", None)]
    assert fetch(storage, tmp_path / "f") == [1.0, 5.0]
    assert (tmp_path / "f").read_bytes() == b"both ends"


def test_a_file_that_stays_cut_off_is_not_kept(storage: Storage, tmp_path: Path) -> None:
    storage.answers = [(200, b"half", 8)] * 3
    with pytest.raises(BlobCutOff) as caught:
        fetch(storage, tmp_path / "f")
    assert "SECRET" not in str(caught.value)
    assert "customers" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["netrc"]


@pytest.mark.parametrize("status", [403, 404])
def test_an_address_that_has_ended_is_not_asked_twice(
    storage: Storage, tmp_path: Path, status: int
) -> None:
    storage.answers = [(status, b"", None)]
    with pytest.raises(BlobExpired, match=f"HTTP {status}"):
        fetch(storage, tmp_path / "f")


def test_a_redirect_is_not_followed(storage: Storage, tmp_path: Path) -> None:
    storage.answers = [(302, b"", None)] * 3
    with pytest.raises(BlobUnavailable, match="HTTP 302"):
        fetch(storage, tmp_path / "f")


@pytest.mark.parametrize("url", ["ftp://x.example/f", "/f", "https://a:b@x.example/f", ""])
def test_other_addresses_are_not_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(BlobExpired, match="no https address"):
        download(url, tmp_path / "f", "customers")


def test_a_file_is_left_as_a_block_blob(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"content")
    storage.answers = [(500, b"", None), (201, b"", None)]
    upload(storage.url, tmp_path / "f", "customers", pause=lambda _: None)
    assert [content for _, _, content in storage.asked] == [b"content", b"content"]
    assert {headers["x-ms-blob-type"] for _, headers, _ in storage.asked} == {"BlockBlob"}
