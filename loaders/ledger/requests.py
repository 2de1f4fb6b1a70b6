"""Rows in doubt whose request the service knows by an id that was chosen before it was sent."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from loaders.ledger.ledger import Ledger


class Request(NamedTuple):
    """Its id, and how many seconds ago it was sent."""

    request_id: str
    seconds: float


def requests_in_doubt(ledger: Ledger, prefix: str) -> dict[str, Request]:
    """{write id: its request} of rows that were sent under an id with this prefix, unanswered."""
    rows = ledger.connection.execute(
        "select write_id, request_id, sent_at from writes "
        "where status in ('sent', 'unresolved') and substr(request_id, 1, ?) = ?",
        [len(prefix), prefix],
    )
    now = ledger.clock.now()
    return {
        row["write_id"]: Request(
            row["request_id"], (now - datetime.fromisoformat(row["sent_at"])).total_seconds()
        )
        for row in rows
    }
