"""Enters the demo's products, quotes and orders through the rules of Sales."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from p2c_sandbox.demo.catalogue import sales_products
from p2c_sandbox.demo.documents import Document, orders, quotes
from p2c_sandbox.demo.ids import Row
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.rules.locks import ACTIVE, STATUS
from p2c_sandbox.sales.settings import SalesSettings
from p2c_sandbox.sales.writing import Writer

# State of a document -> columns that bring it there.
QUOTE_MOVES: dict[str, tuple[Row, ...]] = {
    "draft": (),
    "active": ({"statecode": 1, "statuscode": 2},),
    "won": ({"statecode": 1, "statuscode": 2}, {"statecode": 2, "statuscode": 4}),
    "lost": ({"statecode": 1, "statuscode": 2}, {"statecode": 3, "statuscode": 5}),
}
ORDER_MOVES: dict[str, tuple[Row, ...]] = {
    "draft": (),
    "active": ({STATUS: ACTIVE},),
    "cancelled": ({"statecode": 2, "statuscode": 4},),
}


def enter(store: Store, seed: int) -> None:
    """Everything, in the order in which it refers to each other."""
    desk = _Desk(store)
    for product in sales_products(seed):
        row_id = desk.create("products", product)
        desk.move("products", row_id, {"statecode": 0, "statuscode": 1})
    desk.documents("quotes", "quotedetails", "quoteid", quotes(seed), QUOTE_MOVES)
    desk.documents("salesorders", "salesorderdetails", "salesorderid", orders(seed), ORDER_MOVES)


class _Desk:
    """Writes as the integration does; moves that take an action of the Web API are the system's."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.writer = Writer(store.service)
        self.settings = SalesSettings()

    def documents(
        self,
        headers: str,
        lines: str,
        parent: str,
        found: Iterable[Document],
        moves: dict[str, tuple[Row, ...]],
    ) -> None:
        """Create documents with their lines, and bring each to its state."""
        for document in found:
            row_id = self.create(headers, document.header)
            for place, line in enumerate(document.lines):
                bound = {f"{parent}@odata.bind": f"/{headers}({row_id})"}
                self.create(lines, {**line, **bound, "sequencenumber": place + 1})
            for changes in moves[document.state]:
                self.move(headers, row_id, changes)

    def create(self, entity_set: str, body: Row) -> str:
        """Create a row from a body of the Web API; its id."""
        table = self.store.service.table(entity_set)
        values = {name: _json(value) for name, value in body.items() if value is not None}
        return self.writer.create(self._call(), table, values)

    def move(self, entity_set: str, row_id: str, changes: Row) -> None:
        """Change columns of a row."""
        table, call = self.store.service.table(entity_set), self._call()
        row = self.store.get(entity_set, {table.key_column: row_id})
        assert row is not None
        closing = changes.get("statecode") in (2, 3)
        call.system = closing
        self.writer.change(call, table, row, dict(changes))  # type: ignore[arg-type]

    def _call(self) -> Call:
        return Call(self.store, self.settings)


def _json(value: object) -> object:
    return value if isinstance(value, Decimal | bool | int) else str(value)
