"""The HTTP side of a service: token endpoint, bearer check, and a handler behind Starlette."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from p2c_sandbox.odata.auth import Auth
from p2c_sandbox.odata.http import Handler, Headers, Request, Response
from p2c_sandbox.odata.limits import Limiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.middleware import Middleware

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "MERGE"]


def build(
    handler: Handler,
    auth: Auth,
    *,
    roots: Sequence[str],
    limiter: Limiter,
    middleware: Sequence[Middleware] = (),
    routes: Sequence[Route] = (),
    on_close: Callable[[], None] = lambda: None,
) -> Starlette:
    """Application that answers below each of `roots` (Starlette path patterns without slash at
    the end, e.g. `/data`). Who has a token passes `limiter`; faults plug in as `middleware`.
    `routes` are further ones, outside of the roots and without token."""

    async def serve(http: HttpRequest) -> HttpResponse:
        if not auth.accepts(http.headers.get("authorization", "")):
            return _unauthorized(http)
        if (refused := limiter.enter()) is not None:
            return _sent(refused)
        try:
            request = _request(http, await http.body())
            return _sent(await run_in_threadpool(limiter.run, handler, request))
        finally:
            limiter.leave()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        on_close()

    all_routes = [
        *routes,
        Route("/{tenant}/oauth2/token", _token_endpoint(auth, 1), methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/token", _token_endpoint(auth, 2), methods=["POST"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", _authority),
    ]
    for root in roots:
        all_routes.append(Route(root, serve, methods=_METHODS))
        all_routes.append(Route(root + "/{path:path}", serve, methods=_METHODS))
    return Starlette(routes=all_routes, middleware=list(middleware), lifespan=lifespan)


def _sent(response: Response) -> HttpResponse:
    return HttpResponse(response.body, response.status, dict(response.headers))


def _token_endpoint(auth: Auth, version: int) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    async def token(http: HttpRequest) -> HttpResponse:
        form = dict(parse_qsl((await http.body()).decode("utf-8", "replace")))
        answer = auth.token(form, version=version)
        return JSONResponse(answer.body, answer.status)

    return token


async def _authority(http: HttpRequest) -> HttpResponse:
    """Where the identity provider has what; client libraries ask this first."""
    root = f"{http.url.scheme}://{http.url.netloc}/{http.path_params['tenant']}"
    return JSONResponse(
        {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
    )


def _request(http: HttpRequest, body: bytes) -> Request:
    """The path keeps its URL encoding, which keys with quotes and slashes need."""
    raw = http.scope["raw_path"].decode("latin-1").partition("?")[0]
    tail = http.path_params.get("path", "")
    whole = http.scope["path"]
    root_parts = whole[: len(whole) - len(tail)].strip("/").split("/")
    parts = raw.lstrip("/").split("/", len(root_parts))
    path = parts[len(root_parts)] if len(parts) > len(root_parts) else ""
    base = f"{http.url.scheme}://{http.url.netloc}/{'/'.join(parts[: len(root_parts)])}"
    query = http.scope["query_string"].decode("latin-1")
    return Request(http.method, base, path, query, _headers(http), body)


def _headers(http: HttpRequest) -> Headers:
    """A header that comes twice (`Prefer` does in the documentation) is one with commas."""
    joined = {name: ", ".join(http.headers.getlist(name)) for name in set(http.headers.keys())}
    return Headers.of(joined)


def _unauthorized(http: HttpRequest) -> HttpResponse:
    """A1/B1: no token, or one that has expired. The real answer has no body."""
    resource = f"{http.url.scheme}://{http.url.netloc}/"
    challenge = (
        f'Bearer authorization_uri="{resource}common/oauth2/authorize", resource_id="{resource}"'
    )
    return HttpResponse(status_code=401, headers={"WWW-Authenticate": challenge})
