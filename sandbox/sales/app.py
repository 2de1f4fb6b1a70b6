"""The Sales service as an ASGI application."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware

from sandbox.limits import Gate
from sandbox.odata.app import build
from sandbox.odata.auth import Auth
from sandbox.odata.http import Handler
from sandbox.odata.store import Store
from sandbox.sales.errors import throttled
from sandbox.sales.service import SalesService
from sandbox.sales.settings import SalesSettings

ROOT = "/api/data/{version}"


def create_app(
    store: Store,
    auth: Auth,
    *,
    settings: SalesSettings | None = None,
    middleware: Sequence[Middleware] = (),
    around: Callable[[Handler], Handler] = lambda handler: handler,
) -> Starlette:
    """Sales below `/api/data/v9.x/`, tokens at `/<tenant>/oauth2/v2.0/token`.

    `store` comes from `sandbox.sales.base.open_store`; the caller closes it. Faults on request
    plug in as `middleware`, outside of everything else, and as `around` the single requests.
    """
    settings = settings or SalesSettings()
    service = SalesService(store, settings, around)
    gate = Gate(settings, throttled)
    return build(service.answer, auth, roots=[ROOT], gate=gate, middleware=middleware)
