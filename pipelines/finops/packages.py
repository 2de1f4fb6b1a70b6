"""The package API over the client that reads OData."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.client import ODataClient
from ..common.errors import AccessDenied, ServiceRefused, UnknownTable
from ..common.package_errors import ActionRefused
from ..common.packages import ACTIONS, PackageActions, Patience


def package_actions(
    client: ODataClient, about: str, patience: Patience | None = None
) -> PackageActions:
    """The actions for one table; every refusal is an ActionRefused that names it."""

    def send(action: str, body: Mapping[str, object], again: bool) -> Any:  # noqa: ANN401 - JSON
        try:
            return client.post(ACTIONS + action, body, again=again)
        except ServiceRefused as error:
            status, message = error.status, error.message
        except UnknownTable as error:
            status, message = 404, error.reason
        except AccessDenied as error:
            status, message = 403, error.reason
        raise ActionRefused(client.system, about, action, status, message)

    return PackageActions(send, patience or Patience())
