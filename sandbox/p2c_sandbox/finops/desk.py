"""What a person at F&O's desk works with: the store, and the same rules every client meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from p2c_sandbox.finops.company import COMPANY, Company
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.rules.documents import LINE, ORDERS
from p2c_sandbox.finops.rules.status import update_status
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.model import Row, Value
from p2c_sandbox.odata.store import Store

Quantities = Mapping[int, Decimal]


@dataclass(frozen=True)
class Desk:
    """One company's desk. Every action is a transaction; FinopsError says why one is refused."""

    writings: Writings
    company: str

    @property
    def store(self) -> Store:
        return self.writings.store

    def insert(self, entity_set: str, **values: object) -> Row:
        """Create a row under the entity's rules; what it is."""
        table = self.store.service.table(entity_set)
        return self.writings.insert(table, {COMPANY: self.company, **values}, self._scope)

    def update(self, entity_set: str, key: Mapping[str, Value], **values: object) -> None:
        """Change a row under the entity's rules."""
        table = self.store.service.table(entity_set)
        found = self.writings.find(table, {COMPANY: self.company, **key}, self._scope)
        self.writings.update(table, found, values, replace=False)

    def delete(self, entity_set: str, row: Row) -> None:
        """Remove a row under the entity's rules."""
        self.writings.delete(self.store.service.table(entity_set), row)

    def order(self, number: str) -> Row:
        """An order of the company."""
        header = self.store.get(ORDERS.headers, {COMPANY: self.company, ORDERS.number: number})
        if header is None:
            raise FinopsError(f"There is no sales order {number} in company {self.company}.")
        return header

    def open_order(self, number: str) -> Row:
        """An order that is neither invoiced nor cancelled."""
        header = self.order(number)
        status = header["SalesOrderProcessingStatus"]
        if status in ("Invoiced", "Canceled"):
            raise FinopsError(f"{ORDERS.label(header)} is closed: its status is {status}.")
        return header

    def line(self, header: Row, number: int) -> Row:
        """A line of an order by its creation sequence number."""
        for line in ORDERS.lines_of(self.store, header):
            if line[LINE] == number:
                return line
        raise FinopsError(f"{ORDERS.label(header)} has no line {number}.")

    def up_to_date(self, header: Row) -> dict[str, object]:
        """What an order looks like now, after its status was worked out."""
        status = update_status(self.store, header)
        return {"company": self.company, "order": header[ORDERS.number], "status": status}

    @property
    def _scope(self) -> Company:
        return Company(self.company, cross=False)
