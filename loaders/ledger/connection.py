"""SQLite whose errors say which file they are about and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from loaders.errors import StorageError

T = TypeVar("T")
WHAT_TO_DO = {
    "full": "cannot be written: {cause}. Make room on the disk and start again.",
    "locked": "is held by another program: {cause}. Close that one and start again.",
    "readonly": "cannot be written: {cause}. Give this user the right to write it and its folder.",
    "unable to open": (
        "cannot be opened: {cause}. Give this user the right to write it and its folder."
    ),
    "i/o": "cannot be read or written: {cause}. See to the disk, then start again.",
}
DAMAGED = (
    "is damaged: {cause}. Put a copy from a backup in its place, or move it away: what the "
    "warehouse knows of it is taken back from there."
)


def storage_error(path: Path, error: sqlite3.Error | OSError) -> StorageError:
    """An error about a file, with what to do."""
    cause = error.strerror if isinstance(error, OSError) else str(error)
    text = f"{cause}".lower().replace("read-only", "readonly").replace("no space", "full: no space")
    text = text.replace("permission denied", "readonly: permission denied")
    problem = next((advice for word, advice in WHAT_TO_DO.items() if word in text), DAMAGED)
    return StorageError(path, problem.format(cause=cause))


class Cursor(sqlite3.Cursor):
    """A cursor whose connection knows its file."""

    def _explained(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            ours = isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError)
            if ours or str(error).startswith(("no such ", "near ")):
                raise  # a mistake in a statement, no trouble of the file
            assert isinstance(self.connection, LedgerConnection)
            raise storage_error(self.connection.path, error) from error

    def execute(self, sql: str, values: Any = (), /) -> Cursor:  # noqa: ANN401 - as typeshed
        """As of sqlite3; StorageError."""
        self._explained(lambda: super(Cursor, self).execute(sql, values))
        return self

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Cursor:
        """As of sqlite3; StorageError."""
        self._explained(lambda: super(Cursor, self).executemany(sql, rows))
        return self

    def fetchone(self) -> sqlite3.Row | None:
        """As of sqlite3; StorageError."""
        row: sqlite3.Row | None = self._explained(super().fetchone)
        return row

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        """As of sqlite3; StorageError."""
        return self._explained(lambda: super(Cursor, self).fetchmany(size))

    def fetchall(self) -> list[Any]:
        """As of sqlite3; StorageError."""
        return self._explained(super().fetchall)


class LedgerConnection(sqlite3.Connection):
    """A connection that knows its file."""

    path: Path

    def cursor(self, factory: type[Cursor] = Cursor) -> Cursor:  # type: ignore[override]
        """A cursor that does too."""
        return super().cursor(factory)

    def execute(self, sql: str, values: Any = (), /) -> Cursor:  # noqa: ANN401 - as typeshed
        """As of sqlite3; StorageError."""
        return self.cursor().execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any], /) -> Cursor:
        """As of sqlite3; StorageError."""
        return self.cursor().executemany(sql, rows)
