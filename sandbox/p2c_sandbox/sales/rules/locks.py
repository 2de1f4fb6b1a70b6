"""What people may not edit: documents that F&O owns (O1, O1a, I4, field-mapping 6.4).

The solution locks its forms; here the service itself refuses, so that programs that act for people
meet the same rule. Application users are the integration and are not bound by it: they write
prices, discounts, taxes, statuses and lines of what is maintained externally.
"""

from __future__ import annotations

from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.kinds import (
    BY_HEADERS,
    BY_LINES,
    EXTERNAL,
    HEADERS,
    LINES,
    ORDER,
    Kind,
    header_of,
    label,
)

STATUS = "msdynce_processingstatus"
ACTIVE, INVOICED, CANCELLED, DRAFT = 647390000, 647390003, 647390010, 647390011
_CODE = "0x80040265"  # IsvAborted: a plug-in says no


class ExternalLocks(Rule):
    """People edit orders as Draft only, and nothing that is maintained externally."""

    sets = HEADERS | LINES

    def before_create(self, call: Call, table: Table, row: Row) -> None:
        if table.set in LINES:
            self._line(call, table, row)
        elif table.set == ORDER.headers and call.by_person and row[STATUS] != DRAFT:
            raise refused(_CODE, "A new order has the processing status Draft.")

    def before_update(self, call: Call, table: Table, before: Row, changes: Row) -> None:
        if table.set in LINES:
            self._line(call, table, before)
        else:
            _check(call, BY_HEADERS[table.set], before)

    def before_delete(self, call: Call, table: Table, row: Row) -> None:
        if table.set in LINES:
            self._line(call, table, row)
        else:
            _check(call, BY_HEADERS[table.set], row)

    def _line(self, call: Call, table: Table, line: Row) -> None:
        header = header_of(call, table, line)
        if header is not None:
            _check(call, BY_LINES[table.set], header)


def _check(call: Call, kind: Kind, header: Row) -> None:
    if not call.by_person:
        return
    if header[EXTERNAL]:
        raise refused(
            _CODE, f"The {label(kind, header)} is maintained externally and is read-only in Sales."
        )
    if kind is ORDER and header[STATUS] != DRAFT:
        raise refused(_CODE, f"The {label(kind, header)} is activated and is read-only in Sales.")
