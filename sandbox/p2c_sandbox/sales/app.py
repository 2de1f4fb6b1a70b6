"""The Sales service as an ASGI application."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from p2c_sandbox.odata.app import build
from p2c_sandbox.odata.auth import Auth
from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.http import Handler
from p2c_sandbox.odata.limits import Limiter
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.errors import error_body, throttled
from p2c_sandbox.sales.service import SalesService
from p2c_sandbox.sales.settings import SalesSettings

ROOT = "/api/data/{version}"
# Search, discovery, the organisation service over SOAP and OData 2.
_OTHERS = ("/api/search", "/api/discovery", "/XRMServices")


def create_app(
    store: Store,
    auth: Auth,
    *,
    settings: SalesSettings | None = None,
    middleware: Sequence[Middleware] = (),
    around: Callable[[Handler], Handler] = lambda handler: handler,
) -> Starlette:
    """Sales below `/api/data/v9.x/`, tokens at `/<tenant>/oauth2/v2.0/token`.

    `store` comes from `p2c_sandbox.sales.base.open_store`; the caller closes it. Faults on request
    plug in as `middleware`, outside of everything else, and as `around` the single requests.
    """
    settings = settings or SalesSettings()
    service = SalesService(store, settings, around)
    limiter = Limiter(settings, throttled)
    routes = not_offered_routes()
    return build(
        service.answer, auth, roots=[ROOT], limiter=limiter, middleware=middleware, routes=routes
    )


def not_offered_routes() -> list[Route]:
    """Other interfaces of Dataverse say that they are not here, and not that nobody knows them."""

    async def answer(http: Request) -> JSONResponse:
        error = NotOffered(f"The sandbox does not offer {http.url.path}: it has /api/data only.")
        return JSONResponse(error_body(error, details=False), error.status)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route(root + "/{rest:path}", answer, methods=methods) for root in _OTHERS]
