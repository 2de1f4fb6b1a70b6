"""What one request knows: the store, the moment, the caller, and rows it has looked up before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, cast

from p2c_sandbox.odata.model import Row, Service, Table, Value
from p2c_sandbox.odata.store import Store, stamp
from p2c_sandbox.sales.settings import SalesSettings

USER_ID = "00000001-0000-0000-0000-000000000000"
_GUID_COUNTER = "guid"
_NON_INTERACTIVE = 4  # access mode of application users


class RowWriter(Protocol):
    """What rules need of `sales.writing.Writer`, which needs all of them."""

    def add(self, call: Call, table: Table, values: Row) -> str: ...

    def change(self, call: Call, table: Table, before: Row, changes: Row) -> None: ...

    def keep(self, call: Call, table: Table, pairs: Sequence[tuple[Row, Row]]) -> None: ...

    def delete(self, call: Call, table: Table, row: Row) -> None: ...


class Work(Protocol):
    """What the service does at the end of a write, once for all rows it was asked for.

    Work of a lower stage is done first. Must be hashable and hold no state.
    """

    @property
    def stage(self) -> int: ...

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        """`ids` are guids; their rows may be gone by now."""


@dataclass
class Call:
    """Lives for one request, so what it remembers cannot grow stale between requests."""

    store: Store
    settings: SalesSettings
    user_id: str = USER_ID
    references: dict[str, tuple[Table, str]] = field(default_factory=dict)
    system_columns: dict[str, Row] = field(default_factory=dict)
    privileges: dict[str, int] | Literal["all"] | None = None  # asked for once
    pending: dict[Work, dict[str, None]] = field(default_factory=dict)
    series: dict[str, Row] = field(default_factory=dict)
    writing: bool = False
    system: bool = False
    _rows: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    _now: str = ""
    _organization: Row | None = None

    @property
    def service(self) -> Service:
        return self.store.service

    @property
    def now(self) -> str:
        """The moment of the request as the service writes it."""
        if not self._now:
            self._now = stamp(self.store.clock())
        return self._now

    @property
    def organization(self) -> Row:
        """The one row of `organizations`: settings that rules obey."""
        if self._organization is None:
            self._organization = self.store.find("organizations", {})[0]
        return self._organization

    @property
    def by_integration(self) -> bool:
        """True for an application user; what people may not edit stays open to it."""
        user = self.row("systemusers", self.user_id)
        return user is not None and user["accessmode"] == _NON_INTERACTIVE

    @property
    def by_person(self) -> bool:
        """True when a person asked for this, and not a rule of the service in its wake."""
        return not self.system and not self.by_integration

    @contextmanager
    def as_system(self) -> Iterator[None]:
        """Inside, the service itself writes: read-only rules do not bind it."""
        before, self.system = self.system, True
        try:
            yield
        finally:
            self.system = before

    def later(self, work: Work, row_id: Value) -> None:
        """Have work done for a row when everything the request sent is written."""
        self.pending.setdefault(work, {})[str(row_id)] = None

    def row(self, entity_set: str, row_id: Value) -> Row | None:
        """A row by its primary key, remembered for this request."""
        key = (entity_set, str(row_id))
        if key not in self._rows:
            table = self.service.table(entity_set)
            self._rows[key] = self.store.get(entity_set, {table.key_column: str(row_id)})
        return self._rows[key]

    def forget(self, table: Table, row_id: Value) -> None:
        """Call after a row was written or deleted."""
        self._rows.pop((table.set, str(row_id)), None)
        if table.set == "organizations":
            self._organization = None

    def new_id(self) -> str:
        """A guid that sorts after the ones before it, as sequential guids of SQL Server do, so
        that new rows land at the end of the key's index."""
        number = self.store.next_number(_GUID_COUNTER, first=0x10000001)
        return f"{number:08x}-7a1c-ef11-840a-000d3a5a6b7c"

    def exchange_rate(self, currency_id: Value) -> Decimal:
        """Rate of a currency to the base currency; 1 without a currency."""
        row = self.row("transactioncurrencies", currency_id) if currency_id else None
        return cast(Decimal, row["exchangerate"]) if row else Decimal(1)

    def currency_precision(self, currency_id: Value) -> int:
        """Decimals of a currency (money with precision source 2)."""
        row = self.row("transactioncurrencies", currency_id) if currency_id else None
        return cast(int, row["currencyprecision"]) if row else 2
