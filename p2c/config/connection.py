"""What it takes to reach a service, checked: no secret gets where it does not belong."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import HttpUrl, TypeAdapter, ValidationError

from p2c.errors import SettingsError
from pipelines.common.address_errors import AddressError
from pipelines.common.settings import Connection, check_addresses, check_places


def checked(system: str, connection: Connection, places: Mapping[str, str]) -> Connection:
    """The connection, if its credentials may be sent to its addresses.

    places: where each required value was found. Raises SettingsError for what is no address, for
    plain http to another machine, and for an address of this machine with credentials from
    elsewhere.
    """
    for name in ("url", "token_url"):
        if value := getattr(connection, name):
            _check_address(value, f"sources.{system}.{name}")
    try:
        check_addresses(system, connection.url, connection.token_url)
        check_places(system, (connection.url, connection.token_url), places)
    except AddressError as error:
        raise SettingsError(str(error)) from None
    return connection


def _check_address(value: str, name: str) -> None:
    try:
        TypeAdapter(HttpUrl).validate_python(value)
    except ValidationError:
        raise SettingsError(
            f"Setting {name} is not an http(s) address: {value!r}; give it complete, such as "
            "https://yourorg.crm4.dynamics.com."
        ) from None
