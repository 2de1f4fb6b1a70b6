"""The Sales service as an ASGI application."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware

from sandbox.odata.app import build
from sandbox.odata.auth import Auth
from sandbox.odata.store import Store
from sandbox.sales.service import SalesService
from sandbox.sales.settings import SalesSettings

ROOT = "/api/data/{version}"


def create_app(
    store: Store,
    auth: Auth,
    *,
    settings: SalesSettings | None = None,
    middleware: Sequence[Middleware] = (),
) -> Starlette:
    """Sales below `/api/data/v9.x/`, tokens at `/<tenant>/oauth2/v2.0/token`.

    `store` comes from `sandbox.sales.base.open_store`; the caller closes it. Faults on request
    plug in as `middleware`, outside of everything else.
    """
    service = SalesService(store, settings)
    return build(service.handle, auth, roots=[ROOT], middleware=middleware)
