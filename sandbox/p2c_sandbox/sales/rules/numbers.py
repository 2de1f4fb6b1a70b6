"""Numbers the system gives: account and contact numbers of the Prospect to cash solution
(`ACC-01000-BVRCPS`, rules A2 and C3), and numbers of quotes, orders and invoices
(protocols A13)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call, RowWriter
from p2c_sandbox.sales.rules.base import Rule

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_SERIES = "msdynce_p2cautonumbers"
_PARTIES = {"accounts": "accountnumber", "contacts": "msdynce_contactnumber"}
_DOCUMENTS = {
    "quotes": ("quotenumber", "QUO"),
    "salesorders": ("ordernumber", "ORD"),
    "invoices": ("invoicenumber", "INV"),
}


def suffix(text: str, length: int) -> str:
    """Capitals that look random but follow from the number, so that runs repeat exactly."""
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])


class PartyNumbers(Rule):
    """An empty number is filled from the series of the table; a given one is kept."""

    sets = frozenset(_PARTIES)

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        column = _PARTIES[table.set]
        if row.get(column):
            return
        series = _series(call, table.entity)
        if series is None:
            return
        number = cast(int, series["msdynce_numbersequence"])
        prefix = f"{series['msdynce_prefix']}-{number:05d}"
        row[column] = f"{prefix}-{suffix(prefix, cast(int, series['msdynce_suffixlength']))}"
        series["msdynce_numbersequence"] = number + 1
        call.later(KeepSeries(), table.entity)


def _series(call: Call, entity: str) -> Row | None:
    """The series as this request has used it so far."""
    if entity not in call.series:
        found = call.store.get(_SERIES, {"msdynce_entityname": entity})
        if found is None:
            return None
        call.series[entity] = found
    return call.series[entity]


@dataclass(frozen=True)
class KeepSeries:
    """Stores how far a request has used a series, once for all of its rows."""

    stage: int = 0

    def run(self, call: Call, writer: RowWriter, ids: Sequence[str]) -> None:
        """`ids` are entities."""
        for entity in ids:
            series = call.series.pop(entity)
            moved = {"msdynce_numbersequence": series["msdynce_numbersequence"]}
            call.store.update(_SERIES, [(cast(int, series["_id"]), moved)])


class DocumentNumbers(Rule):
    """Quote, order and invoice numbers are given when omitted; they cannot be changed later."""

    sets = frozenset(_DOCUMENTS)

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        column, prefix = _DOCUMENTS[table.set]
        if not row.get(column):
            number = f"{prefix}-{call.store.next_number(table.set, first=1000):05d}"
            row[column] = f"{number}-{suffix(number, 6)}"
