"""What an extract did, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableReport:
    """One table of one extract.

    mode: 'full', 'delta', or 'skipped' (left as it was last read, see missing_columns); rows:
    rows sent, in a delta the changed ones; deletions: rows newly marked deleted; landed: rows that
    were new, changed or gone, which is what the warehouse was changed by; service_count:
    the service's own count, None where it gave none; seconds: reading only; missing_columns:
    declared but not at the source, '*' for the whole table; marked: those of the deletions that
    came as rows, not as keys.
    """

    system: str
    table: str
    mode: str
    rows: int
    deletions: int
    service_count: int | None
    seconds: float
    warnings: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    landed: int = 0
    marked: int = 0


@dataclass(frozen=True)
class ExtractReport:
    """All tables of one extract, in the order of their declaration, and notes."""

    tables: tuple[TableReport, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def rows(self) -> int:
        """Rows sent by both services."""
        return sum(table.rows for table in self.tables)

    @property
    def landed(self) -> int:
        """Rows that changed the warehouse; without any it holds what it held before."""
        return sum(table.landed for table in self.tables)

    @property
    def skipped(self) -> tuple[TableReport, ...]:
        """Tables left as they were last read, because declared columns are gone."""
        return tuple(table for table in self.tables if table.missing_columns)


@dataclass(frozen=True)
class ExtractStep:
    """One step, for a progress bar. step: 'reading' (rows so far), 'read', 'loading', 'note'."""

    step: str
    system: str
    table: str = ""
    rows: int = 0
    message: str = ""
