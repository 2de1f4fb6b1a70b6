"""Actions of the Web API on quotes and orders, with the bodies Microsoft documents.

    WinQuote, CloseQuote      {"Status": 4, "QuoteClose": {"quoteid@odata.bind": …}}
    ReviseQuote               {"QuoteId": …, "ColumnSet": …}                    → the new quote
    ConvertQuoteToSalesOrder  {"QuoteId": …, "ColumnSet": …, "QuoteCloseDate": …,
                               "QuoteCloseStatus": …, "QuoteCloseSubject": …}   → the new order
    CancelSalesOrder          {"Status": 4, "OrderClose": {"salesorderid@odata.bind": …}}

The close activities themselves (`quoteclose`, `orderclose`) are not stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.http import Json, Request, Response
from p2c_sandbox.odata.model import Row
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.copying import copy_document
from p2c_sandbox.sales.errors import does_not_exist, refused
from p2c_sandbox.sales.keys import row_of_url
from p2c_sandbox.sales.reading import Readings
from p2c_sandbox.sales.rules.kinds import ORDER, QUOTE, Kind, label
from p2c_sandbox.sales.rules.quote_states import ACTIVE, CLOSED, WON
from p2c_sandbox.sales.writing import Writer

PREFIX = "Microsoft.Dynamics.CRM."
_REVISED = 7
_CANCELED = 2
_DONE = Response(204, {"OData-Version": "4.0"})


@dataclass(frozen=True)
class Actions:
    """Unbound actions. The caller opens the transaction."""

    readings: Readings
    writer: Writer

    def offers(self, name: str) -> bool:
        """Whether there is an action of this name, with or without its namespace."""
        return name.removeprefix(PREFIX) in self._all

    def run(self, call: Call, name: str, request: Request) -> Response:
        """Do it; an answer with a body holds the new row."""
        with self.writer.together(call):
            created = self._all[name.removeprefix(PREFIX)](call, request.json())
        if created is None:
            return _DONE
        kind, row_id = created
        selected = replace(request, query=_select(request.json()))
        return self.readings.one(selected, call.service.table(kind.headers), row_id)

    @property
    def _all(self) -> dict[str, Callable[[Call, Json], tuple[Kind, str] | None]]:
        return {
            "WinQuote": self._win,
            "CloseQuote": self._close,
            "ReviseQuote": self._revise,
            "ConvertQuoteToSalesOrder": self._convert,
            "CancelSalesOrder": self._cancel,
        }

    def _win(self, call: Call, body: Json) -> None:
        """Active → Won. No order is made by it."""
        quote = _closed_with(call, body, "QuoteClose", QUOTE)
        self._move(call, quote, WON, body.get("Status"), {ACTIVE})

    def _close(self, call: Call, body: Json) -> None:
        quote = _closed_with(call, body, "QuoteClose", QUOTE)
        self._move(call, quote, CLOSED, body.get("Status"), {0, ACTIVE})

    def _revise(self, call: Call, body: Json) -> tuple[Kind, str]:
        """A new revision as Draft, under the same number; the old one is Closed as Revised."""
        quote = _named(call, body)
        _check_state(quote, {ACTIVE, CLOSED}, "revised")
        drafts = {"quotenumber": quote["quotenumber"], "statecode": 0}
        if call.store.find(QUOTE.headers, drafts, limit=1):
            raise refused("0x80048d00", f"The {label(QUOTE, quote)} has a draft revision already.")
        if quote["statecode"] == ACTIVE:
            self._move(call, quote, CLOSED, _REVISED, {ACTIVE})
        values: dict[str, str | int | bool] = {
            "quotenumber": str(quote["quotenumber"]),
            "revisionnumber": int(quote["revisionnumber"] or 0) + 1,
        }
        with call.as_system():
            return QUOTE, copy_document(call, self.writer, quote, (QUOTE, QUOTE), **values)

    def _convert(self, call: Call, body: Json) -> tuple[Kind, str]:
        """An order with the quote's lines, prices and discounts; an active quote is won by it.

        Prices of an order made from a quote are locked, so that they stay those of the quote.
        """
        quote = _named(call, body)
        _check_state(quote, {ACTIVE, WON}, "turned into an order")
        if quote["statecode"] == ACTIVE:
            self._move(call, quote, WON, body.get("QuoteCloseStatus"), {ACTIVE})
        values: dict[str, str | int | bool] = {"quoteid": str(quote["quoteid"])}
        with call.as_system():
            kinds = (QUOTE, ORDER)
            return ORDER, copy_document(
                call, self.writer, quote, kinds, ispricelocked=True, **values
            )

    def _cancel(self, call: Call, body: Json) -> None:
        order = _closed_with(call, body, "OrderClose", ORDER)
        changes: Row = {"statecode": _CANCELED, "statuscode": _status(body.get("Status"))}
        self.writer.change(call, call.service.table(ORDER.headers), order, changes)

    def _move(self, call: Call, quote: Row, state: int, status: object, allowed: set[int]) -> None:
        verb = "won" if state == WON else "closed"
        _check_state(quote, allowed, verb)
        changes: Row = {"statecode": state, "statuscode": _status(status)}
        changes["closedon"] = call.now[:10]
        with call.as_system():
            self.writer.change(call, call.service.table(QUOTE.headers), quote, changes)


def _closed_with(call: Call, body: Json, name: str, kind: Kind) -> Row:
    """The row that a close activity in the body names."""
    activity = body.get(name)
    bind = activity.get(f"{kind.column}@odata.bind") if isinstance(activity, dict) else None
    if not isinstance(bind, str):
        raise BadRequest(f"The parameter '{name}' must name its {kind.column} by @odata.bind.")
    _, row_id = row_of_url(call, bind, {kind.headers})
    return _row(call, kind, row_id)


def _named(call: Call, body: Json) -> Row:
    row_id = body.get("QuoteId")
    if not isinstance(row_id, str):
        raise BadRequest("The parameter 'QuoteId' is missing.")
    return _row(call, QUOTE, row_id.lower())


def _row(call: Call, kind: Kind, row_id: str) -> Row:
    row = call.row(kind.headers, row_id)
    if row is None:
        raise does_not_exist(call.service.table(kind.headers).entity, row_id)
    return row


def _check_state(quote: Row, allowed: set[int], verb: str) -> None:
    if quote["statecode"] not in allowed:
        states = {0: "a draft", ACTIVE: "active", WON: "won", CLOSED: "closed"}
        raise refused(
            "0x8004f00e",
            f"The {label(QUOTE, quote)} cannot be {verb}: it is "
            f"{states[int(quote['statecode'] or 0)]}.",
        )


def _status(value: object) -> int | None:
    """−1 and nothing mean the default status of the state."""
    return value if isinstance(value, int) and value >= 0 else None


def _select(body: Json) -> str:
    """`ColumnSet` as a query: some columns, or all."""
    wanted = body.get("ColumnSet")
    columns = wanted.get("Columns") if isinstance(wanted, dict) else None
    return f"$select={','.join(columns)}" if columns else ""
