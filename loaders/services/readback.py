"""Reads records back with patience: what cannot be read now is asked for again, row by row.

For verify and undo. A row whose answer was lost is read back by the delivery, which also sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import stamina

from loaders.errors import AmbiguousAnswer, RetryLater
from loaders.models import Change, SyncGraph, WriteTarget
from loaders.services.records import Found, Unreadable
from loaders.services.writer import WAIT_INITIAL, WAIT_MAX, Writer
from loaders.services.writers import Writers
from loaders.units import chunks


class _NotAll(RetryLater):
    """Some records could not be read this time."""


def read_records(
    graph: SyncGraph, writers: Writers, rows: Iterable[Change]
) -> Iterator[tuple[WriteTarget, list[Change], Mapping[str, Found]]]:
    """Rows by target, as many as one request takes, each time with what their records hold now.

    By write id; Unreadable where it could not be told. Raises ServiceError when the service cannot
    be asked at all.
    """
    by_model = sorted(rows, key=lambda row: row.model)
    for model, members in groupby(by_model, lambda row: row.model):
        target = graph.target(model)
        writer = writers.of(target.system)
        for chunk in chunks(members, writer.rows_per_request):
            yield target, chunk, _read(writer, target, chunk, writers.settings.attempts)


def _read(
    writer: Writer, target: WriteTarget, rows: Sequence[Change], attempts: int
) -> Mapping[str, Found]:
    found: dict[str, Found] = {}
    try:
        for attempt in stamina.retry_context(
            on=(RetryLater, AmbiguousAnswer),
            attempts=attempts,
            timeout=None,
            wait_initial=WAIT_INITIAL,
            wait_max=WAIT_MAX,
        ):
            with attempt:
                found.update(writer.read_back(target, [r for r in rows if _is_open(found, r)]))
                if any(_is_open(found, row) for row in rows):
                    raise _NotAll("Some records could not be read.")
    except _NotAll:
        pass
    return found


def _is_open(found: Mapping[str, Found], row: Change) -> bool:
    if row.write_id not in found:
        return True
    record = found[row.write_id]
    return isinstance(record, Unreadable) and record.again
