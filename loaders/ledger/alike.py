"""Rows of a plan that are alike, for who looks at it: how many, and the first or all of them.

The counts are those that were saved with the plan. The first few of a million rows are found by
four columns of the plan's file, and only their row groups are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.ledger import plan_file
from loaders.ledger.rows import change_of
from loaders.ledger.writes import Writes
from loaders.models import Change

Key = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Alike:
    """Rows of one model with the same operation and status; `rows` counts all of them.

    `status` is how they were planned: planned, blocked or quarantined. `first_contact` rows are the
    first that two linked records are to agree on.
    """

    model: str
    flow: str
    target: str
    operation: str
    status: str
    first_contact: bool
    rows: int
    sample: Sequence[Change] | None = None
    saved: Path | None = None

    @property
    def key(self) -> Key:
        """What the rows have in common."""
        return self.model, self.operation, self.status, self.first_contact

    def changes(self) -> Iterator[Change]:
        """The first of them, or all where no limit was asked for: a page at a time, in order.

        The ledger may be closed by then. Raises StorageError.
        """
        if self.sample is not None:
            yield from self.sample
        elif self.saved:
            yield from (row for row in _saved(self.saved) if _key(row) == self.key)


def alike(ledger: Writes, plan_id: str, each: int | None) -> list[Alike]:
    """What a plan consists of, in writing order, with the first `each` rows (None: all) of each.

    A plan that was never saved has nothing. Raises UnknownPlan, StorageError.
    """
    if not plan_id:
        return []
    found = _counted(ledger, plan_id)
    if each is None:
        return [Alike(*about, rows, saved=ledger.file(plan_id)) for about, rows in found.items()]
    samples: dict[Key, list[Change]] = {}
    for row in _first(ledger, plan_id, each) if found else ():
        samples.setdefault(_key(row), []).append(row)
    kinds = [Alike(*about, rows, sample=()) for about, rows in found.items()]
    return [Alike(**{**one.__dict__, "sample": samples.get(one.key, [])}) for one in kinds]


def _counted(ledger: Writes, plan_id: str) -> dict[tuple[str, str, str, str, str, bool], int]:
    found: dict[tuple[str, str, str, str, str, bool], int] = {}
    for part in ledger.parts(plan_id):
        about = (part.model, part.flow, part.target, part.operation, part.status)
        halves = {False: part.rows - part.first_contacts, True: part.first_contacts}
        for is_first, rows in halves.items():
            if rows:
                found[*about, is_first] = found.get((*about, is_first), 0) + rows
    return found


def _first(ledger: Writes, plan_id: str, each: int) -> Iterator[Change]:
    path = ledger.file(plan_id)
    numbers = plan_file.first_numbers(path, each)
    for values in plan_file.rows_numbered(path, plan_file.TEXTS, numbers):
        yield change_of(plan_id, values, None)


def _saved(path: Path) -> Iterator[Change]:
    for page in plan_file.read(path, plan_file.COLUMNS):
        yield from (change_of(path.stem, values, None) for values in page)


def _key(row: Change) -> Key:
    return row.model, row.operation, row.status, row.is_first_contact
