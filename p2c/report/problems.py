"""What cannot be written, grouped by cause, and what waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2c.lookup import quality
from p2c.lookup.chains import chains
from p2c.lookup.first_seen import dated
from p2c.warehouse import Reader, Row

NAMES = """
select distinct on (flow, target, source_key) flow, target, source_key, name
from quality.record_names where source_key in (select unnest($1))
"""
CAUSE = ("flow", "target", "by", "code", "column_name")


def problems(warehouse: Reader, limit: int) -> dict[str, Any]:
    """`groups` by cause, `chains`, and how many records are `rejected` or `waiting`.

    At most `limit` chains (0: all); `chains_left_out` counts the others.

    A group has `records` (how many), `since` (of the oldest), `runs` (the most of one), `message`
    where all rows have the same one, and at most `limit` (0: all) `rows`, each with its `name`.
    What the build blocks is in `chains` only, conflicts are a group.
    """
    rows = dated(warehouse, quality.listed(warehouse))
    refused = [row for row in rows if row["code"] not in quality.WAITING]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row["code"] != "blocked" or row["by"] == "service":
            groups.setdefault(tuple(row[name] for name in CAUSE), []).append(row)
    found = [_group(cause, members, limit) for cause, members in groups.items()]
    _name(warehouse, [row for group in found for row in group["rows"]])
    waiting = chains(warehouse, refused)
    return {
        "groups": sorted(found, key=lambda group: (-group["records"], str(group["code"]))),
        "chains": [_cut(chain, limit) for chain in waiting[: limit or None]],
        "chains_left_out": max(0, len(waiting) - limit) if limit else 0,
        "rejected": quality.distinct(refused),
        "waiting": quality.distinct(row for row in rows if row["code"] in quality.WAITING),
    }


def _group(cause: Sequence[Any], rows: Sequence[Row], limit: int) -> dict[str, Any]:
    since = [row["since"] for row in rows if row["since"]]
    shown = sorted(rows, key=lambda row: str(row["record_key"] or row["source_key"]))
    return {
        **dict(zip(CAUSE, cause, strict=True)),
        "records": quality.distinct(rows),
        "since": min(since) if since else None,
        "runs": max((row["runs"] for row in rows if row["runs"] is not None), default=None),
        "message": rows[0]["message"] if len({row["message"] for row in rows}) == 1 else None,
        "rows": shown[: limit or None],
        "left_out": max(0, len(rows) - limit) if limit else 0,
    }


def _name(warehouse: Reader, rows: Sequence[Row]) -> None:
    """Each row gets the name of its record, null where none is known."""
    keys = list({row["source_key"] for row in rows if row["source_key"]})
    named = warehouse.rows(NAMES, [keys]) if keys else []
    names = {(row["flow"], row["target"], row["source_key"]): row["name"] for row in named}
    for row in rows:
        row["name"] = names.get((row["flow"], row["target"], row["source_key"]))


def _cut(chain: dict[str, Any], limit: int) -> dict[str, Any]:
    rows = chain["waiting"]
    shown = rows[: limit or None]
    return chain | {"records": len(rows), "waiting": shown, "left_out": len(rows) - len(shown)}
