"""What it takes to reach a service, checked: no secret gets where it does not belong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import HttpUrl, TypeAdapter, ValidationError

from p2c.errors import SettingsError
from pipelines.common.address_errors import AddressError
from pipelines.common.settings import Connection, check_addresses, check_places


def complete(
    system: str, values: Mapping[str, str], places: Mapping[str, str], ca_file: Path | None
) -> Connection:
    """The connection out of settings and the places they were found in.

    Raises SettingsError for what is no address, for plain http to another machine, and for an
    address of this machine with credentials from elsewhere.
    """
    url = _address(values["url"], f"sources.{system}.url")
    token_url = _address(values["token_url"], f"sources.{system}.token_url")
    try:
        check_addresses(system, url, token_url)
        check_places(system, (url, token_url), places)
    except AddressError as error:
        raise SettingsError(str(error)) from None
    return Connection(url, token_url, values["client_id"], values["client_secret"], ca_file)


def _address(value: str, name: str) -> str:
    try:
        TypeAdapter(HttpUrl).validate_python(value)
    except ValidationError:
        raise SettingsError(
            f"Setting {name} is not an http(s) address: {value!r}; give it complete, such as "
            "https://yourorg.crm4.dynamics.com."
        ) from None
    return value.rstrip("/")
