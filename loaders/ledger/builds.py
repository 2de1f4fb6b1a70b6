"""Whether the warehouse holds a complete build, of the mapping that is there now.

The mapping is what dbt makes rows by: models, macros, seeds and settings; whoever builds says by a
fingerprint which one it was. A build that failed, or one in part, leaves no note; nor does dbt when
it is started on its own, as nobody knows then with what.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from loaders.errors import IncompleteBuild
from loaders.ledger import marks
from loaders.warehouse import open_warehouse

READS = (
    "select table_schema from information_schema.tables "
    "where table_name = 'reads' and starts_with(table_schema, 'raw_')"
)


def note_build(warehouse: Path, mapping: str, started: datetime) -> None:
    """Note that everything was built by a mapping, from what had been read at that moment."""
    with open_warehouse(warehouse, read_only=False) as connection:
        marks.put(connection, marks.BUILT, mapping, started)


def check_build(warehouse: Path, mapping: str) -> None:
    """Raise IncompleteBuild unless the last build is complete, by this mapping and not outdated."""
    with open_warehouse(warehouse) as connection:
        found = marks.get(connection, marks.BUILT)
        if found is None:
            raise IncompleteBuild("the last build did not come to its end")
        built_by, started = found
        if built_by != mapping:
            raise IncompleteBuild("models, macros, seeds or settings were edited since")
        if _last_read(connection) > started.timestamp():
            raise IncompleteBuild("tables were read since it was built")


def _last_read(connection: duckdb.DuckDBPyConnection) -> float:
    """When the last table was read, in seconds since 1970; 0 when none ever was."""
    schemas = [schema for (schema,) in connection.execute(READS).fetchall()]
    moments = [
        connection.execute(f'select epoch(max(finished_at)) from "{schema}".reads').fetchall()[0][0]
        for schema in schemas
    ]
    return max((moment for moment in moments if moment is not None), default=0.0)
