"""What the records are called that a plan deactivates or deletes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from p2c.config.context import Context
from p2c.warehouse import reading

if TYPE_CHECKING:
    from loaders import Change

PERSON = re.compile("(First|Middle|Last)Name$")
# Names of what a record has, and not its own.
OTHERS = re.compile("^p2c_|Address|Terms")
Names = dict[tuple[str, str | None], str]


def names(context: Context, changes: Iterable[Change]) -> Names:
    """(model, source key) → name, from the target models, where one of their columns is a name.

    The target models have records that are gone, as they were last.
    """
    keys: dict[str, list[str]] = {}
    for change in changes:
        if change.source_key is not None:
            keys.setdefault(change.model, []).append(change.source_key)
    found: Names = {}
    if not keys:
        return found
    with reading(context.warehouse) as warehouse:
        tables = warehouse.columns("target")
        for model, wanted in keys.items():
            table = model.replace("changes_", "target_", 1)
            label = _label(tables.get(table, []))
            if label is None:
                continue
            rows = warehouse.rows(
                f'select p2c_source_key as key, {label} as name from target."{table}" '
                "where list_contains($1, p2c_source_key)",
                [wanted],
            )
            found |= {(model, row["key"]): str(row["name"]) for row in rows}
    return found


def _label(columns: Iterable[str]) -> str | None:
    """What a record is called, in SQL: the parts of a person's name, or a name of its own."""
    mine = [c for c in columns if c.lower().endswith("name") and not OTHERS.search(c)]
    parts = [f'"{c}"' for c in mine if PERSON.search(c)] or [f'"{c}"' for c in mine[:1]]
    return f"concat_ws(' ', {', '.join(parts)})" if parts else None
