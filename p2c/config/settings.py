"""The settings of the project, one typed model: names, types, defaults, meanings.

Unknown keys are errors, because a mistyped key that is silently ignored costs a person an
afternoon. Where values come from: `p2c.config.context`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    SettingsConfigDict,
)

from p2c.config.notify_settings import Notify
from p2c.config.section import Section
from p2c.config.upkeep_settings import UpkeepSettings
from pipelines.common.settings import CLIENT_SECRET, Auth, Transport


class SystemSettings(Section):
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
    read_by: Transport = Field(
        default="odata",
        description="How tables are read: `odata`, `package` (data packages) or `auto` (packages "
        "for large tables).",
    )
    read_by_table: dict[str, Transport] = Field(
        default={}, description='The same for single raw tables: `{customers = "package"}`.'
    )
    package_rows: int = Field(
        default=100_000, ge=0, description="Rows from which `auto` reads a table by packages."
    )
    keys_hours: float = Field(
        default=24,
        ge=0,
        description="Hours after which the keys of a table read by changes are read, to find what "
        "was deleted.",
    )
    full_read_hours: float = Field(
        default=168,
        ge=0,
        description="Hours after which a table read by changes is read in full, and what its "
        "changes had not told is reported.",
    )
    write_by: Transport = Field(
        default="odata",
        description="How new records are written: `odata`, `package` (data packages, where a "
        "target can take them) or `auto` (packages for many at once).",
    )
    write_by_set: dict[str, Transport] = Field(
        default={}, description='The same for single entity sets: `{CustomersV2 = "auto"}`.'
    )
    package_creates: int = Field(
        default=5000,
        ge=2,
        description="New records of a target from which `auto` writes packages.",
    )
    package_minutes: float = Field(
        default=60, gt=0, description="Minutes that the job of a package may take."
    )
    rows_per_package: int = Field(
        default=10000, ge=1, description="Rows of a package that is written."
    )


class Sources(Section):
    """The two systems."""

    sales: SalesSettings = SalesSettings()
    finops: FinopsSettings = FinopsSettings()


class RunSettings(Section):
    """Where things are, and what a run may do."""

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
    max_deletions: int = Field(
        default=50,
        ge=0,
        description="Guard: a plan that deactivates or deletes more records stops before its first "
        "write.",
    )
    max_first_contacts: int = Field(
        default=100,
        ge=0,
        description="Guard: a plan in which more linked records meet for the first time stops.",
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
    memory: str = Field(
        default="60%",
        pattern=r"^(100|[1-9]\d?)%$|^\d+(\.\d+)? ?([KMGT]i?B)$",
        description="What DuckDB may take of the machine's memory (of the container's, in one) "
        "before it goes on in a folder beside the warehouse: a share (`60%`) or a size (`4GB`).",
    )
    ledger_days: float = Field(
        default=90,
        ge=1,
        description="Days after which the ledger drops what nothing needs any more; older runs "
        "cannot be undone.",
    )
    prune_after_run: bool = Field(
        default=False,
        description="Drop what is old after a run, once a day; otherwise `p2c prune` does.",
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
    notify: Notify = Notify()
    # The services allow 52 at once for one user (protocols A10); the extract needs one, too.
    workers: Annotated[int, BeforeValidator(lambda value: 50 if value == "auto" else value)] = (
        Field(
            default="auto",
            validate_default=True,
            ge=1,
            le=50,
            description="The most requests at once to each service while writing; `auto` is 50. "
            "How many are sent follows its answers.",
        )
    )


class Project(UpkeepSettings, RunSettings):
    """What concerns this project and neither system."""


class Settings(BaseSettings):
    """All settings. Paths are absolute in a `Context`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_nested_delimiter="__")

    sources: Sources = Sources()
    p2c: Project = Project()
