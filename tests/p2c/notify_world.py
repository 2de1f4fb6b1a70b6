"""A webhook on this machine that notes what is posted to it and answers as it is asked to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Webhook:
    """`answers`: status codes in turn, the last one for good; `hanging`: until it is let go."""

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    location: str = ""
    text: bytes = b"taken"
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    hanging: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret"

    @property
    def events(self) -> list[str]:
        return [body["event"] for body in self.bodies]

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """It is gone, with every request it holds, when the block ends."""
    found = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.bodies.append(json.loads(body))
            found.headers.append(dict(self.headers))
            if found.hanging:
                found.go_on.wait()
            self.send_response(found.answer())
            if found.location:
                self.send_header("Location", found.location)
            self.send_header("Content-Length", str(len(found.text)))
            self.end_headers()
            self.wfile.write(found.text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield found
        finally:
            found.go_on.set()
            server.shutdown()
            serving.join()


def settings(project: Path, **values: object) -> None:
    """Section [p2c.notify] of a project; values as TOML writes them, which is nearly as JSON."""
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    path = project / ".dlt/secrets.toml"
    text = path.read_text(encoding="utf-8").partition("[p2c.notify]")[0]
    path.write_text(f"{text}[p2c.notify]\n{lines}\n", encoding="utf-8")
