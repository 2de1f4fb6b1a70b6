"""Files that clients put and get by address alone, as in Azure Storage: the address is the key."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ROOT = "/.blobs"
# The service keeps files for 7 days; here the oldest ones make room.
MOST, MOST_BYTES = 100, 2 << 30


class Blobs:
    """Files in memory. Their addresses carry a signature instead of a bearer token, and end."""

    def __init__(self, seconds: float = 3600, clock: Callable[[], float] = time.time) -> None:
        self.seconds, self.clock = seconds, clock
        self._key = secrets.token_bytes(16)
        self._held: OrderedDict[str, bytes] = OrderedDict()

    def url(self, host: str, name: str) -> str:
        """Address for one file; `host` is scheme, name and port of the service."""
        end = f"{self.clock() + self.seconds:.3f}"
        return f"{host}{ROOT}/{name}?se={end}&sig={self._signature(name, end)}"

    def read(self, url: str) -> bytes | None:
        """The file at one of our addresses; None when there is none."""
        parts = urlsplit(url)
        name = parts.path.removeprefix(f"{ROOT}/")
        return self._held.get(name) if self._signed(name, parts.query) else None

    def put(self, name: str, content: bytes) -> None:
        """Keep a file."""
        self._held[name] = content
        while len(self._held) > MOST or (len(self._held) > 1 and self._bytes() > MOST_BYTES):
            self._held.popitem(last=False)

    def routes(self) -> list[Route]:
        """Where the files are put and got over HTTP."""
        path = ROOT + "/{name}"
        return [Route(path, self._put, methods=["PUT"]), Route(path, self._get, methods=["GET"])]

    async def _put(self, http: Request) -> Response:
        name = http.path_params["name"]
        if not self._signed(name, http.url.query):
            return Response(status_code=403)
        if http.headers.get("x-ms-blob-type") != "BlockBlob":
            return Response("An HTTP header that's mandatory: x-ms-blob-type.", status_code=400)
        self.put(name, await http.body())
        return Response(status_code=201)

    async def _get(self, http: Request) -> Response:
        name = http.path_params["name"]
        if not self._signed(name, http.url.query):
            return Response(status_code=403)
        content = self._held.get(name)
        return Response(status_code=404) if content is None else Response(content)

    def _signed(self, name: str, query: str) -> bool:
        found = {key: values[0] for key, values in parse_qs(query).items()}
        signature, end = found.get("sig", ""), found.get("se", "")
        good = hmac.compare_digest(signature.encode(), self._signature(name, end).encode())
        return good and self.clock() < float(end)

    def _signature(self, name: str, end: str) -> str:
        return hmac.new(self._key, f"{name}\n{end}".encode(), "sha256").hexdigest()

    def _bytes(self) -> int:
        return sum(map(len, self._held.values()))
