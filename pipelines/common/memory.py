"""How much memory DuckDB may take, in this process and in those that it starts.

Past it DuckDB goes on in `<warehouse>.tmp`. Its own default, 80 % of the machine, leaves too
little for the pages and rows that Python holds meanwhile. The value travels in the environment,
where dbt's profile finds it, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

VARIABLE = "P2C_MEMORY"
SHARE = "60%"


def limit() -> str:
    """A share or a size, as DuckDB takes it."""
    return os.environ.get(VARIABLE) or SHARE


def limited(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection, with the limit for all of its database that is open in this process."""
    connection.execute(f"set memory_limit = '{limit()}'")
    return connection
