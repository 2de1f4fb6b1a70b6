"""The two services as the loaders know them, from the settings."""

from __future__ import annotations

from loaders.models import Service, System
from p2c.config.pins import confirm
from p2c.config.settings import Loaded


def services(loaded: Loaded) -> dict[System, Service]:
    """Both services with their credentials, if they are those that were staged.

    Raises SettingsError for the first value missing, WrongEnvironment for other services.
    """
    both: dict[System, Service] = {
        "sales": service(loaded, "sales"),
        "finops": service(loaded, "finops"),
    }
    confirm(loaded, both)
    return both


def service(loaded: Loaded, system: System) -> Service:
    """One service with its credentials; SettingsError names the first value missing."""
    given = loaded.connection(system)
    return Service(
        name=system,
        url=given.url,
        token_url=given.token_url,
        client_id=given.client_id,
        client_secret=given.client_secret,
        api_version=loaded.settings.sources.sales.api_version,
        ca_file=given.ca_file,
    )
