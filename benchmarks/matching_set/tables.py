"""Writes a set and its labels into a DuckDB file, as the tables that staging would make."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching_set.customers import Record
from benchmarks.matching_set.labelled import Sides, World

COMPANY = "usmf"
ADDRESS = ("street", "postal_code", "town")
# Names of the columns in staging; what a record has goes by the place in FIELDS.
FIELDS = ("number", "name", "email", "phone", *ADDRESS)
ACCOUNTS = (
    "accountnumber",
    "name",
    "emailaddress1",
    "telephone1",
    "address1_line1",
    "address1_postalcode",
    "address1_city",
)
CUSTOMERS = (
    "customer_account",
    "organization_name",
    "primary_contact_email",
    "primary_contact_phone",
    "address_street",
    "address_zip_code",
    "address_city",
)
Columns = Mapping[str, Sequence[str | None]]


def write(warehouse: Path, world: World) -> None:
    """Create `staging` and `labels` (entity, side, record_key, truth) in a new file."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema staging; create schema labels")
        for name, columns in _tables(world):
            _load(connection, name, columns)


def _load(connection: duckdb.DuckDBPyConnection, name: str, columns: Columns) -> None:
    table = pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(table, Path(folder) / "rows.parquet")
        added = "" if name.startswith("labels") else ", cast(null as timestamptz) as deleted_at"
        connection.execute(
            f"create table {name} as select *{added} from read_parquet(?)",
            [f"{folder}/rows.parquet"],
        )


def _tables(world: World) -> Iterable[tuple[str, Columns]]:
    yield "staging.stg_sales__businessunits", {"businessunitid": ["bu-1"], "name": ["Contoso"]}
    yield "staging.stg_sales__accounts", _accounts(world.customers.sales)
    yield "staging.stg_finops__customers", _customers(world.customers.finops)
    yield "staging.stg_sales__contacts", _contacts(world)
    yield "staging.stg_finops__contact_persons", _contact_persons(world)
    yield (
        "staging.stg_sales__products",
        {
            "productid": _ids("p", world.products.sales),
            "productnumber": [r.number for r in world.products.sales],
            "name": [r.name for r in world.products.sales],
        },
    )
    yield (
        "staging.stg_finops__sellable_released_products",
        {
            "data_area_id": [COMPANY] * len(world.products.finops),
            "product_number": [r.number for r in world.products.finops],
            "product_name": [r.name for r in world.products.finops],
        },
    )
    yield "labels.records", _labels(world)


def _accounts(records: Sequence[Record]) -> Columns:
    return {
        "accountid": _ids("a", records),
        "owningbusinessunit": ["bu-1"] * len(records),
        **_named(ACCOUNTS, records),
    }


def _customers(records: Sequence[Record]) -> Columns:
    return {
        "data_area_id": [COMPANY] * len(records),
        "party_number": [f"P{i}" for i in range(len(records))],
        "party_type": ["Organization"] * len(records),
        "is_externally_maintained": ["No"] * len(records),
        "person_first_name": [None] * len(records),
        "person_last_name": [None] * len(records),
        **_named(CUSTOMERS, records),
    }


def _contacts(world: World) -> Columns:
    records = world.contacts.sales
    accounts = _first(world.customers.sales)
    parents = [accounts.get(_label(r.parent)) for r in records]
    return {
        "contactid": _ids("c", records),
        "owningbusinessunit": ["bu-1"] * len(records),
        "parentcustomerid": [None if i is None else f"a-{i}" for i in parents],
        "firstname": [r.name.partition(" ")[0] for r in records],
        "lastname": [r.name.partition(" ")[2] or None for r in records],
        "governmentid": [r.tax_number for r in records],
        "msdynce_isactivecustomer": [None] * len(records),
        "msdynce_iscompanyanaccount": ["true"] * len(records),
        **_named(("msdynce_contactnumber", "fullname", *ACCOUNTS[2:]), records),
    }


def _contact_persons(world: World) -> Columns:
    records = world.contacts.finops
    employers = _first(world.customers.finops)
    parents = [employers.get(_label(r.parent)) for r in records]
    columns = (
        "contact_person_party_number",
        "full_name",
        "primary_email_address",
        "primary_phone_number",
        "primary_address_street",
        "primary_address_zip_code",
        "primary_address_city",
    )
    return {
        "data_area_id": [COMPANY] * len(records),
        "associated_party_number": [None if i is None else f"P{i}" for i in parents],
        "first_name": [r.name.partition(" ")[0] for r in records],
        "last_name": [r.name.partition(" ")[2] or None for r in records],
        "government_identification_number": [r.tax_number for r in records],
        "primary_address_street_number": [None] * len(records),
        "is_inactive": ["No"] * len(records),
        "is_contact_person_externally_maintained": ["No"] * len(records),
        **_named(columns, records),
    }


def _labels(world: World) -> Columns:
    found: dict[str, list[str | None]] = {"entity": [], "side": [], "record_key": [], "truth": []}
    for entity, mark in (("customers", "a"), ("contacts", "c"), ("products", "p")):
        sides: Sides = getattr(world, entity)
        keys = {"sales": _ids(mark, sides.sales), "finops": [r.number for r in sides.finops]}
        for side, records in (("sales", sides.sales), ("finops", sides.finops)):
            for key, record in zip(keys[side], records, strict=True):
                row = (entity, side, key, str(record.truth))
                for column, value in zip(found.values(), row, strict=True):
                    column.append(value)
    return found


def _named(columns: Sequence[str], records: Sequence[Record]) -> Columns:
    return {
        column: [getattr(record, field) for record in records]
        for column, field in zip(columns, FIELDS, strict=True)
    }


def _first(records: Sequence[Record]) -> dict[str, int]:
    """The place of the first record of each truth."""
    return {_label(record.truth): i for i, record in reversed([*enumerate(records)])}


def _label(truth: int | None) -> str:
    return str(truth)


def _ids(mark: str, records: Sequence[Record]) -> list[str | None]:
    return [f"{mark}-{i}" for i in range(len(records))]
