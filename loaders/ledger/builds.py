"""Whether the warehouse holds a complete build, of the mapping that is there now.

The mapping is what dbt makes rows by: models, macros, seeds and settings; whoever builds says by a
fingerprint which one it was. A build that failed, or one in part, leaves no note; nor does dbt when
it is started on its own, as nobody knows then with what.

Beside it stands what the build was made of: by raw table the last load that brought anything, and
the rows of the ledger that models read. While all of that is as it was, another build would bring
the same rows (decision 0035).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import IncompleteBuild
from loaders.ledger import marks
from loaders.warehouse import open_warehouse

READS = (
    "select table_schema, list(column_name) from information_schema.columns "
    "where table_name = 'reads' and starts_with(table_schema, 'raw_') group by all"
)
# The last load of a table that brought anything: where a read does not say it, one that sent rows.
LOADED = "coalesce(data_load_id, load_id)"
SENT = "case when rows + coalesce(deletions, 0) > 0 then load_id end"
# What the loaders write and models read: what came through or may have, what was answered last to
# each record, which pairs there are. Rows that are held back again and again are seen by no model.
LEDGER = {
    "writes": (
        "select write_id, status, finished_at, record_id, not_persisted from ledger.writes "
        "where status in ('acknowledged', 'verified', 'sent', 'unresolved')",
        "select flow, system, entity_set, record_key, "
        "arg_max(status, coalesce(finished_at, sent_at)) from ledger.writes "
        "where status not in ('planned', 'blocked', 'quarantined') group by all",
    ),
    "links": ("select link_id, record_key, changed_at, ended_at from ledger.links",),
}
# What the build itself found to agree, and what it will read the next time.
NEWLY_KNOWN = (
    "select table_name, column_name from information_schema.columns where table_schema = 'ledger' "
    "and ((starts_with(table_name, 'agreed_') and column_name = 'agreed_at') "
    "or (table_name = 'links' and column_name in ('changed_at', 'ended_at')))"
)


@dataclass(frozen=True)
class Standing:
    """A build by the same mapping and programs: its views and seeds are as another would make them.

    began: when it was begun, in UTC. changed: raw tables (`raw_<system>.<table>`) that brought rows
    since. all_tables: what models read beside them is another, so any table may be.
    """

    began: datetime
    changed: frozenset[str] = frozenset()
    all_tables: bool = False

    @property
    def holds(self) -> bool:
        """Whether another build would bring the same rows."""
        return not self.changed and not self.all_tables


def note_build(warehouse: Path, mapping: str, started: datetime, programs: str = "") -> None:
    """Note that everything was built by a mapping, from what had been read at that moment.

    programs: the versions that built it. A build that learned something which the next one reads
    (pairs found to agree) is not noted as one that may stand for the next.
    """
    with open_warehouse(warehouse, read_only=False) as connection:
        learned = _learned(connection, started)
        inputs = {
            "loads": _loads(connection),
            "ledger": "" if learned else _ledger(connection),
            "programs": programs,
        }
        marks.put(connection, marks.MADE_OF, json.dumps(inputs), started)
        marks.put(connection, marks.BUILT, mapping, started)


def check_build(warehouse: Path, mapping: str) -> None:
    """Raise IncompleteBuild unless the last build is complete, by this mapping and not outdated."""
    with open_warehouse(warehouse) as connection:
        found = marks.get(connection, marks.BUILT)
        if found is None:
            raise IncompleteBuild("the last build did not come to its end")
        if found[0] != mapping:
            raise IncompleteBuild("models, macros, seeds or settings were edited since")
        if _made_of(connection).get("loads") != _loads(connection):
            raise IncompleteBuild("tables were read since it was built")


def standing_build(warehouse: Path, mapping: str, programs: str, now: datetime) -> Standing | None:
    """The last build, if one made now would differ from it by the rows of its tables only.

    Models may ask for the day (rule P3): on another one, in UTC, all tables are to be built.
    """
    if not warehouse.is_file():
        return None
    with open_warehouse(warehouse) as connection:
        found = marks.get(connection, marks.BUILT)
        if found is None or found[0] != mapping or marks.get(connection, marks.BEHIND):
            return None
        began, now = found[1].astimezone(UTC), now.astimezone(UTC)
        noted, loads = _made_of(connection), _loads(connection)
        before = noted.get("loads", {})
        if noted.get("programs") != programs or not before.keys() <= loads.keys():
            return None
        changed = frozenset(table for table in loads if before.get(table) != loads[table])
        known = noted["ledger"] == _ledger(connection) and began.date() == now.date()
        return Standing(began, changed, all_tables=not known)


def _made_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    found = marks.get(connection, marks.MADE_OF)
    return dict(json.loads(found[0])) if found else {}


def _loads(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """{`raw_<system>.<table>`: id of the last load that brought rows of it}."""
    found: dict[str, str | None] = {}
    for schema, columns in connection.execute(READS).fetchall():
        load_id = LOADED if "data_load_id" in columns else SENT
        rows = connection.execute(
            f"select table_name, arg_max({load_id}, started_at) "
            f'from "{schema}".reads where finished_at is not null group by 1'
        ).fetchall()
        found |= {f"{schema}.{table}": load for table, load in rows}
    return found


def _ledger(connection: duckdb.DuckDBPyConnection) -> str:
    """Another text when models would see other rows of the ledger, in whatever order."""
    known = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'ledger'"
        ).fetchall()
    }
    counted = [
        connection.execute(f"select count(*), bit_xor(hash(seen)) from ({sql}) as seen").fetchone()
        for table, questions in LEDGER.items()
        if table in known
        for sql in questions
    ]
    return " ".join(f"{row[0]}-{row[1]}" for row in counted if row)


def _learned(connection: duckdb.DuckDBPyConnection, started: datetime) -> bool:
    """Whether this build wrote down something that the next one compares with."""
    columns = connection.execute(NEWLY_KNOWN).fetchall()
    return any(
        connection.execute(
            f'select 1 from ledger."{table}" where "{column}" >= ? limit 1', [started]
        ).fetchall()
        for table, column in columns
    )
