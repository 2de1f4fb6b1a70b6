"""`p2c report --serve`: the report on loopback, made anew after each run, and read-only.

While a run holds the warehouse, what was read last stays on the page; the ledger's SQLite file can
be read meanwhile, and says what the run has done so far. What is read is a copy of the warehouse's
file, made while nobody holds it: a run that begins in the meantime finds it free.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from p2c.config.context import Context
from p2c.errors import NothingStaged, WarehouseBusy, format_error
from p2c.lock import holder
from p2c.lookup import status
from p2c.report import page as pages
from p2c.report import words

HOST = "127.0.0.1"
NAMES = frozenset(("127.0.0.1", "localhost", "[::1]"))
WAITING = "There is no report yet: {reason} This page shows it when it can be read."
Mark = tuple[int, int] | None
# Makes the report's data of a copy of the warehouse.
Collect = Callable[[Path], Mapping[str, Any]]


class Source:
    """The newest report, and what may be said while there is no newer one."""

    def __init__(self, context: Context, collect: Collect) -> None:
        self._context, self._collect = context, collect
        self._lock = Lock()
        self._seen: Mark = None
        self._html, self._made, self._reason = "", "", ""
        self.version = 0

    def html(self) -> str:
        """The page; without data one that says why."""
        self._refresh()
        return self._html or pages.waiting(WAITING.format(reason=self._reason))

    def news(self) -> dict[str, Any]:
        """`version` of the report, and `text`: what goes on now."""
        self._refresh()
        return {"version": self.version, "text": self._now()}

    def _refresh(self) -> None:
        """Read anew when the warehouse is another than the last time, and nobody holds it."""
        with self._lock:
            mark = _mark(self._context.warehouse)
            if mark == self._seen and self._html:
                return
            try:
                found = self._read(mark)
            except (WarehouseBusy, NothingStaged) as error:
                self._reason = str(error)
                return
            except OSError as error:
                self._reason = format_error(error, [self._context.path("state_dir")])
                return
            self._html, self._made = pages.page(found, live=True), words.time(found["made_at"])
            self._seen, self._reason = mark, ""
            self.version += 1

    def _read(self, mark: Mark) -> Mapping[str, Any]:
        warehouse, state = self._context.warehouse, self._context.path("state_dir")
        if mark is None:
            raise NothingStaged(f"There is no warehouse {warehouse} yet: run `p2c run` first.")
        if other := holder(warehouse):
            raise WarehouseBusy(f"The warehouse is held by {other}.")
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="report-", dir=state) as folder:
            log = warehouse.with_name(f"{warehouse.name}.wal")  # of a run that was killed
            copy, *_ = [
                Path(shutil.copy(file, folder)) for file in (warehouse, log) if file.exists()
            ]
            if _mark(warehouse) != mark or holder(warehouse):
                raise WarehouseBusy("The warehouse is being written.")
            return self._collect(copy)

    def _now(self) -> str:
        held, run = _running(self._context)
        if not self._made:
            return self._reason
        shown = f"What is shown was read at {self._made} UTC."
        if run:
            return f"{run} The warehouse cannot be read meanwhile. {shown}"
        if held:
            return f"The warehouse is held by {held} and cannot be read meanwhile. {shown}"
        return f"No run is going on. {shown}"


def _mark(warehouse: Path) -> Mark:
    """What tells one state of the file from the next; None when it is not there."""
    try:
        found = warehouse.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _running(context: Context) -> tuple[str, str]:
    """Who holds the warehouse, and what the run that does has written so far; empty for none."""
    found = status.read(context, 1)
    held = found["held_by"]
    if not held:
        return "", ""
    who = f"process {held['pid']} (p2c {held['command']}) since {held['since']}"
    run = found["runs"][0] if found["runs"] else None
    if not run or run["status"] != "running":
        return who, ""
    last = found["last"] or {}
    rows = found["writes"] if last.get("run_id") == run["run_id"] else []
    done = sum(row["rows"] for row in rows if row["status"] in ("acknowledged", "verified"))
    every = sum(row["rows"] for row in rows)
    so_far = f": {done:,} of {every:,} records written so far" if every else ""
    return who, f"{run['command']} {run['run_id']} is going on{so_far}."


class Server(ThreadingHTTPServer):
    """Answers on loopback only; `source` has what it shows."""

    daemon_threads = True

    def __init__(self, port: int, source: Source) -> None:
        self.source = source
        super().__init__((HOST, port), Handler)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{HOST}:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    """GET / and GET /news; anything else, and any other host, is refused."""

    server: Server
    server_version, sys_version = "p2c", ""
    timeout = 30

    def do_GET(self) -> None:
        """The page, or news about it."""
        if not self._is_local():
            self._answer(403, "text/plain", "This is served to this machine by its own name only.")
        elif self.path == "/":
            self._answer(200, "text/html", self.server.source.html())
        elif self.path == "/news":
            self._answer(200, "application/json", json.dumps(self.server.source.news()))
        else:
            self._answer(404, "text/plain", "There are / and /news.")

    def _is_local(self) -> bool:
        """Whether it was asked for by loopback's name: other names may be another site's trick."""
        host = self.headers.get("Host", "")
        try:
            parts = urlsplit(f"//{host}")
            name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
            return name in NAMES and parts.port == self.server.server_address[1]
        except ValueError:
            return False

    def _answer(self, code: int, kind: str, content: str) -> None:
        data = content.encode("utf-8")
        self.send_response(code)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: who serves it is who looks at it."""
