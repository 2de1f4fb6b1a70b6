"""Changes one record of either service as a person would, through the service's own rules.

A record is named by its number, its id, its key with `/` between the parts, or its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

import httpx
import simplejson

from p2c_sandbox.finops.service import METADATA as FINOPS_TABLES
from p2c_sandbox.load import FINOPS_PATH, SALES_PATH, typed
from p2c_sandbox.load_client import error_message
from p2c_sandbox.odata.model import Column, Table, load_service
from p2c_sandbox.process import Running, Service
from p2c_sandbox.sales.base import METADATA as SALES_TABLES
from p2c_sandbox.sales.desk import SELLER, quoted, session

Row = dict[str, Any]
SEVERAL = 5
# Columns by which a person calls a record of F&O, beside its key.
NAMES = frozenset(("OrganizationName", "FullName", "ProductName", "Name", "PersonLastName"))


class EditRefused(Exception):
    """The service said no, or what was named is not there; the sentence says what to write."""


@dataclass(frozen=True)
class Edited:
    """`columns`: name → what it held and what it holds now, as the service answers."""

    table: str
    record: str
    columns: Mapping[str, tuple[Any, Any]]


def edit(running: Running, where: str, record: str, values: Mapping[str, str]) -> Edited:
    """Change columns of the one record; an empty value empties its column.

    Args: where: `sales.accounts`; values: column → what a person would type. Raises EditRefused,
    httpx.HTTPError.
    """
    system, _, entity_set = where.partition(".")
    if system not in ("sales", "finops"):
        raise EditRefused(f"'{where}' names no service: write sales.… or finops.…")
    table = _table("sales" if system == "sales" else "finops", entity_set)
    body = {name: _value(table, name, text) for name, text in values.items()}
    with _opened(running, system) as client:
        found = client.one(table, record)
        before = client.get(table, found)
        client.change(table, found, body)
        after = client.get(table, found)
    held = {name: (before.get(_wire(table, name)), after.get(_wire(table, name))) for name in body}
    return Edited(where, _called(table, before), held)


def _table(system: Literal["sales", "finops"], entity_set: str) -> Table:
    tables = load_service(SALES_TABLES if system == "sales" else FINOPS_TABLES).tables
    if entity_set in tables:
        return tables[entity_set]
    near = get_close_matches(entity_set, tables, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(f'{system}.{name}' for name in near)}?" if near else ""
    raise EditRefused(f"{system} has no table '{entity_set}'.{hint}")


def _value(table: Table, name: str, text: str) -> object:
    """What is sent for a column; the service checks it."""
    lookup = name.partition("@odata.bind")
    if lookup[1]:
        return text or None
    column = table.columns.get(name)
    if column is None or column.hidden:
        near = get_close_matches(name, table.columns, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise EditRefused(f"{table.set} has no column '{name}'.{hint}")
    if column.is_lookup:
        raise EditRefused(f"'{name}' refers to another record: write {name}@odata.bind=/SET(ID).")
    try:
        return typed(name, column.edm, text) if text else None
    except ValueError as error:
        raise EditRefused(str(error)) from None


def _wire(table: Table, name: str) -> str:
    column = table.columns.get(name.partition("@")[0])
    return column.wire if column else name


@dataclass(frozen=True)
class _Client:
    """One service: `all_companies` and `person` are what its requests carry beside the address."""

    http: httpx.Client
    path: str
    headers: Mapping[str, str]
    options: Mapping[str, str]

    def one(self, table: Table, record: str) -> Row:
        """The row that is called so. EditRefused where there is none, or several."""
        for condition in _conditions(table, record):
            query = {**self.options, "$filter": condition, "$top": str(SEVERAL + 1)}
            rows = self._ask("GET", table.set, query=query)["value"]
            if len(rows) == 1:
                return dict(rows[0])
            if rows:
                raise EditRefused(_several(table, record, rows))
        raise EditRefused(f"{table.set} has no record called '{record}'.")

    def get(self, table: Table, row: Row) -> Row:
        """The row as it is now."""
        return self._ask("GET", _address(table, row), query=self.options)

    def change(self, table: Table, row: Row, body: Row) -> None:
        """Change it, whatever version it is of."""
        self._ask("PATCH", _address(table, row), body, self.options)

    def _ask(
        self,
        method: str,
        path: str,
        body: Row | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Row:
        headers = {**self.headers, "Content-Type": "application/json"}
        headers |= {"If-Match": "*"} if body is not None else {}
        content = None if body is None else simplejson.dumps(body, use_decimal=True)
        answer = self.http.request(
            method, self.path + path, params=query, content=content, headers=headers
        )
        if answer.status_code >= 400:
            raise EditRefused(error_message(answer.text))
        return dict(simplejson.loads(answer.text, use_decimal=True)) if answer.text else {}


@contextmanager
def _opened(running: Running, system: str) -> Iterator[_Client]:
    where: Service = getattr(running, system)
    secret = (running.client_id, running.client_secret)
    with session(where.url, where.token_url, secret, running.ca_file) as http:
        if system == "sales":
            yield _Client(http, SALES_PATH, {"MSCRMCallerID": SELLER}, {})
        else:
            yield _Client(http, FINOPS_PATH, {}, {"cross-company": "true"})


def _conditions(table: Table, record: str) -> Iterator[str]:
    """Filters that may find it, the surest first: its id or whole key, a number, a name."""
    keys = [table.columns[name] for name in table.key]
    parts = record.strip("{}").split("/") if len(keys) > 1 else [record.strip("{}")]
    if len(parts) == len(keys):
        literals = [_literal(column, part) for column, part in zip(keys, parts, strict=True)]
        if None not in literals:
            terms = zip(keys, literals, strict=True)
            yield " and ".join(f"{column.wire} eq {literal}" for column, literal in terms)
    numbers = [*table.key, *(index[0] for index in table.indexes if len(index) == 1)]
    names = [table.name_column or "", *(name for name in table.columns if name in NAMES)]
    for group in (numbers, names):
        texts = [table.columns[name] for name in dict.fromkeys(group) if name in table.columns]
        texts = [column for column in texts if column.is_text and column.name != "dataAreaId"]
        if texts:
            yield " or ".join(f"{column.wire} eq {quoted(record)}" for column in texts)


def _literal(column: Column, text: str) -> str | None:
    """A value of a key in a condition; None where it cannot be one."""
    try:
        if column.edm == "Edm.Guid":
            return str(UUID(text))
        if column.edm.startswith(("Edm.Int", "Edm.Decimal")):
            return str(typed(column.name, column.edm, text))
    except ValueError:
        return None
    return quoted(text)


def _address(table: Table, row: Row) -> str:
    if len(table.key) == 1:
        return f"{table.set}({_part(table.columns[table.key[0]], row)})"
    parts = (f"{name}={_part(table.columns[name], row)}" for name in table.key)
    return f"{table.set}({','.join(parts)})"


def _part(column: Column, row: Row) -> str:
    value = row[column.wire]
    return quote(_literal(column, str(value)) or str(value), safe="'")


def _called(table: Table, row: Row) -> str:
    """Its key, and what it is called."""
    indexed = [index[0] for index in table.indexes if len(index) == 1]
    names = [*indexed, table.name_column or "", *(n for n in table.columns if n in NAMES)]
    key = "/".join(str(row[table.columns[name].wire]) for name in table.key)
    called = dict.fromkeys(str(row[name]) for name in names if row.get(name))
    return " ".join([key, *(f"({name})" for name in called)][:3])


def _several(table: Table, record: str, rows: Sequence[Row]) -> str:
    named = "; ".join(_called(table, row) for row in rows[:SEVERAL])
    more = "; …" if len(rows) > SEVERAL else ""
    return f"Several records of {table.set} are called '{record}': {named}{more}. Give the key."
