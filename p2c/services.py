"""The two services as the loaders know them, from the settings."""

from __future__ import annotations

from loaders import Service
from loaders.models import System
from p2c.settings import Loaded


def services(loaded: Loaded) -> dict[System, Service]:
    """Both services with their credentials; SettingsError names the first value missing."""
    sales, finops = loaded.connection("sales"), loaded.connection("finops")
    version = loaded.settings.sources.sales.api_version
    return {
        "sales": Service(
            "sales",
            sales.url,
            sales.token_url,
            sales.client_id,
            sales.client_secret,
            version,
            sales.ca_file,
        ),
        "finops": Service(
            "finops",
            finops.url,
            finops.token_url,
            finops.client_id,
            finops.client_secret,
            ca_file=finops.ca_file,
        ),
    }
