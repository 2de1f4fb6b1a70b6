"""A plan without the keys and values of its records, by the same hashes as the report's page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from p2c.report.redact import HIDDEN, Hash
from p2c.screen.changes_text import Shown
from p2c.screen.plan_view import TAKEN, PlanView, Section


def redacted_plan(view: PlanView, hashed: Hash) -> PlanView:
    """Flows, columns, counts and ids of runs stay; texts that may quote a value are left out."""

    def record(row: Shown) -> Shown:
        return replace(
            row,
            key=hashed(row.key) or "",
            name=hashed(row.name) or "",
            note=HIDDEN if row.note else "",
            columns={name: (hashed(a), hashed(b)) for name, (a, b) in row.columns.items()},
            kept={name: hashed(value) for name, value in row.kept.items()},
        )

    plain = view.each(record)
    sections = [_section(one) for one in plain.sections]
    return replace(plain, sections=sections, beside=_beside(dict(view.beside)))


def _section(section: Section) -> Section:
    """What a deactivation writes are values too."""
    return replace(section, detail="") if section.kind == TAKEN else section


def _beside(beside: dict[str, Any]) -> dict[str, Any]:
    held = {flow: [HIDDEN] for flow in beside["held_back"]}
    return {**beside, "held_back": held}
