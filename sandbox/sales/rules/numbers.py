"""Numbers the system gives: account and contact numbers of the Prospect to cash solution
(`ACC-01000-BVRCPS`, rules A2 and C3), and numbers of quotes, orders and invoices (A13)."""

from __future__ import annotations

import hashlib
from typing import cast

from sandbox.odata.model import Row, Table
from sandbox.sales.call import Call
from sandbox.sales.rules.base import Rule

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
        series = call.store.get(_SERIES, {"msdynce_entityname": table.entity})
        if series is None:
            return
        number = cast(int, series["msdynce_numbersequence"])
        prefix = f"{series['msdynce_prefix']}-{number:05d}"
        row[column] = f"{prefix}-{suffix(prefix, cast(int, series['msdynce_suffixlength']))}"
        row_id = cast(int, series["_id"])
        call.store.update(_SERIES, [(row_id, {"msdynce_numbersequence": number + 1})])


class DocumentNumbers(Rule):
    """Quote, order and invoice numbers are given when omitted; they cannot be changed later."""

    sets = frozenset(_DOCUMENTS)

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        column, prefix = _DOCUMENTS[table.set]
        if not row.get(column):
            number = f"{prefix}-{call.store.next_number(table.set, first=1000):05d}"
            row[column] = f"{number}-{suffix(number, 6)}"
