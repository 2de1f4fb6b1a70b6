"""The settings of a project with their folder and origins, as every command gets them.

Order of precedence, as dlt has it: environment (`SOURCES__SALES__URL`), `.dlt/secrets.toml`,
`.dlt/config.toml`, the default. Secrets are asked for by the commands that need them
(`Context.connection`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

from p2c.config.connection import checked
from p2c.config.settings import Settings
from p2c.config.settings_errors import broken_file, invalid, missing
from p2c.errors import SettingsError
from pipelines.common import memory
from pipelines.common.settings import REQUIRED, Connection

CONFIG_FILE = ".dlt/config.toml"
SECRETS_FILE = ".dlt/secrets.toml"
ENVIRONMENT = "environment"
DEFAULT = "default"

# Sections of .dlt/config.toml that belong to dlt itself: passed by, never judged here.
DLT_SECTIONS = frozenset(
    ["destination", "extract", "normalize", "load", "runtime", "data_writer", "schema", "pipelines"]
)


@dataclass(frozen=True)
class Context:
    """Settings with the project folder they belong to and where each value came from."""

    project_dir: Path
    settings: Settings
    origins: dict[str, str]
    # Seconds to wait for a warehouse that another process holds (`--wait`).
    wait: float = 0.0
    # What a service answered about itself, so that a command asks it once.
    answered: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def path(self, name: str) -> Path:
        """A path of section [p2c] by its setting's name, absolute."""
        path: Path = getattr(self.settings.p2c, name)
        return (self.project_dir / path).resolve()

    @property
    def warehouse(self) -> Path:
        """The DuckDB file, absolute."""
        return self.path("warehouse")

    def connection(self, system: Literal["sales", "finops"]) -> Connection:
        """Everything needed to reach `system`; SettingsError names the first value missing."""
        sources = self.settings.sources
        section = sources.sales if system == "sales" else sources.finops
        required = REQUIRED[section.auth]
        for name in required:
            if not _clear(getattr(section, name)):
                raise SettingsError(missing(f"sources.{system}.{name}", self.project_dir))
        places = {name: self.origins.get(f"sources.{system}.{name}", DEFAULT) for name in required}
        connection = Connection(
            url=_clear(section.url).rstrip("/"),
            token_url=_clear(section.token_url).rstrip("/"),
            client_id=_clear(section.client_id),
            client_secret=_clear(section.client_secret),
            ca_file=self._file(section.ca_file),
            page_size=section.page_size,
            project_dir=self.project_dir,
            auth=section.auth,
            certificate_file=self._file(section.certificate_file),
            certificate_password=_clear(section.certificate_password),
        )
        return checked(system, connection, places)

    def _file(self, path: Path | None) -> Path | None:
        return self.project_dir / path if path else None


def load(project_dir: Path) -> Context:
    """Read and check the settings of a project; SettingsError names the first wrong one.

    From then on this process and its children open the warehouse with the memory that they grant.
    """
    layers = _layers(project_dir)
    read = {origin: _read(source, origin) for origin, source in layers.items()}
    origins = _origins(read)

    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(layers.values())

    try:
        settings = Layered()
    except ValidationError as error:
        raise SettingsError(invalid(error, origins, Settings)) from None
    os.environ[memory.VARIABLE] = settings.p2c.memory
    return Context(project_dir, settings, origins)


class _Toml(TomlConfigSettingsSource):
    """One of dlt's files, without the sections that are dlt's own."""

    def __call__(self) -> dict[str, Any]:
        return {key: value for key, value in super().__call__().items() if key not in DLT_SECTIONS}


def _layers(project_dir: Path) -> dict[str, PydanticBaseSettingsSource]:
    layers: dict[str, PydanticBaseSettingsSource] = {ENVIRONMENT: EnvSettingsSource(Settings)}
    for name in (SECRETS_FILE, CONFIG_FILE):
        try:
            layers[name] = _Toml(Settings, toml_file=project_dir / name)
        except ValueError as error:  # tomllib.TOMLDecodeError, UnicodeDecodeError
            raise SettingsError(broken_file(name, error)) from None
    return layers


def _read(source: PydanticBaseSettingsSource, origin: str) -> dict[str, Any]:
    try:
        return source()
    except ValueError as error:
        raise SettingsError(broken_file(origin, error)) from None


def _origins(read: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Dotted setting → the first place, in order of precedence, that gives it a value."""
    origins: dict[str, str] = {}
    for origin, values in read.items():
        for name in _leaves(values):
            origins.setdefault(name, origin)
    return origins


def _leaves(values: dict[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in values.items():
        dotted = f"{prefix}{key}"
        names += _leaves(value, f"{dotted}.") if isinstance(value, dict) else [dotted]
    return names


def _clear(value: str | Path | SecretStr | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
