"""A wrong address is named, in both directions and in the doctor."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stamina

from p2c.checks.service_request import probing
from p2c.cli import main
from p2c.config.context import Context, load
from p2c.errors import P2CError
from p2c.run.extraction import connections
from p2c.run.retry_log import retries_logged
from p2c.screen.logs import log_to
from p2c.screen.output import Output
from pipelines.common.errors import ExtractError
from pipelines.run import check

TOKEN = '{"access_token": "t", "expires_in": 3599}'
PAGE = "<html><head><title>Router</title></head></html>"


@contextmanager
def answering(status: int, body: str, content_type: str) -> Iterator[str]:
    """The address of a server on this machine that gives every request one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def wrong(kind: str) -> Iterator[str]:
    """An address where no service is."""
    if kind == "no such name":
        yield "https://yourorg.invalid"
    elif kind == "nobody listens":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
    elif kind == "no TLS":
        with answering(200, PAGE, "text/html") as url:
            yield url.replace("http:", "https:")
    else:
        with answering(200 if kind == "a page" else 404, PAGE, "text/html; charset=utf-8") as url:
            yield url


KINDS = ["no such name", "nobody listens", "no TLS", "a page", "a page that is not found"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "20")


def asked(project: Path, monkeypatch: pytest.MonkeyPatch, url: str, token_url: str) -> Context:
    monkeypatch.setenv("SOURCES__SALES__URL", url)
    monkeypatch.setenv("SOURCES__SALES__TOKEN_URL", token_url)
    monkeypatch.setenv("SOURCES__SALES__CLIENT_ID", "sales-client")
    monkeypatch.setenv("SOURCES__SALES__CLIENT_SECRET", "sales-secret")
    return load(project)


def all_messages(context: Context) -> list[str]:
    """What an extract and the doctor (with the loaders' own client) say of Sales."""
    sales, _ = connections(context)
    with pytest.raises(ExtractError) as read:
        check([replace(sales)])
    with probing(context) as probe, pytest.raises(Exception, match="Sales") as looked:
        probe("sales", "WhoAmI")
    assert issubclass(looked.type, P2CError) or looked.type.__module__.startswith("loaders")
    return [str(read.value), str(looked.value)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_address_of_the_service_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """DNS, a refused connection, TLS, and a page that is not the service."""
    with answering(200, TOKEN, "application/json") as tokens, wrong(kind) as url:
        for message in all_messages(asked(project, monkeypatch, url, f"{tokens}/token")):
            assert url in message
            assert "Error" not in message
            assert "[Errno" not in message


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_address_of_the_token_service_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The address that is wrong, not the one of the service beside it."""
    with answering(200, "{}", "application/json") as right, wrong(kind) as url:
        messages = all_messages(asked(project, monkeypatch, right, f"{url}/token"))
        assert all(url in one and right not in one for one in messages)
        assert "sources.sales.token_url" in messages[0]


def test_the_doctor_fails_a_page_that_is_not_the_service(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A router's login page answers 200 to everything; that is no connection."""
    with answering(200, TOKEN, "application/json") as tokens, wrong("a page") as url:
        asked(project, monkeypatch, url, f"{tokens}/token")
        with pytest.raises(SystemExit) as ended:
            main(["--project-dir", str(project), "doctor"])
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [x for x in lines if "problem sales connection" in x]
    assert f"{url}/api/data/v9.2/WhoAmI is not Sales" in line


def test_a_second_try_is_told_once_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Not the retrying library's own event names, and not once for each of a hundred rows."""
    log_to(Output())
    with retries_logged():
        for _ in range(3):
            tries = stamina.retry_context(P2CError, attempts=3, wait_initial=0.0, wait_max=0.0)
            with pytest.raises(P2CError):  # noqa: PT012 - how retries are written
                for attempt in tries:
                    with attempt:
                        raise P2CError("Sales asks to wait (429).")
    output = capsys.readouterr()
    assert output.err == "Sales asks to wait (429). Trying again in 0 s.\n"
    assert output.out == ""
