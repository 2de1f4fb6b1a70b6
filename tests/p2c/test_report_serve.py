"""`p2c report --serve`: to this machine alone, read-only, and it follows the warehouse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from loaders import Ledger
from p2c.config.context import load
from p2c.lock import hold
from p2c.report.data import Asked, collect
from p2c.report.serve import Server, Source

from .browser import launched, opened
from .cli_world import Call
from .report_world import fill, held_by_another


@pytest.fixture
def server(project: Path) -> Iterator[Server]:
    fill(project)
    yield from serving(project)


def serving(project: Path) -> Iterator[Server]:
    context = load(project)
    with Server(0, Source(context, lambda file: collect(context, Asked(1000), file))) as found:
        thread = Thread(target=found.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(
    server: Server, path: str, host: str | None = None, method: str = "GET"
) -> tuple[HTTPResponse, str]:
    port = server.server_address[1]
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers={"Host": host or f"localhost:{port}"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def test_the_page_is_not_kept_and_not_framed(server: Server) -> None:
    answer, text = ask(server, "/")
    assert (answer.status, "How far both systems agree" in text) == (200, True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert ask(server, "/etc/passwd")[0].status == 404


@pytest.mark.parametrize(
    "host",
    ["example.com", "example.com:{port}", "127.0.0.1:1", "127.0.0.1.example.com:{port}", "a:b"],
)
def test_another_host_is_refused(server: Server, host: str) -> None:
    answer, text = ask(server, "/", host.format(port=server.server_address[1]))
    assert (answer.status, "own name only" in text) == (403, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_only_reads(server: Server, method: str) -> None:
    assert ask(server, "/", method=method)[0].status == 501


def test_it_listens_on_loopback_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_a_run_goes_on(server: Server, project: Path) -> None:
    """What was read stays, and what the run does comes from the ledger's own file."""
    before = json.loads(ask(server, "/news")[1])
    warehouse = project / "warehouse.duckdb"
    with Ledger.open(project / ".p2c") as ledger:
        ledger.start_run("run")
    with hold(warehouse, "run"), held_by_another(warehouse):
        os.utime(warehouse)  # a run writes to it
        during = json.loads(ask(server, "/news")[1])
        answer, text = ask(server, "/")
    assert "No run is going on. What is shown was read at" in before["text"]
    assert "is going on" in during["text"]
    assert "cannot be read meanwhile. What is shown was read at" in during["text"]
    assert during["version"] == before["version"]
    assert (answer.status, "How far both systems agree" in text) == (200, True)
    assert json.loads(ask(server, "/news")[1])["version"] == before["version"] + 1


def test_reading_keeps_no_run_from_beginning(project: Path) -> None:
    """A copy is read: another process can open the warehouse for writing meanwhile."""
    fill(project)
    context, seen = load(project), []

    def collected(file: Path) -> dict[str, object]:
        with duckdb.connect(str(file), read_only=True), held_by_another(context.warehouse):
            seen.append(file)
        return collect(context, Asked(1000), file)

    assert "How far both systems agree" in Source(context, collected).html()
    assert [file.name for file in seen] == ["warehouse.duckdb"]
    assert seen != [context.warehouse]
    assert list((project / ".p2c").glob("report-*")) == []


def test_before_there_is_anything(project: Path) -> None:
    for server in serving(project):
        answer, text = ask(server, "/")
        assert (answer.status, "There is no warehouse" in text) == (200, True)
        fill(project)
        assert "How far both systems agree" in ask(server, "/")[1]


def test_the_page_loads_anew_when_there_is_more(server: Server, project: Path) -> None:
    with launched() as browser, opened(browser, server.url, 768) as tab:
        tab.page.get_by_text("No run is going on.").wait_for()
        tab.page.fill("#find", "customer 42")
        with duckdb.connect(str(project / "warehouse.duckdb")) as connection:
            connection.execute(
                "update quality.reconciliation set records = 4321 where records = 1400"
            )
        tab.page.get_by_text("4,321").first.wait_for()
        assert [row[0] for row in tab.rows("writes")] == ["usmf/ACC-42"]
        assert {url.removeprefix(server.url) for url in tab.requests} == {"", "news"}
        assert tab.messages == []


def test_ctrl_c_ends_it(project: Path) -> None:
    fill(project)
    command = [sys.executable, "-m", "p2c", "--project-dir", str(project), "report", "--serve"]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        assert "The report is on http://127.0.0.1:" in served.stdout.readline()
        served.send_signal(signal.SIGINT)
        _, err = served.communicate(timeout=60)
    assert (served.returncode, err.strip().endswith("Stopped.")) == (0, True)


def test_a_port_that_is_taken(
    server: Server, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    port = server.server_address[1]
    done = p2c("report", "--serve", "--port", str(port))
    assert (done.code, f"Port {port} cannot be used" in done.err) == (1, True)
