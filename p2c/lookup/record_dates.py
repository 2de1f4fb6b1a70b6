"""Of which moment a fate speaks: when both systems were read, against the record's last write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from p2c.lookup.record_history import is_of
from p2c.lookup.record_targets import Targets, target_key
from p2c.warehouse import Reader, Row

BEFORE = "before the last write"
AFTER = "after the last write"
NEVER = "a record that no run has written"
READS = """
select '{schema}.' || table_name as relation, max(started_at) as at
from {schema}.reads where mode <> 'skipped' group by 1
"""


def dated(
    warehouse: Reader, targets: Targets, fates: Sequence[Row], writes: Sequence[Row]
) -> list[Row]:
    """The fates with the time they speak of, against the last write of the same record."""
    read = _last_reads(warehouse)
    found = []
    for fate in fates:
        place = targets.get(target_key(fate))
        sources = place.target.sources if place else ()
        times = [read[table] for table in sources if table in read]
        times += [fate["built_at"]] if fate.get("built_at") else []
        as_of = min(times, default=None)
        sent = [row["finished_at"] for row in writes if is_of(row, fate) and row["finished_at"]]
        found.append({**fate, "as_of": as_of, "speaks_of": _speaks_of(as_of, sent)})
    return found


def _speaks_of(as_of: datetime | None, sent: Sequence[datetime]) -> str | None:
    if as_of is None:
        return None
    if not sent:
        return NEVER
    return BEFORE if as_of < max(sent) else AFTER


def _last_reads(warehouse: Reader) -> dict[str, datetime]:
    """Raw table → when its last read began."""
    found = {}
    for schema in ("raw_sales", "raw_finops"):
        if "reads" in warehouse.tables(schema):
            for row in warehouse.rows(READS.format(schema=schema)):
                found[row["relation"]] = row["at"]
    return found
