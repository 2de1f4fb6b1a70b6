"""What a test of the whole loop stands on: two services, a warehouse of its own, and `p2c`.

Nothing here knows the models: services are read over HTTP, `p2c` runs as a person runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import httpx
from p2c_sandbox.process import Running, Service

from tests.parsed import FILE, parsed

PROJECT = Path(__file__).resolve().parents[2]
SALES_PATH = "/api/data/v9.2/"
FINOPS_PATH = "/data/"
# As `p2c` itself, and from the package beside the working directory where a test copied one.
COMMAND = [sys.executable, "-m", "p2c"]
CODE = ("p2c", "pipelines", "loaders", "models", "macros", "seeds", "dbt_project.yml",
        "profiles.yml", "tests/dbt")  # fmt: skip
COUNTED = ("filtered", "identical", "create", "update", "deactivate", "rejected", "blocked",
           "conflict")  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """One service over HTTP: money as Decimal, pages followed."""

    base: str
    token: str

    @classmethod
    def connect(cls, service: Service, path: str, client_id: str, client_secret: str) -> Api:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": f"{service.url}/.default",
        }
        answer = httpx.post(service.token_url, data=form, trust_env=False).raise_for_status()
        return cls(f"{service.url}{path}", answer.json()["access_token"])

    def rows(self, entity_set: str, query: str = "") -> list[Row]:
        """All rows, all columns."""
        found: list[Row] = []
        link: str | None = f"{entity_set}?{query}"
        with self._open() as http:
            while link:
                answer = http.get(link).raise_for_status()
                document = json.loads(answer.text, parse_float=Decimal)
                found += document["value"]
                link = document.get("@odata.nextLink")
        return found

    def create(self, entity_set: str, values: Row) -> None:
        with self._open() as http:
            http.post(entity_set, json=values).raise_for_status()

    def update(self, record: str, values: Row) -> None:
        """Change a record that is there, as a person in that system would."""
        with self._open() as http:
            http.patch(record, json=values, headers={"If-Match": "*"}).raise_for_status()

    def delete(self, record: str) -> None:
        with self._open() as http:
            http.delete(record).raise_for_status()

    def _open(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.base, headers=headers, timeout=60, trust_env=False)


@dataclass(frozen=True)
class Snapshot:
    """What both services held at one moment, read when the fixture was made."""

    accounts: list[Row]
    businessunits: list[Row]
    currencies: list[Row]
    organization: Row
    pricelevels: list[Row]
    products: list[Row]
    items: list[Row]
    uoms: list[Row]
    unit_groups: list[Row]
    customers: dict[tuple[str, str], Row]
    released: list[Row]


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    exit: int
    out: str
    err: str

    @cached_property
    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)

    @property
    def flows(self) -> dict[tuple[str, str], Row]:
        """Counts by flow and target, whatever flows there are."""
        return {(flow["flow"], flow["target"]): flow for flow in self.json["flows"]}


@dataclass(frozen=True)
class World:
    """A sandbox with a warehouse, and the settings that lead `p2c` to both.

    `patience` is how many seconds a command may take.
    """

    sandbox: Running
    folder: Path
    project: Path = PROJECT
    settings: Mapping[str, str] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()
    patience: int = 280

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @cached_property
    def sales(self) -> Api:
        return Api.connect(self.sandbox.sales, SALES_PATH, *self._secret)

    @cached_property
    def finops(self) -> Api:
        return Api.connect(self.sandbox.finops, FINOPS_PATH, *self._secret)

    @property
    def _secret(self) -> tuple[str, str]:
        return self.sandbox.client_id, self.sandbox.client_secret

    def p2c(self, *words: str) -> Answer:
        """Run a command to its end. No setting of the machine's own reaches it."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=self.project,
            env=self._environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=self.patience,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        parsed().lay(self.folder / "target", self.warehouse)
        found = _without_ours() | self._pointing() | dict(self.settings)
        return {name: value for name, value in found.items() if name not in self.unset}

    def _pointing(self) -> dict[str, str]:
        found = {
            "P2C_PROJECT_DIR": str(self.project),
            "P2C__WAREHOUSE": str(self.warehouse),
            "P2C__STATE_DIR": str(self.folder / "state"),
            "P2C__TARGET_DIR": str(self.folder / "target"),
            "P2C_SANDBOX_DIR": str(self.sandbox.directory),
        }
        for name, service in (("SALES", self.sandbox.sales), ("FINOPS", self.sandbox.finops)):
            found |= {
                f"SOURCES__{name}__URL": service.url,
                f"SOURCES__{name}__TOKEN_URL": service.token_url,
                f"SOURCES__{name}__CLIENT_ID": self.sandbox.client_id,
                f"SOURCES__{name}__CLIENT_SECRET": self.sandbox.client_secret,
            }
        return found

    def with_settings(self, **settings: str) -> World:
        """The same world with other settings."""
        return replace(self, settings={**self.settings, **settings})

    def without(self, *names: str) -> World:
        """The same world with these settings set nowhere."""
        return replace(self, unset=self.unset | {*names})

    def in_copy(self, folder: Path) -> World:
        """The same world with a copy of the project's files, to be changed."""
        for name in CODE:
            source, target = PROJECT / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)
        (folder / ".dlt").mkdir()
        shutil.copyfile(PROJECT / ".dlt/config.toml", folder / ".dlt/config.toml")
        return replace(self, project=folder)

    def with_copied_warehouse(self, folder: Path) -> World:
        """The same services, and a copy of all that was staged and remembered so far."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(FILE))
        return replace(self, folder=folder)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def content(self) -> dict[str, tuple[Any, ...]]:
        """Rows and a hash of each table of the warehouse; {} when there is no warehouse.

        Without the ledger's copy: every command brings that up to date before it does anything.
        """
        if not self.warehouse.exists():
            return {}
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            names = connection.execute(
                "select table_schema || '.\"' || table_name || '\"' from information_schema.tables "
                "where table_type = 'BASE TABLE' "
                "and table_schema not in ('information_schema', 'ledger')"
            ).fetchall()
            sql = "select count(*), bit_xor(hash(one)) from {} as one"
            return {
                name: connection.execute(sql.format(name)).fetchone() or () for (name,) in names
            }

    def look(self) -> Snapshot:
        """Read both services directly."""
        customers = self.finops.rows("CustomersV2", "cross-company=true")
        return Snapshot(
            accounts=self.sales.rows("accounts"),
            businessunits=self.sales.rows("businessunits"),
            currencies=self.sales.rows("transactioncurrencies"),
            organization=self.sales.rows("organizations")[0],
            pricelevels=self.sales.rows("pricelevels"),
            products=self.sales.rows("products"),
            items=self.sales.rows("productpricelevels"),
            uoms=self.sales.rows("uoms"),
            unit_groups=self.sales.rows("uomschedules"),
            customers={(row["dataAreaId"], row["CustomerAccount"]): row for row in customers},
            released=self.finops.rows("SellableReleasedProducts", "cross-company=true"),
        )


def _without_ours() -> dict[str, str]:
    ours = ("SOURCES__", "P2C_", "DBT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"RUNTIME__DLTHUB_TELEMETRY": "false", "PYTHONDONTWRITEBYTECODE": "1"}


def adds_up(flow: Row) -> bool:
    """Every source record has exactly one fate."""
    return flow["source_rows"] == sum(flow[name] for name in COUNTED)


def outcomes_add_up(flow: Row) -> bool:
    """And every change has exactly one outcome."""
    planned = sum(flow[name] for name in ("create", "update", "deactivate"))
    names = ("written", "failed", "stale", "blocked_at_write", "unsent")
    return planned == sum(flow.get(name, 0) for name in names)
