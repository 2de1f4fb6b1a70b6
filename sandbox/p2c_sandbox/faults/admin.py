"""The endpoint that sets faults, at a path that neither service has."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from p2c_sandbox.faults.model import Fault
from p2c_sandbox.faults.registry import Faults
from p2c_sandbox.odata.auth import Credentials

PATH = "/.sandbox/faults"
LOOPBACK = ("127.0.0.1", "::1")
_LIST = TypeAdapter(list[Fault])


class Admin:
    """ASGI middleware: answers PATH to this machine's holder of the secret, and to nobody else.

    GET lists the faults, PUT sets them, POST adds some, DELETE clears them. HTTP basic
    authentication with the client id and secret; whoever fails sees what any unknown path shows.
    """

    def __init__(self, app: ASGIApp, *, faults: Faults, credentials: Credentials) -> None:
        self.app = app
        self.faults = faults
        self.credentials = credentials
        self._methods: dict[str, Callable[[Request], Awaitable[None]]] = {
            "GET": self._nothing,
            "PUT": self._set,
            "POST": self._add,
            "DELETE": self._clear,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not self._admits(scope):
            await self.app(scope, receive, send)
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        host = (scope.get("client") or ("", 0))[0]
        header = Request(scope).headers.get("authorization", "")
        wanted = f"{self.credentials.client_id}:{self.credentials.client_secret}"
        return host in LOOPBACK and hmac.compare_digest(_decoded(header), wanted.encode())

    async def _answer(self, request: Request) -> Response:
        act = self._methods.get(request.method)
        if act is None:
            return Response(status_code=405)
        try:
            await act(request)
        except ValidationError as error:
            return JSONResponse({"error": _sentence(error)}, 400)
        found = self.faults.struck()
        return JSONResponse(
            [{"fault": fault.model_dump(), "struck": count} for fault, count in found]
        )

    async def _nothing(self, _: Request) -> None:
        return

    async def _set(self, request: Request) -> None:
        self.faults.replace(_LIST.validate_json(await request.body()))

    async def _add(self, request: Request) -> None:
        self.faults.add(_LIST.validate_json(await request.body()))

    async def _clear(self, _: Request) -> None:
        self.faults.replace(())


def _decoded(authorization: str) -> bytes:
    scheme, _, word = authorization.partition(" ")
    try:
        return base64.b64decode(word) if scheme.lower() == "basic" else b""
    except binascii.Error:
        return b""


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"Fault {where}: {first['msg']}."
