"""A plan for scripts: what `--json` prints, as docs/json.md has it."""

from __future__ import annotations

from typing import Any

from p2c.screen.changes_text import REMOVALS, Shown
from p2c.screen.plan_view import CHANGES, FIRST, TAKEN, UNSENT, PlanView, Section


def plan_data(view: PlanView) -> dict[str, Any]:
    """Every record that the view has, with the counts of all."""
    is_undo = view.report.get("kind") == "undo"
    written = [*_of(view, CHANGES, FIRST), *([] if is_undo else _of(view, UNSENT))]
    removed = _of(view, TAKEN)
    changes = [_change(row) for one in (*written, *removed) for row in one.rows]
    planned = {"plan_id": view.plan.plan_id, "guard": view.guard, "deletions": _deletions(view)}
    apart = [_apart(one, row) for one in view.sections if one.kind not in OWN for row in one.rows]
    data = {**view.report, **planned, "changes": changes, "apart": apart, **view.beside}
    kept = [(row.key, row.note) for one in _of(view, UNSENT) for row in one.rows] if is_undo else []
    return {**data, "kept": kept} if is_undo else data


OWN = (CHANGES, TAKEN, FIRST, UNSENT)


def _of(view: PlanView, *kinds: str) -> list[Section]:
    return [one for one in view.sections if one.kind in kinds]


def _deletions(view: PlanView) -> int:
    """All of them, whether they are shown or not."""
    operations = view.plan.counts.values()
    if view.report.get("kind") != "undo":
        return sum(by.get(name, 0) for by in operations for name in REMOVALS)
    return sum(one.total for one in _of(view, TAKEN))


def _change(row: Shown) -> dict[str, Any]:
    return {
        "flow": row.flow,
        "model": row.model,
        "operation": row.operation,
        "key": row.key,
        **({"name": row.name} if row.name else {}),
        "fields": {name: {"before": old, "after": new} for name, (old, new) in row.columns.items()},
        "first_contact": row.first_contact,
        "kept": dict(row.kept),
        "status": row.status,
        "message": row.note,
    }


def _apart(section: Section, row: Shown) -> dict[str, Any]:
    first = "source" if section.kind == "conflict" else "agreed"
    columns = {
        name: {first: one, "target": other, "action": row.actions.get(name)}
        for name, (one, other) in row.columns.items()
    }
    return {
        "kind": section.kind,
        "flow": section.flow,
        "target": section.target,
        "key": row.key,
        "columns": columns,
        "message": row.note,
    }
