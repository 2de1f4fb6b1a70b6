"""A plan's rows: one Parquet file, `<state_dir>/plans/<plan id>.parquet`, in writing order.

Written once, by DuckDB from what it has computed, under another name that is changed when all of it
is on disk; never changed afterwards. What became of the rows is in SQLite. Read in row groups, so
that no plan is too large for memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.errors import StorageError
from loaders.ledger.connection import storage_error
from pipelines.common.durable import put_in_place
from pipelines.common.memory import limited
from pipelines.common.private import owner_only

FOLDER, SUFFIX, UNFINISHED = "plans", ".parquet", ".unfinished"
# `number` is the row's place in the plan, from 1; the others are as in `ledger.writes`.
TEXTS = (
    "change_id", "model", "flow", "system", "entity_set", "operation", "unit", "record_key",
    "record_id", "source_key", "key_values", "etag", "before", "after", "changed_columns",
    "parents", "agreement", "idempotency_key", "status", "error_message",
)  # fmt: skip
COLUMNS = ("number", *TEXTS)
SCHEMA = pa.schema([("number", pa.int64()), *((name, pa.string()) for name in TEXTS)])
# DuckDB's own: the n smallest of a group, and a JSON member as text.
FIRST = """
select unnest(min(number, $1)) as number from {relation}
group by model, operation, status,
    coalesce(json_extract_string(agreement, '$.first_contact') = 'true', false)
order by number
"""
MOST = 999_999  # that DuckDB's min() takes
ROW_GROUP, PAGE = 20_480, 5_000
MISSING = (
    "is missing: it has the rows of plan {plan}. Put it back from a backup, or let the warehouse "
    "restore it, which has a copy of every plan that a command came to its end with; if there is "
    "neither, run `p2c run`, which plans anew what is still to be written."
)


def path_of(folder: Path, plan_id: str) -> Path:
    """Where the rows of a plan are, under the ledger's folder."""
    return folder / FOLDER / f"{plan_id}{SUFFIX}"


def listed(names: Sequence[str] = COLUMNS) -> str:
    """Columns as SQL: `before` and `after` are words of it."""
    return ", ".join(f'"{name}"' for name in names)


def write(path: Path, connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Copy a relation with the file's columns, whose rows are in order, to a file beside `path`.

    `finish` gives it its name. Raises StorageError.
    """
    try:
        with owner_only():
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select {listed()} from {relation}) to '{_quoted(_unfinished(path))}' "
                f"(format parquet, compression zstd, row_group_size {ROW_GROUP})"
            )
    except (duckdb.IOException, OSError) as error:
        discard(path)
        cause = error if isinstance(error, OSError) else OSError(0, str(error).splitlines()[0])
        raise storage_error(path, cause) from error


def finish(path: Path) -> None:
    """The file is complete: on disk, then under its name."""
    try:
        put_in_place(_unfinished(path), path)
    except OSError as error:
        raise storage_error(path, error) from error


def discard(path: Path) -> None:
    """No plan came of it after all."""
    _unfinished(path).unlink(missing_ok=True)


def sweep(folder: Path, known: Collection[str] | None = None) -> int:
    """Remove what killed processes left: files that never got their name; how many.

    known: names of files to keep; without it every file stays that is complete, as a ledger that
    was put back may know nothing of it yet.
    """
    left = [
        path
        for path in (folder / FOLDER).glob("*")
        if (path.name not in known if known is not None else _is_unfinished(path))
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_unfinished(path: Path) -> bool:
    """Ours, and DuckDB's own file under a file that it writes."""
    return path.suffix != SUFFIX or path.name.startswith("tmp_")


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + UNFINISHED)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def relation(path: Path) -> str:
    """SQL: the rows of a file as a table."""
    return f"read_parquet('{_quoted(path)}')"


def read(
    path: Path,
    names: Sequence[str],
    *,
    first: int = 1,
    last: int | None = None,
) -> Iterator[list[tuple[Any, ...]]]:
    """Pages of rows in order: those numbered from `first` to `last`, with the columns named.

    Raises StorageError, also when the file is not there.
    """
    wanted = list(dict.fromkeys(("number", *names)))
    try:
        with closing(_open(path)) as file:
            for group in _groups(file, first, last):
                table = file.read_row_group(group, columns=wanted)
                yield from _pages(_between(table, first, last).select(names))
    except (OSError, pa.ArrowException) as error:
        cause = error if isinstance(error, OSError) else OSError(0, str(error))
        raise storage_error(path, cause) from error


def _open(path: Path) -> pq.ParquetFile:
    if not path.is_file():
        raise StorageError(path, MISSING.format(plan=path.name.removesuffix(SUFFIX)))
    return pq.ParquetFile(path)


def rows_in(path: Path) -> int:
    """How many rows a file has; 0 where there is none."""
    if not path.is_file():
        return 0
    with closing(_open(path)) as file:
        return int(file.metadata.num_rows)


def _groups(file: pq.ParquetFile, first: int, last: int | None) -> Iterator[int]:
    """Row groups that may have a row numbered from `first` to `last`."""
    for group in range(file.num_row_groups):
        known = file.metadata.row_group(group).column(0).statistics
        if known.max >= first and (last is None or known.min <= last):
            yield group


def _between(table: pa.Table, first: int, last: int | None) -> pa.Table:
    numbers = table.column("number")
    kept = pc.greater_equal(numbers, first)
    if last is not None:
        kept = pc.and_(kept, pc.less_equal(numbers, last))
    return table.filter(kept)


def _pages(table: pa.Table) -> Iterator[list[tuple[Any, ...]]]:
    for place in range(0, table.num_rows, PAGE):
        part = table.slice(place, PAGE)
        yield list(zip(*(column.to_pylist() for column in part.columns), strict=True))


def rows_numbered(
    path: Path, names: Sequence[str], numbers: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """Single rows in order, the number first. Raises StorageError."""
    if not numbers:
        return
    wanted = pa.array(numbers, pa.int64())
    try:
        with closing(_open(path)) as file:
            for group in _groups(file, min(numbers), max(numbers)):
                table = file.read_row_group(group, columns=["number", *names])
                kept = pc.is_in(table.column("number"), value_set=wanted)
                for page in _pages(table.filter(kept)):
                    yield from page
    except (OSError, pa.ArrowException) as error:
        cause = error if isinstance(error, OSError) else OSError(0, str(error))
        raise storage_error(path, cause) from error


def first_numbers(path: Path, each: int) -> list[int]:
    """The numbers of the first rows of each model, operation, status and (not) first contact.

    Four columns of the file are read for it. Raises StorageError.
    """
    if each == 0:
        return []
    try:
        with closing(_open(path)), closing(limited(duckdb.connect())) as connection:
            sql = FIRST.format(relation=relation(path))
            found = connection.execute(sql, [min(each, MOST)]).fetchall()
    except (OSError, duckdb.IOException) as error:
        cause = error if isinstance(error, OSError) else OSError(0, str(error))
        raise storage_error(path, cause) from error
    return [number for (number,) in found]
