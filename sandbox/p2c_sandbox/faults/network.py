"""Faults between the service and its client: late, broken and foreign answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from p2c_sandbox.faults.model import Fault, Service
from p2c_sandbox.faults.registry import OF_TOKENS, Asked, Faults
from p2c_sandbox.odata.auth import Auth

DELAYS = frozenset({"latency", "slow_start"})
ALWAYS = frozenset(
    {
        "html", "html_after", "drop_before", "drop_after", "drop_midbody", "truncated",
        "expired_token",
    }
)  # fmt: skip
READS = ALWAYS | {"short_page"}
_DOWN = (
    "<h2>Our services aren't available right now</h2>"
    "<p>{}. We're working to restore all services as soon as possible.</p>"
)
_BLOCKED = "<h2>{}</h2><p>The gateway did not let the answer through.</p>"


@dataclass(frozen=True)
class _Answer:
    """A whole answer that is not sent yet."""

    start: Message
    body: bytes

    def with_body(self, body: bytes) -> _Answer:
        """The same answer with another body of the right length."""
        headers = [pair for pair in self.start["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        return _Answer({**self.start, "headers": headers}, body)


class NetworkFaults:
    """ASGI middleware in front of one service."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        service: Service,
        auth: Auth,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app = app
        self.faults = faults
        self.service = service
        self.auth = auth
        self.sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Asked(self.service, scope["method"], scope["path"])
        if (late := self.faults.take(DELAYS, asked)) is not None:
            await self.sleep(late.seconds)
        fault = self.faults.take(_possible(asked), asked)
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "drop_before":
            await _drop(scope, receive)
        elif fault.kind == "html":
            await _send(send, _page(fault))
        elif fault.kind == "expired_token":
            self.auth.expire_all()
            await self.app(scope, receive, send)
        elif fault.kind == "cut_upload":
            await self.app(scope, _half_of(receive), send)
        elif fault.kind == "short_token":
            await self._shorten(fault, scope, receive, send)
        else:
            await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Faults that strike when the service has done its work."""
        answer = await self._answer(scope, receive)
        if fault.kind == "drop_midbody":
            await send(answer.start)
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        if fault.kind in ("drop_after", "drop_midbody"):
            await _drop(scope, receive)
        elif fault.kind == "html_after":
            await _send(send, _page(fault))
        elif fault.kind == "short_page":
            await _send(send, _shorter(answer, fault.rows))
        else:
            await _send(send, answer.with_body(answer.body[: len(answer.body) // 2]))

    async def _shorten(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """The token says that it lives an hour; the service will not have it that long."""
        answer = await self._answer(scope, receive)
        token = orjson.loads(answer.body).get("access_token")
        if token is not None:
            self.auth.shorten(token, seconds=fault.seconds, requests=fault.requests)
        await _send(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> _Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        return _Answer(messages[0], b"".join(m.get("body", b"") for m in messages[1:]))


def _possible(asked: Asked) -> frozenset[str]:
    kinds = READS if asked.method == "GET" else ALWAYS
    if asked.method == "PUT":
        kinds |= {"cut_upload"}
    return kinds | OF_TOKENS if "/oauth2/" in asked.path else kinds


async def _send(send: Send, answer: _Answer) -> None:
    await send(answer.start)
    await send({"type": "http.response.body", "body": answer.body})


def _half_of(receive: Receive) -> Receive:
    """The first half of a request's body, as if it were all of it."""

    async def half() -> Message:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return {"type": "http.request", "body": body[: len(body) // 2], "more_body": False}

    return half


async def _drop(scope: Scope, receive: Receive) -> None:
    """Close the connection, what was sent of the answer aside. Without a network an exception
    stands for it; the server puts the transport into the state (`p2c_sandbox.serve`)."""
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("The connection was dropped on request.")
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def _page(fault: Fault) -> _Answer:
    phrase = HTTPStatus(fault.status).phrase
    body = (
        f"<!DOCTYPE html><html><head><title>{fault.status} {phrase}</title></head>"
        f"<body>{(_DOWN if fault.status >= 500 else _BLOCKED).format(phrase)}</body></html>"
    ).encode()
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    if fault.retry_after is not None and fault.status == 503:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    start = {"type": "http.response.start", "status": fault.status, "headers": headers}
    return _Answer(start, b"").with_body(body)


def _shorter(answer: _Answer, rows: int) -> _Answer:
    """A page that ends too early; an answer that is no page stays as it is."""
    try:
        document = orjson.loads(answer.body)
        document["value"] = document["value"][:-rows]
    except (ValueError, KeyError, TypeError):
        return answer
    document.pop("@odata.nextLink", None)
    return answer.with_body(orjson.dumps(document))
