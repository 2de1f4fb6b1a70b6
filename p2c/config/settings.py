"""The settings of the project: one model, read from the environment and dlt's two files.

Order of precedence, as dlt has it: environment (`SOURCES__SALES__URL`), `.dlt/secrets.toml`,
`.dlt/config.toml`, the default here. Unknown keys are errors, because a mistyped key that is
silently ignored costs a person an afternoon. Secrets are only asked for by the commands that
need them (`SystemSettings.connection`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from p2c.config.connection import checked
from p2c.config.settings_errors import broken_file, invalid, missing
from p2c.errors import SettingsError
from pipelines.common.settings import CLIENT_SECRET, REQUIRED, Auth, Connection

CONFIG_FILE = ".dlt/config.toml"
SECRETS_FILE = ".dlt/secrets.toml"
ENVIRONMENT = "environment"
DEFAULT = "default"

# Sections of .dlt/config.toml that belong to dlt itself: passed by, never judged here.
DLT_SECTIONS = frozenset(
    ["destination", "extract", "normalize", "load", "runtime", "data_writer", "schema", "pipelines"]
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SystemSettings(_Section):
    """How to reach one of the two systems (OAuth 2.0, scope `<url>/.default`)."""

    url: str | None = Field(default=None, description="Address of the service, without a path.")
    token_url: str | None = Field(
        default=None, description="Complete address of the token endpoint, tenant included."
    )
    client_id: str | None = Field(default=None, description="Application (client) id.")
    client_secret: SecretStr | None = Field(default=None, description="Secret of that application.")
    auth: Auth = Field(
        default=CLIENT_SECRET,
        description="How a token is got: `client_secret`, `certificate` or `managed_identity` (the "
        "last two need the extra `azure`).",
    )
    certificate_file: Path | None = Field(
        default=None,
        description="PEM or PKCS12 file with the private key, for `certificate`; relative to the "
        "project folder.",
    )
    certificate_password: SecretStr | None = Field(
        default=None, description="What opens that file, where it is encrypted."
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file to trust instead of the machine's certificates."
    )


class SalesSettings(SystemSettings):
    """Dynamics 365 Sales (Dataverse Web API)."""

    api_version: str = Field(
        default="v9.2",
        pattern=r"^v\d+\.\d+$",
        description="Version in the address: /api/data/<version>/.",
    )
    page_size: int = Field(
        default=5000, ge=1, le=5000, description="Rows per page; the service allows 5000."
    )


class FinopsSettings(SystemSettings):
    """Dynamics 365 Finance and Operations (OData)."""

    page_size: int = Field(
        default=10000, ge=1, le=10000, description="Rows per page; the service allows 10000."
    )
    customers_entity_set: Literal["CustomersV2", "CustomersV3"] = Field(
        default="CustomersV2", description="The customers entity the tenant has."
    )
    environment: str | None = Field(
        default=None,
        description="Name that warehouse and ledger know it by; by default the address's host.",
    )
    read_before_update: bool = Field(
        default=True,
        description="Read a record again before updating it; off where F&O refuses an old ETag.",
    )


class Sources(_Section):
    """The two systems."""

    sales: SalesSettings = SalesSettings()
    finops: FinopsSettings = FinopsSettings()


class Project(_Section):
    """What concerns this project and neither system."""

    warehouse: Path = Field(
        default=Path("warehouse.duckdb"), description="DuckDB file; relative to the project folder."
    )
    state_dir: Path = Field(
        default=Path(".p2c"),
        description="Folder of the ledger, the pipelines' state and the plans.",
    )
    target_dir: Path = Field(
        default=Path("target"), description="Folder dbt writes its manifest and results into."
    )
    on_missing_column: Literal["stop", "continue"] = Field(
        default="stop",
        description="When a source lacks a declared column: stop the run, or go on with the rest.",
    )
    max_changes: int = Field(
        default=10000,
        ge=1,
        description="Guard: a plan with more changes stops before its first write.",
    )
    max_drop: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Guard: a source that lost a larger share of its rows stops.",
    )
    max_rejected: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Guard: a flow that rejects a larger share of its rows stops.",
    )
    quarantine_after: int = Field(
        default=3,
        ge=1,
        description="Tries that fail the same way before a row is quarantined and not sent again.",
    )
    build_timeout: float = Field(
        default=3600,
        ge=1,
        description="Seconds after which a build that has not ended is stopped.",
    )
    quarantine_hours: float = Field(
        default=24,
        ge=0,
        description="Hours after which a quarantined row is tried once more.",
    )
    max_wait: float = Field(
        default=600,
        ge=1,
        description="Longest Retry-After in seconds that is waited for while writing; a service "
        "that asks for more ends the run.",
    )
    stop_after: int = Field(
        default=50,
        ge=1,
        description="Rows of a target that are refused in a row with the same words before it "
        "stops; its rest stays planned.",
    )
    # The services allow 52 at once for one user (protocols A10); the extract needs one, too.
    workers: int = Field(default=4, ge=1, le=50, description="Requests at once while writing.")


class Settings(BaseSettings):
    """All settings. Paths are absolute once loaded by `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_nested_delimiter="__")

    sources: Sources = Sources()
    p2c: Project = Project()


@dataclass(frozen=True)
class Context:
    """Settings with the project folder they belong to and where each value came from."""

    project_dir: Path
    settings: Settings
    origins: dict[str, str]
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
    """Read and check the settings of a project; SettingsError names the first wrong one."""
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
