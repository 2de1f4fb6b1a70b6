"""Reads records back with patience: what cannot be read now is asked for again, row by row.

For verify and undo. A row whose answer was lost is read back by `delivery`, which also sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import stamina

from loaders.applying.chunk import WAIT_INITIAL, WAIT_MAX, Writer
from loaders.errors import AmbiguousAnswer, RetryLater
from loaders.models import Change, WriteTarget
from loaders.services.records import Found, Unreadable


class _NotAll(RetryLater):
    """Some records could not be read this time."""


def read_records(
    writer: Writer, target: WriteTarget, rows: Sequence[Change], attempts: int
) -> Mapping[str, Found]:
    """What each row's record holds, by write id; Unreadable where it could not be told.

    Raises ServiceError when the service cannot be asked at all.
    """
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
