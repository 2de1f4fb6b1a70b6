"""Values from dlt's own configuration: environment, .dlt/secrets.toml, .dlt/config.toml."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from .errors import UnknownAuth
from .settings import REQUIRED, Connection, check_places

PATHS = ("ca_file", "project_dir", "certificate_file")
_C = TypeVar("_C", bound=Connection)

# What the raw layer relies on, wherever the project is run from; a value in .dlt/config.toml wins.
DEFAULTS: dict[str, Any] = {
    "runtime.dlthub_telemetry": False,
    "load.delete_completed_jobs": True,
    "load.truncate_staging_dataset": True,
}


def apply_defaults() -> None:
    """Give dlt the settings this project relies on, where nobody set them."""
    for name, value in DEFAULTS.items():
        if dlt.config.get(name) is None:
            dlt.config[name] = value


def connection_from_config(kind: type[_C]) -> _C:
    """A connection from section [sources.<system>].

    Raises MissingSetting, UnsafeAddress or MixedSettings.
    """
    section = f"sources.{kind.system}"
    values: dict[str, Any] = {}
    for item in fields(kind):
        value: object = dlt.config.get(f"{section}.{item.name}")
        if value is not None:
            values[item.name] = _typed(item.name, value)
    connection = kind(**{"url": "", **values})
    connection.check()
    required = REQUIRED[connection.auth]
    places = {name: _place(name, *section.split(".")) for name in required}
    check_places(kind.system, (connection.url, connection.token_url), places)
    return connection


def path_from_config(name: str, default: str) -> Path:
    """A path of section [p2c]."""
    return Path(str(dlt.config.get(f"p2c.{name}") or default))


def _place(name: str, *sections: str) -> str:
    """The first of dlt's providers that has a value, as dlt itself looks for it."""
    providers = Container()[PluggableRunContext].providers.providers
    found = (p.name for p in providers if p.get_value(name, Any, "", *sections)[0] is not None)
    return str(next(found, "the code"))


def _typed(name: str, value: object) -> object:
    if name in ("page_size", "package_rows"):
        return int(str(value))
    if name in ("package_minutes", "keys_hours", "full_read_hours"):
        return float(str(value))
    if name == "read_by_table":
        return {str(table): str(way) for table, way in dict(value).items()}  # type: ignore[call-overload]
    if name == "auth" and value not in REQUIRED:
        raise UnknownAuth(str(value), list(REQUIRED))
    return Path(str(value)) if name in PATHS else str(value)
