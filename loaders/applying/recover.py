"""Finds out what became of writes whose answer never came. Reads; writes to no target."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import groupby

from loaders.applying.delivery import Delivered, Delivery
from loaders.ledger.ledger import Ledger
from loaders.ledger.requests import Request, requests_in_doubt
from loaders.models import ApplySettings, Change, Outcome, Service, SyncGraph, System, WriteTarget
from loaders.services.packages import PREFIX
from loaders.services.writers import Writers


def recover_in_flight(
    graph: SyncGraph,
    ledger: Ledger,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
) -> int:
    """Find out what became of writes that a killed run left unanswered, by reading them back.

    Writes to no target. Returns how many rows were in doubt. Raises ServiceError when a service
    cannot be asked; the rows stay in doubt then.
    """
    stop = threading.Event()
    with Writers(services, settings or ApplySettings(), stop, ledger.clock) as writers:
        return recover_rows(graph, ledger, writers)


def recover_rows(graph: SyncGraph, ledger: Ledger, writers: Writers) -> int:
    """The same with writers that are open already."""
    doubtful = [change for _, change in ledger.unanswered()]
    known = {target.model: target for target in graph.targets}
    requests = requests_in_doubt(ledger, PREFIX)
    nothing = Request("", 0)
    groups = groupby(doubtful, lambda row: (row.sent_as, requests.get(row.write_id, nothing)))
    for (model, request), rows in groups:
        if not (target := known.get(model)):
            ledger.record(_beyond_reading(model, row) for row in rows)
            continue
        delivered = _asked(writers, target, request, list(rows))
        ledger.record(delivered.outcomes)
        if delivered.error:
            raise delivered.error
    return len(doubtful)


def _asked(
    writers: Writers, target: WriteTarget, request: Request, rows: Sequence[Change]
) -> Delivered:
    """What became of rows that went out together. Raises ServiceError for a package's job that
    cannot be asked for."""
    attempts, stop = writers.settings.attempts, writers.stop
    if not request.request_id:
        return Delivery(writers.of(target.system), target, attempts, stop).recover(rows)
    writer = writers.again(target, request.request_id, request.seconds)
    return Delivery(writer, target, attempts, stop).recover(rows, writer.recall(target, rows))


def _beyond_reading(model: str, row: Change) -> Outcome:
    """A row whose model is gone: nobody knows how to read it back, now or later."""
    message = (
        f"It was never answered, and the project has no model {model} any more to read it back."
    )
    return Outcome(row.write_id, "failed", error_message=message, attempts=0)
