"""Reading one table completely: pages to one Arrow table, checked against the service's count.

A table is held in memory until it is complete and checked, so that nothing half-read is loaded
and a second try replaces the first. It costs about 600 bytes a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pyarrow as pa

from .arrow import latest
from .client import ODataClient
from .errors import CountMismatch, UnknownColumn
from .pages import Page
from .tables import Table

FULL, DELTA = "full", "delta"
Tally = Callable[[int], None]  # is called with the number of rows so far


@dataclass(frozen=True)
class TableRead:
    """What a service sent for one table.

    rows: `table.schema`, one for each key; deletions: keys of deleted rows (delta only);
    entries: rows and deletions as they came; delta_link: where the next delta starts, below the
    service's root;
    date: the service's clock at the first page.
    """

    rows: pa.Table
    mode: str = FULL
    deletions: tuple[str, ...] = ()
    entries: int = 0
    service_count: int | None = None
    delta_link: str | None = None
    date: str | None = None
    pages: int = 0
    warnings: tuple[str, ...] = ()


def collect(table: Table, pages: Iterable[Page], tally: Tally) -> TableRead:
    """All pages of one answer. UnknownColumn if a declared column was in no row at all."""
    found = _Found(table)
    for page in pages:
        found.add(page)
        tally(found.entries)
    return found.result()


def read_all(
    table: Table,
    read: Callable[[], TableRead],
    count: Callable[[], int | None],
    ceiling: int | None = None,
) -> TableRead:
    """Read in full and compare with the count; read again once; CountMismatch with both numbers.

    On the second try the table may have changed between the two counts: any number between them
    is right then. A count of `ceiling` means "that many or more".
    """
    first, before = read(), count()
    if before is None:
        warning = f"{table.name}: the service gave no count to check the rows against"
        return replace(first, warnings=(*first.warnings, warning))
    if _agrees(first.rows.num_rows, before, before, ceiling):
        return replace(first, service_count=before)
    second, after = read(), count()
    low, high = sorted((before, before if after is None else after))
    if after is None or _agrees(second.rows.num_rows, low, high, ceiling):
        return replace(second, service_count=after)
    raise CountMismatch(table.system, table.name, second.rows.num_rows, after)


def all_missing(client: ODataClient, table: Table) -> UnknownColumn:
    """The error for every declared column the service lacks, not only the first it named."""
    return UnknownColumn(table.system, table.name, client.missing_columns(table))


def _agrees(rows: int, low: int, high: int, ceiling: int | None) -> bool:
    return low <= rows <= high or (high == ceiling and rows >= high)


@dataclass
class _Found:
    """Rows, deletions and oddities while pages come in."""

    table: Table
    parts: list[pa.Table] = field(default_factory=list)
    deletions: dict[str, None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    entries: int = 0
    pages: int = 0
    date: str | None = None
    delta_link: str | None = None

    def add(self, page: Page) -> None:
        self.deletions.update(dict.fromkeys(page.deletions))
        self.names |= page.names
        self.parts.append(page.rows)
        self.entries += page.entries
        self.pages += 1
        self.date = self.date or page.date
        self.delta_link = page.delta_link

    def result(self) -> TableRead:
        rows = pa.concat_tables([self.table.schema.empty_table(), *self.parts])
        self._check_columns(rows)
        return TableRead(
            rows=latest(rows, self.table.key),
            deletions=tuple(self.deletions),
            entries=self.entries,
            delta_link=self.delta_link,
            date=self.date,
            pages=self.pages,
            warnings=self._unasked(),
        )

    def _check_columns(self, rows: pa.Table) -> None:
        """A service that leaves an unknown column out without a word hides a mistake."""
        absent = [c.name for c in self.table.columns if c.field not in self.names]
        if absent and rows.num_rows:
            raise UnknownColumn(self.table.system, self.table.name, absent)

    def _unasked(self) -> tuple[str, ...]:
        unasked = sorted(name for name in self.names - set(self.table.fields) if "@" not in name)
        if not unasked:
            return ()
        return (
            f"{self.table.name}: the service also sent {', '.join(unasked)}, which is not declared "
            "and not stored; a line in tables.yml would store it",
        )
