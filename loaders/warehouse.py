"""Opens the DuckDB warehouse for the short moments the loaders need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from loaders.errors import WarehouseError
from pipelines.common.memory import limit, limited
from pipelines.common.private import owner_only

OUT_OF_MEMORY = (
    "needs more memory than DuckDB may take ({limit}): raise the setting p2c.memory, or start "
    "where more is free."
)


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in UTC, closed at the end: one process at a time may hold the file.

    Raises WarehouseError when the file is missing, held by another process, or lacks a
    table or a column.
    """
    if read_only and not path.is_file():
        raise WarehouseError(path, "there is no warehouse yet; run `p2c extract` and `p2c build`.")
    try:
        with owner_only():
            connection = limited(duckdb.connect(str(path), read_only=read_only))
    except duckdb.Error as error:
        raise WarehouseError(path, f"cannot be opened: {_first_line(error)}") from error
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    except duckdb.CatalogException as error:
        raise WarehouseError(path, f"{_first_line(error)} Run `p2c build` first.") from error
    except duckdb.BinderException as error:
        older = "The project's models are older than this version of p2c: take over the newer ones"
        problem = f"{_first_line(error)} {older} (docs/decisions/0025), then `p2c build`."
        raise WarehouseError(path, problem) from error
    except duckdb.OutOfMemoryException as error:
        raise WarehouseError(path, OUT_OF_MEMORY.format(limit=limit())) from error
    except (duckdb.IOException, duckdb.FatalException) as error:
        problem = f"cannot be read or written: {_first_line(error)}"
        raise WarehouseError(
            path, f"{problem} See that the disk has room, and start again."
        ) from error
    finally:
        connection.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
