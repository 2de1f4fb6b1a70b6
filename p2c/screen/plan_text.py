"""A plan in a terminal, in Terraform's manner: counts, changes, what stands apart, a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen import unmatched_text
from p2c.screen.changes_text import OTHER_SIGN, SIGNS, ChangeText
from p2c.screen.differences_text import kept_since
from p2c.screen.flow_table import SHOWN, flow_table
from p2c.screen.layout import INDENT, Line
from p2c.screen.plan_view import CHANGES, FIRST, LEFT, NOTHING_BESIDE, TAKEN, PlanView, Section

if TYPE_CHECKING:
    from loaders import Plan

NOT_EQUAL = ("rejected", "blocked", "conflict")
WRITTEN = (CHANGES, TAKEN, FIRST)
ALL = "--all shows all"
REJECTS = "p2c rejects says why"


def plan_text(view: PlanView, *, entire: bool = False, hint: str = ALL) -> Iterator[RenderableType]:
    """Legend, counts, sections, and a summary; nothing of it is held.

    entire: every column of new records, and values as they are; hint: how to see what is left out.
    """
    yield flow_table(view.report, SHOWN)
    if view.sections:
        yield _legend(view)
    for section in view.sections:
        yield from section_text(section, entire=entire, hint=hint)
    yield from _summary(view)


def section_text(section: Section, *, entire: bool, hint: str) -> Iterator[RenderableType]:
    """A heading, a table where there is one, the records, and how many more there are."""
    yield Line(Text(heading(section), "bold"), INDENT)
    if section.grid:
        yield section.grid
    count = 0
    for row in section.rows:
        count += 1
        yield ChangeText(row, entire)
    if more := left_out(section, count, hint):
        yield Line(Text(f"  {more}", "dim"), INDENT)
    if count or more or not section.grid:
        yield Text("")


def heading(section: Section) -> str:
    """Title and detail of a section."""
    return f"{section.title}: {section.detail}" if section.detail else section.title


def left_out(section: Section, count: int, hint: str) -> str:
    """`… 12 more; --all shows all`, or '' when nothing is left out."""
    more = section.total - count
    if more <= 0:
        return ""
    if not count and section.kind in LEFT:
        return REJECTS
    return f"… {more:,} more; {hint}{f', {REJECTS}' if section.kind in LEFT else ''}"


def summary_text(view: PlanView) -> list[RenderableType]:
    """Counts and summary alone."""
    return [flow_table(view.report, SHOWN), *_summary(view)]


def stop_text(view: PlanView) -> list[Line]:
    """What would keep the plan from being written, and flows that it leaves out."""
    held = view.beside["held_back"].items()
    lines = [f"Held back: {flow}. {' '.join(reasons)}" for flow, reasons in held]
    stop = [f"A guard would stop this plan: {view.guard}"] if view.guard else []
    return [Line(text) for text in (*lines, *stop)]


def _summary(view: PlanView) -> Iterator[Line]:
    yield Line(Text(plan_summary(view.plan, view.flows, view.beside), "bold"))
    yield from (Line(text) for text in remarks(view))


def remarks(view: PlanView) -> list[str]:
    """What the plan does not touch, a sentence each."""
    kept = kept_since(view.beside["differences"])
    return [text for text in (kept, unmatched_text.summary(view.beside["unmatched"])) if text]


def how_to_write(view: PlanView) -> list[Line]:
    """The command that writes it, where there is something to write."""
    text = f"Nothing is written yet. To write it: p2c apply {view.plan.plan_id}"
    return [Line(text)] if view.plan.changes else []


def plan_summary(
    plan: Plan, flows: Iterable[Mapping[str, Any]], beside: Mapping[str, Any] = NOTHING_BESIDE
) -> str:
    """`Plan: 500 to create, 2 to update.`, or that there is nothing to write, and what is left."""
    totals: dict[str, int] = {}
    for operations in plan.counts.values():
        for operation, rows in operations.items():
            totals[operation] = totals.get(operation, 0) + rows
    if totals:
        return f"Plan: {', '.join(f'{n:,} to {name}' for name, n in totals.items())}."
    if left := _left(flows):
        return f"No changes to write, but {left}: see p2c rejects."
    if held := beside["held_back"]:
        return f"No changes in the other flows; {', '.join(held)} held back."
    return "No changes: what is mapped is equal in Sales and F&O."


def _left(flows: Iterable[Mapping[str, Any]]) -> str:
    """`17 rejected, 2 blocked`, or ''."""
    reports = list(flows)
    counts = {name: sum(flow.get(name, 0) for flow in reports) for name in NOT_EQUAL}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _legend(view: PlanView) -> Text:
    used = {operation for operations in view.plan.counts.values() for operation in operations}
    legend = Text("")
    for operation, (sign, colour) in SIGNS.items():
        if operation in used:
            legend.append(sign, colour).append(f" {operation}   ")
    if any(section.kind not in WRITTEN for section in view.sections):
        legend.append(*OTHER_SIGN).append(" not written")
    return legend.append("\n")
