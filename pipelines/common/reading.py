"""Reading one table completely: all of its pages, checked against the service's count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .client import ODataClient
from .errors import CountMismatch, UnknownColumn
from .pages import Page
from .rows import Rows
from .tables import Table

FULL, DELTA = "full", "delta"
Tally = Callable[[int], None]  # is called with the number of rows so far


@dataclass(frozen=True)
class TableRead:
    """What a service sent for one table.

    rows: one for each key; deletions: keys of deleted rows (delta only);
    entries: rows and deletions as they came; delta_link: where the next delta starts, below the
    service's root;
    date: the service's clock at the first page;
    gone: how many of the rows are there to be marked deleted, with their `deleted_at`.
    """

    rows: Rows
    mode: str = FULL
    deletions: tuple[str, ...] = ()
    entries: int = 0
    service_count: int | None = None
    delta_link: str | None = None
    date: str | None = None
    pages: int = 0
    warnings: tuple[str, ...] = ()
    gone: int = 0


def collect(
    table: Table, pages: Iterable[Page], tally: Tally, folder: Path | None = None
) -> TableRead:
    """All pages of one answer, kept in `folder` where they are many.

    UnknownColumn if a declared column was in no row at all.
    """
    found = _Found(table, Rows(table, folder))
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
    is right then. A count of `ceiling` means "that many or more". Rows that share a key because it
    has no number are counted, too, and said.
    """
    first, before = _noted(table, read()), count()
    if before is None:
        warning = f"{table.name}: the service gave no count to check the rows against"
        return replace(first, warnings=(*first.warnings, warning))
    if _agrees(_counted(first), before, before, ceiling):
        return replace(first, service_count=before)
    second, after = _noted(table, read()), count()
    low, high = sorted((before, before if after is None else after))
    if after is None or _agrees(_counted(second), low, high, ceiling):
        return replace(second, service_count=after)
    raise CountMismatch(table.system, table.name, _counted(second), after)


def all_missing(client: ODataClient, table: Table) -> UnknownColumn:
    """The error for every declared column the service lacks, not only the first it named."""
    return UnknownColumn(table.system, table.name, client.missing_columns(table))


def _counted(read: TableRead) -> int:
    return read.rows.num_rows + read.rows.unnumbered


def _noted(table: Table, read: TableRead) -> TableRead:
    if not read.rows.unnumbered:
        return read
    warning = (
        f"{table.name}: {read.rows.unnumbered:,} more rows have no number in their key"
        f" ({', '.join(table.key_fields)}): "
        "one of each key was kept, and no flow writes it (rule O8)"
    )
    return replace(read, warnings=(*read.warnings, warning))


def _agrees(rows: int, low: int, high: int, ceiling: int | None) -> bool:
    return low <= rows <= high or (high == ceiling and rows >= high)


@dataclass
class _Found:
    """Rows, deletions and oddities while pages come in."""

    table: Table
    rows: Rows
    deletions: dict[str, None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    entries: int = 0
    pages: int = 0
    date: str | None = None
    delta_link: str | None = None

    def add(self, page: Page) -> None:
        self.deletions.update(dict.fromkeys(page.deletions))
        self.names |= page.names
        self.rows.add(page.rows)
        self.entries += page.entries
        self.pages += 1
        self.date = self.date or page.date
        self.delta_link = page.delta_link

    def result(self) -> TableRead:
        self._check_columns()
        self.rows.keep_last()
        return TableRead(
            rows=self.rows,
            deletions=tuple(self.deletions),
            entries=self.entries,
            delta_link=self.delta_link,
            date=self.date,
            pages=self.pages,
            warnings=self._unasked(),
        )

    def _check_columns(self) -> None:
        """A service that leaves an unknown column out without a word hides a mistake."""
        absent = [c.name for c in self.table.columns if c.field not in self.names]
        if absent and self.rows.num_rows:
            raise UnknownColumn(self.table.system, self.table.name, absent)

    def _unasked(self) -> tuple[str, ...]:
        unasked = sorted(name for name in self.names - set(self.table.fields) if "@" not in name)
        if not unasked:
            return ()
        return (
            f"{self.table.name}: the service also sent {', '.join(unasked)}, which is not declared "
            "and not stored; a line in tables.yml would store it",
        )
