"""Why records are rejected, blocked or failed: counts by flow and code, no key and no value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from p2c.errors import NothingStaged, WarehouseBusy
from p2c.lookup import quality
from p2c.lookup.first_seen import dated
from p2c.warehouse import Row, reading

# Causes of each condition that a message has; the most frequent.
MOST = 20


def causes(warehouse: Path, kinds: Collection[str]) -> list[dict[str, Any]]:
    """`kind`, `flow`, `code`, `records`, `since` (UTC or null) for the kinds asked for.

    Empty where the warehouse is not there, is of an earlier version, or is held by another.
    """
    if not kinds:
        return []
    try:
        with reading(warehouse) as reader:
            rows = dated(reader, quality.listed(reader))
    except (NothingStaged, WarehouseBusy):
        return []
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if (kind := _kind(row)) in kinds:
            groups.setdefault((kind, row["flow"], row["code"]), []).append(row)
    found = [_group(key, members) for key, members in groups.items()]
    return sorted(found, key=lambda group: (-group["records"], group["flow"], group["code"]))


def of_condition(found: Sequence[Mapping[str, Any]], kind: str, flow: str | None) -> list[Any]:
    """Those of one condition, the most frequent ones."""
    mine = [group for group in found if group["kind"] == kind and flow in (None, group["flow"])]
    return mine[:MOST]


def _kind(row: Row) -> str:
    if row["code"] in quality.WAITING:
        return str(row["code"])
    return "failed" if row["by"] == "service" else "rejected"


def _group(key: tuple[str, str, str], rows: Sequence[Row]) -> dict[str, Any]:
    since = [row["since"] for row in rows if row["since"]]
    return {
        **dict(zip(("kind", "flow", "code"), key, strict=True)),
        "records": quality.distinct(rows),
        "since": min(since) if since else None,
    }
