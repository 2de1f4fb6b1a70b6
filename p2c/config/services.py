"""The two services as the loaders know them, from the settings."""

from __future__ import annotations

from loaders.models import Service, System
from p2c.config.context import Context
from p2c.config.pins import confirm
from pipelines.common.azure import identity_source
from pipelines.common.settings import CLIENT_SECRET


def services(context: Context) -> dict[System, Service]:
    """Both services with their credentials, if they are those that were staged.

    Raises SettingsError for the first value missing, WrongEnvironment for other services.
    """
    both: dict[System, Service] = {
        "sales": service(context, "sales"),
        "finops": service(context, "finops"),
    }
    confirm(context, both)
    return both


def service(context: Context, system: System) -> Service:
    """One service with its credentials; SettingsError names the first value missing."""
    connection = context.connection(system)
    return Service(
        name=system,
        url=connection.url,
        token_url=connection.token_url,
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        api_version=context.settings.sources.sales.api_version,
        ca_file=connection.ca_file,
        token_source=None
        if connection.auth == CLIENT_SECRET
        else identity_source(connection, system),
    )
