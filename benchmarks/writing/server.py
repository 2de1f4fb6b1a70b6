"""A Sales service that only acknowledges: nothing is kept, so that the client's own time is seen.

    python -m benchmarks.writing.server [--latency S] [--hint N] [--requests N] [--busy S]
        [--concurrent N] [--window S]

It speaks tokens, `sdkmessagefilters`, the three bulk messages and `$batch` (protocols A1, A8, A9),
answers after `latency` seconds, and keeps the service protection limits (protocols A10): so many
requests and so many seconds of execution in a window, so many requests at once. `GET /met` says
what it met. Prints its port.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

CONTENT_ID = re.compile(rb"^Content-ID: ([^\r\n]+)", re.M)
ROW_ID = re.compile(rb'"accountid": ?"([^"]+)"')
LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
END = b"\r\n\r\n"
CODES = {"requests": "0x80072322", "busy": "0x80072321", "concurrent": "0x80072326"}


@dataclass
class Met:
    """What the service met: requests that carried rows, refused ones, rows, most at once."""

    requests: int = 0
    throttled: int = 0
    rows: int = 0
    most_at_once: int = 0


@dataclass
class Limits:
    """The sliding window of A10; None where there is no limit."""

    window: float
    requests: int | None = None
    busy: float | None = None
    concurrent: int | None = None
    inside: int = 0
    seen: deque[tuple[float, float]] = field(default_factory=deque)

    def refusal(self, now: float, seconds: float) -> tuple[str, float] | None:
        """Which limit refuses a request that would take so long, and when to come back."""
        while self.seen and self.seen[0][0] <= now - self.window:
            self.seen.popleft()
        if self.concurrent is not None and self.inside >= self.concurrent:
            return "concurrent", 1.0
        frees = self.seen[0][0] + self.window - now if self.seen else 0.0
        if self.requests is not None and len(self.seen) >= self.requests:
            return "requests", frees
        if self.busy is not None and sum(spent for _, spent in self.seen) >= self.busy:
            return "busy", frees
        self.seen.append((now, seconds))
        return None


class Service:
    """Answers by path."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.latency, self.hint, self.bulk = options.latency, options.hint, not options.no_bulk
        self.met = Met()
        self.limits = Limits(options.window, options.requests, options.busy, options.concurrent)

    def answer(self, path: bytes, body: bytes) -> tuple[int, bytes, str, Mapping[str, str]]:
        """Status, body, content type and more headers."""
        if b"/met" in path:
            return 200, json.dumps(asdict(self.met)).encode(), "application/json", {}
        if path.endswith(b"/token"):
            token = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
            return 200, json.dumps(token).encode(), "application/json", {}
        now = asyncio.get_running_loop().time()
        if refusal := self.limits.refusal(now, self.latency):
            self.met.throttled += 1
            return self._throttled(*refusal)
        self.limits.inside += 1
        self.met.requests += 1
        self.met.most_at_once = max(self.met.most_at_once, self.limits.inside)
        more = {"x-ms-dop-hint": str(self.hint)} if self.hint else {}
        return *self._work(path, body), more

    def _throttled(self, why: str, wait: float) -> tuple[int, bytes, str, Mapping[str, str]]:
        error = {"error": {"code": CODES[why], "message": f"The limit of {why} was exceeded."}}
        headers = {"Retry-After": str(max(1, round(wait + 0.5)))}
        return 429, json.dumps(error).encode(), "application/json", headers

    def _work(self, path: bytes, body: bytes) -> tuple[int, bytes, str]:
        if path.endswith(b"/$batch"):
            return 200, self._batch(body), "multipart/mixed; boundary=batchresponse_1"
        if b"CreateMultiple" in path and b"sdkmessagefilters" not in path:
            ids = [one.decode() for one in ROW_ID.findall(body)]
            self.met.rows += len(ids)
            return 200, json.dumps({"Ids": ids}).encode(), "application/json"
        if b"Multiple" in path and b"sdkmessagefilters" not in path:
            self.met.rows += body.count(b'"@odata.type"')
            return 204, b"", "application/json"
        found = [{"sdkmessagefilterid": "1"}] if self.bulk and b"sdkmessage" in path else []
        return 200, json.dumps({"value": found}).encode(), "application/json"

    def _batch(self, body: bytes) -> bytes:
        names = CONTENT_ID.findall(body)
        self.met.rows += len(names)
        part = (
            b"--batchresponse_1\r\nContent-Type: application/http\r\n"
            b"Content-Transfer-Encoding: binary\r\nContent-ID: %b\r\n\r\n"
            b'HTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\nETag: W/"1234567"\r\n'
            b"OData-EntityId: https://sales.example/api/data/v9.2/accounts(%b)\r\n\r\n\r\n"
        )
        return b"".join(part % (name, name) for name in names) + b"--batchresponse_1--\r\n"


class Connection(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, kept alive; one request after another."""

    def __init__(self, service: Service) -> None:
        self.service, self.pieces, self.held, self.wanted = service, [b""], 0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where the answers go."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the whole of a request is here."""
        self.pieces.append(data)
        self.held += len(data)
        if self.held < self.wanted:
            return
        whole = b"".join(self.pieces)
        self.pieces = [whole]
        end = whole.find(END)
        if end < 0:
            return
        found = LENGTH.search(whole, 0, end)
        self.wanted = end + len(END) + (int(found[1]) if found else 0)
        if len(whole) >= self.wanted:
            self._answer(whole.split(b" ", 2)[1], whole[end + len(END) : self.wanted])
            self.pieces, self.held, self.wanted = [whole[self.wanted :]], 0, 0

    def _answer(self, path: bytes, body: bytes) -> None:
        status, content, kind, more = self.service.answer(path, body)
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}"]
        lines += [f"Content-Length: {len(content)}", *(f"{n}: {v}" for n, v in more.items())]
        raw = "\r\n".join([*lines, "", ""]).encode() + content
        if status == 429 or b"/token" in path or b"/met" in path:
            self.transport.write(raw)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self.service.latency, self._leave, raw)

    def _leave(self, raw: bytes) -> None:
        self.service.limits.inside -= 1
        self.transport.write(raw)


async def serve(options: argparse.Namespace) -> None:
    """Until the process is ended."""
    loop, service = asyncio.get_running_loop(), Service(options)
    server = await loop.create_server(lambda: Connection(service), "127.0.0.1", options.port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def options_of(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--no-bulk", action="store_true")
    parser.add_argument("--hint", type=int)
    parser.add_argument("--window", type=float, default=300.0)
    for name, kind in (("requests", int), ("busy", float), ("concurrent", int)):
        parser.add_argument(f"--{name}", type=kind)
    return parser.parse_args(words)


if __name__ == "__main__":
    asyncio.run(serve(options_of(sys.argv[1:])))
