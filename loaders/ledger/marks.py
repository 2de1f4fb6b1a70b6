"""Notes that the warehouse carries about itself, in `ledger.marks`: one row a note.

`behind`: the ledger knows, or may learn, of writes that the warehouse does not hold; dbt refuses
to build it. `built`: the last complete build, with the mapping it was made from; `made_of`: with
what else. `missed`: an older copy was put back, so that deltas would leave gaps. `version`: of what
the loaders find in the warehouse (upgrade.py). They are written beside what they speak of, so that
neither a killed process nor a copied file parts them.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from loaders.clock import stamp

BEHIND, BUILT, MADE_OF, MISSED = "behind", "built", "made_of", "missed"
VERSION = "version"
TABLE = (
    "create schema if not exists ledger; create table if not exists ledger.marks "
    "(name varchar primary key, value varchar, noted_at timestamptz)"
)
PRESENT = (
    "select 1 from information_schema.tables where table_schema = 'ledger' and table_name = 'marks'"
)


def put(connection: duckdb.DuckDBPyConnection, name: str, value: str, moment: datetime) -> None:
    """Set a note, in place of the one of that name."""
    connection.execute(TABLE)
    connection.execute(
        "insert or replace into ledger.marks values (?, ?, ?)", [name, value, stamp(moment)]
    )


def remove(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Take a note away; nothing happens when it is not there."""
    connection.execute(TABLE)
    connection.execute("delete from ledger.marks where name = ?", [name])


def get(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[str, datetime] | None:
    """Value and time of a note, or None."""
    if not connection.execute(PRESENT).fetchall():
        return None
    rows = connection.execute(
        "select value, noted_at from ledger.marks where name = ?", [name]
    ).fetchall()
    return (str(rows[0][0]), rows[0][1]) if rows else None
