"""The rows of one table while it is read: many of them wait on disk, not in memory.

A table is kept until it is complete and checked, so that nothing half-read is loaded and a second
try replaces the first.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import reduce
from operator import or_
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .arrow import latest
from .tables import Table

HELD = 16 * 2**20  # bytes in memory before they go to disk; ten tables are read at once
PIECE = 20_000  # rows handed on at once
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "400MB",
    "preserve_insertion_order": False,
}


class Rows:
    """Rows of `table.schema` in the order they were sent; `keep_last` keeps one for each key.

    folder: where a folder of their own is made as soon as they are many (None: the machine's for
    temporary files). It is gone with the object; after a kill whoever gave the folder removes it.
    unnumbered: rows that `keep_last` left out because a number of their key is 0 or null, so that
    they share it with others (lines of F&O from before the integration, rule O8).
    """

    def __init__(self, table: Table, folder: Path | None = None) -> None:
        self.table, self.num_rows, self.unnumbered = table, 0, 0
        self._within = folder
        self._folder: Path | None = None
        self._held: list[pa.Table] = []
        self._files: list[Path] = []
        self._made = 0

    def add(self, rows: pa.Table) -> None:
        """More rows, after all others."""
        self._held.append(rows)
        self.num_rows += rows.num_rows
        if sum(part.nbytes for part in self._held) > HELD:
            self._store()

    def keep_last(self) -> None:
        """Keep the row sent last for each key.

        Pages are not a snapshot: a row can be sent again when others are inserted before it, or
        when it is changed meanwhile (protocols A4, B3).
        """
        if not self._files:
            kept = latest(self._in_memory(), self.table.key)
            if kept.num_rows < self.num_rows:
                self._leave_out(lambda: self._hold(kept))
            return
        self._store()
        with self.database() as database:
            keys = f"select distinct {_names(self.table.key)} from {self.relation(database)}"
            counted = database.execute(f"select count(*) from ({keys})").fetchall()[0][0]
            if counted < self.num_rows:
                self._leave_out(lambda: self._keep_latest(database))
                self.num_rows = counted

    def _leave_out(self, drop: Callable[[], None]) -> None:
        """Count beside it; most tables have no such rows and are not read through for it."""
        before = self._without_number()
        drop()
        self.unnumbered += before - self._without_number()

    def _hold(self, rows: pa.Table) -> None:
        self._held, self.num_rows = [rows], rows.num_rows

    def _without_number(self) -> int:
        """Rows with a number in their key that is 0 or null."""
        fields = (self.table.schema.field(name) for name in self.table.key)
        numbers = [field.name for field in fields if pa.types.is_integer(field.type)]
        if not numbers:
            return 0
        absent = [pc.field(name).is_null() | (pc.field(name) == 0) for name in numbers]
        condition = reduce(or_, absent)
        return sum(part.filter(condition).num_rows for part in self.tables())

    def tables(self) -> Iterator[pa.Table]:
        """All rows, in pieces."""
        for file in self._files:
            with pq.ParquetFile(file) as parquet:
                for batch in parquet.iter_batches(PIECE):
                    yield pa.Table.from_batches([batch]).cast(self.table.schema)
        if not self._files:
            yield self._in_memory()

    def holding(self, keys: Collection[str]) -> frozenset[str]:
        """Which of these are keys of rows here, by the first column of the key."""
        wanted, found = pa.array(keys, pa.string()), set()
        for part in self.tables() if keys else ():
            column = part[self.table.key[0]]
            found.update(column.filter(pc.is_in(column, wanted)).to_pylist())
        return frozenset(found)

    def without(self, keys: Collection[str]) -> Rows:
        """The same rows but those with these keys, by the first column of the key."""
        left, out = Rows(self.table, self._within), pa.array(keys, pa.string())
        for part in self.tables():
            left.add(part.filter(pc.invert(pc.is_in(part[self.table.key[0]], out))))
        return left

    def database(self) -> duckdb.DuckDBPyConnection:
        """A database of its own, that spills beside the rows."""
        database = duckdb.connect(config=SETTINGS)
        if self._folder:
            database.execute(f"set temp_directory = '{_quoted(self._folder / 'spill')}'")
        return database

    def relation(self, database: duckdb.DuckDBPyConnection) -> str:
        """What the rows are called in a query of this connection."""
        if not self._files:
            database.register("sent_rows", self._in_memory())
            return "sent_rows"
        self._store()
        files = ", ".join(f"'{_quoted(file)}'" for file in self._files)
        return f"read_parquet([{files}], filename = true, file_row_number = true)"

    def new_file(self) -> Path:
        """A path for rows of this table, beside the others and gone with them."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=f"{self.table.name}-", dir=self._within))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._made += 1
        return self._folder / f"{self._made:06}.parquet"

    def _in_memory(self) -> pa.Table:
        return pa.concat_tables([self.table.schema.empty_table(), *self._held])

    def _store(self) -> None:
        if self._held:
            file = self.new_file()
            # Without a dictionary: most texts differ, and making one takes longer than writing.
            pq.write_table(self._in_memory(), file, use_dictionary=False)
            self._files.append(file)
            self._held = []

    def _keep_latest(self, database: duckdb.DuckDBPyConnection) -> None:
        """Files are numbered and rows within them, both in the order in which they were sent."""
        file, rows = self.new_file(), self.relation(database)
        database.execute(
            f"copy (select {_names(self.table.schema.names)} from {rows} "
            f"where (filename, file_row_number) in (select max((filename, file_row_number)) "
            f"from {rows} group by {_names(self.table.key)})) "
            f"to '{_quoted(file)}' (format parquet)"
        )
        for old in self._files:
            old.unlink()
        self._files = [file]


def rows_of_table(table: Table, rows: pa.Table) -> Rows:
    """A few rows that are in memory already."""
    found = Rows(table)
    found.add(rows)
    return found


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
