"""Parts of a path with a namespace: actions and functions of a table or a row, and casts."""

from __future__ import annotations

from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.http import Request
from p2c_sandbox.odata.model import Service
from p2c_sandbox.odata.paths import Segment
from p2c_sandbox.sales import bulk
from p2c_sandbox.sales.elsewhere import ELSEWHERE, PREFIX
from p2c_sandbox.sales.errors import no_resource, not_allowed


def check_bound(service: Service, rest: list[Segment], request: Request) -> None:
    """Let only the bulk messages through. Raises NotOffered for what the service has besides them,
    NotFound for what it does not have either."""
    for segment in rest:
        if segment.name.startswith(PREFIX):
            _check(service, segment.name.removeprefix(PREFIX), request)


def _check(service: Service, name: str, request: Request) -> None:
    if name in bulk.MESSAGES:
        if request.method != "POST":
            raise not_allowed(request)
    elif name in service.by_entity or name in ELSEWHERE.tables:
        raise NotOffered(f"Casts to '{name}' are not offered by the sandbox.")
    elif name == "DeleteMultiple":  # of elastic tables only, and these are the service's words
        raise NotOffered("DeleteMultiple has not yet been implemented.")
    elif ELSEWHERE.has_operation(name):
        raise NotOffered(f"'{name}' is not offered by the sandbox.")
    else:
        raise no_resource(PREFIX + name)
