"""A small warehouse with candidates, as a build leaves it, and the seed beside it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
HEADER = "entity,sales_id,data_area_id,finops_key,decision,reason\n"
# entity, company, id, number, name, e-mail
SALES = [
    ("customers", "usmf", "a-1", "ACC-1", "Contoso GmbH", "info@contoso.com"),
    ("customers", "usmf", "a-2", "ACC-2", "Fabrikam", "hello@fabrikam.com"),
    ("customers", "usmf", "a-3", "ACC-3", "Adatum", None),
    ("customers", "usmf", "a-4", "ACC-4", "Northwind", None),
    ("customers", "usmf", "a-6", "ACC-6", "Globex", None),
    ("customers", "demf", "a-6", "ACC-6", "Globex", None),
    ("customers", "usmf", "a-7", "ACC-7", "=1+1", "@home"),
    ("customers", "usmf", "a-8", "ACC-8", "Litware", "post@litware.com"),
    ("contacts", "usmf", "c-1", "ACC-1", "Ann Beebe", "ann@contoso.com"),
    ("products", "", "p-1", "BOLT", "Bolt M8", None),
]
# entity, table, company, key, name, e-mail
FINOPS = [
    ("customers", "customers", "usmf", "00123", "Contoso", "info@contoso.com"),
    ("customers", "customers", "usmf", "0123", "Contoso Old", None),
    ("customers", "customers", "usmf", "US-2", "Fabrikam Inc", "hello@fabrikam.com"),
    ("customers", "customers", "usmf", "US-3", "Fabrikam Old", None),
    ("customers", "customers", "usmf", "US-4", "Northwind Ltd", None),
    ("customers", "customers", "usmf", "US-6", "Globex", None),
    ("customers", "customers", "demf", "DE-6", "Globex", None),
    ("customers", "customers", "usmf", "-7", "+1+1", None),
    ("customers", "customers", "usmf", "US-8", "Litware Inc", None),
    ("customers", "customers", "usmf", "US-9", "Litware", "post@litware.com"),
    ("contacts", "contact_persons", "usmf", "P-1", "A. Beebe", "ann@contoso.com"),
    ("contacts", "customers", "usmf", "P-9", "Ann Beebe", None),
    ("products", "products", "", "1234567890123", "Bolt M8 zinc", None),
    ("products", "products", "", "100000", "Bolt M10", None),
]
# entity, table, company, id, key, rule, score, status or reason of the review
CANDIDATES = [
    ("customers", "customers", "usmf", "a-1", "00123", "phone_and_name", 88, "score"),
    ("customers", "customers", "usmf", "a-2", "US-2", "name_and_address", 96, "tie"),
    ("customers", "customers", "usmf", "a-2", "US-3", "name_and_address", 96, "tie"),
    ("customers", "customers", "usmf", "a-3", "US-4", "phone", 70, "taken"),
    ("customers", "customers", "usmf", "a-4", "US-4", "email_and_name", 98, "linked"),
    ("customers", "customers", "usmf", "a-6", "US-6", "name", 72, "score"),
    ("customers", "customers", "demf", "a-6", "DE-6", "name", 72, "score"),
    ("customers", "customers", "usmf", "a-7", "-7", "name", 70, "score"),
    ("contacts", "contact_persons", "usmf", "c-1", "P-1", "alike_and_email", 84, "score"),
    ("contacts", "customers", "usmf", "c-1", "P-9", "name", 70, "score"),
    ("products", "products", "", "p-1", "100000", "close_name", 75, "score"),
    ("products", "products", "", "p-1", "1234567890123", "close_name", 75, "score"),
]
# entity, table, company, id, key, matched_by, score
CROSSWALK = [
    ("customers", "customers", "usmf", "a-4", "US-4", "rule:email_and_name", 98),
    ("customers", "customers", "usmf", "a-8", "US-8", "link", None),
]
RECORDS = "side, entity, record_table, data_area_id, record_key, number, name, email"
LISTED = (
    "sales_id varchar, data_area_id varchar, finops_table varchar, finops_key varchar, "
    "status varchar, review_reason varchar, rule varchar, score integer, sales_name varchar, "
    "finops_name varchar, evidence varchar, is_waiting boolean"
)


@pytest.fixture(scope="session")
def keys_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse, made once."""
    path = tmp_path_factory.mktemp("keys") / "warehouse.duckdb"
    build(path)
    return path


@pytest.fixture
def keys_project(project: Path, keys_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with the warehouse and the seed, and `p2c` started in it."""
    shutil.copy(keys_warehouse, project / "warehouse.duckdb")
    seed = project / "seeds"
    seed.mkdir()
    shutil.copy(ROOT / "seeds/_seeds.yml", seed / "_seeds.yml")
    (seed / "key_overrides.csv").write_text(HEADER)
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    monkeypatch.chdir(project)
    return project


def build(path: Path) -> None:
    """The tables that `p2c keys` reads."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("match", "keys", "quality", "staging"):
            connection.execute(f"create schema {schema}")
        _records(connection)
        for entity in ("customers", "contacts", "products"):
            connection.execute(f"create table match.match_{entity} ({LISTED})")
        for row in CANDIDATES:
            _candidate(connection, row)
        _crosswalk(connection)
        connection.execute(
            "create table staging.stg_seeds__match_rules "
            "(seed_row integer, rule varchar, number varchar, name varchar, email varchar)"
        )
        for rule in sorted({row[5] for row in CANDIDATES} | {"number"}):
            connection.execute(
                "insert into staging.stg_seeds__match_rules (rule) values (?)", [rule]
            )
        connection.execute(
            "create table quality.unmatched_records as select * from (values "
            "('accounts', 'finops.CustomersV2', 'usmf/US-9', null), "
            "('contacts', 'finops.CDSContactPersons', 'usmf/P-1/ORG-1', 'A. Beebe'), "
            "('products', 'sales.products', 'p-1', 'Bolt M8')"
            ") as t (flows, target, record_key, record_name)"
        )


def _records(connection: duckdb.DuckDBPyConnection) -> None:
    for side in ("sales", "finops"):
        columns = ", ".join(f"{name} varchar" for name in RECORDS.split(", "))
        connection.execute(f"create table match.match_{side}_records ({columns})")
    for entity, company, key, number, name, email in SALES:
        row = ["sales", entity, entity, company, key, number, name, email]
        connection.execute(f"insert into match.match_sales_records values ({marks(8)})", row)
    for entity, table, company, key, name, email in FINOPS:
        row = ["finops", entity, table, company, key, key, name, email]
        connection.execute(f"insert into match.match_finops_records values ({marks(8)})", row)


def _candidate(connection: duckdb.DuckDBPyConnection, row: tuple) -> None:
    entity, table, company, sales_id, key, rule, score, why = row
    status, reason = ("linked", None) if why == "linked" else ("review", why)
    names = {(r[0], r[2]): r[4] for r in SALES} | {(r[1], r[3]): r[4] for r in FINOPS}
    mine, theirs = names[entity, sales_id], names[table, key]
    evidence = json.dumps({"name": {"agrees": "close rare", "sales": mine, "finops": theirs}})
    values = [sales_id, company or None, table, key, status, reason, rule, score]
    connection.execute(
        f"insert into match.match_{entity} values ({marks(12)})",
        [*values, mine, theirs, evidence, why != "linked"],
    )


def _crosswalk(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table keys.keys_crosswalk (entity varchar, finops_table varchar, "
        "data_area_id varchar, sales_id varchar, finops_key varchar, matched_by varchar, "
        "score integer, evidence varchar, first_seen timestamp, last_seen timestamp)"
    )
    for row in CROSSWALK:
        connection.execute(
            f"insert into keys.keys_crosswalk values ({marks(7)}, null, now(), now())", list(row)
        )


def marks(count: int) -> str:
    return ", ".join("?" * count)


def seed_rows(project: Path) -> list[tuple[str, ...]]:
    """Rows of the seed without their reason."""
    with (project / "seeds/key_overrides.csv").open(newline="", encoding="utf-8-sig") as file:
        return [
            tuple(row[name] for name in HEADER.strip().split(",")[:-1])
            for row in csv.DictReader(file)
        ]


def write_seed(project: Path, *rows: str) -> None:
    """The seed with these rows."""
    text = HEADER + "".join(f"{row}\n" for row in rows)
    (project / "seeds/key_overrides.csv").write_text(text)
