"""What a person reads: tables and lines, no printing. Data for scripts is built beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from rich.console import RenderableType
from rich.text import Text

from p2c.screen import unmatched_text
from p2c.screen.changes_text import SIGNS, ChangeText, columns, shown
from p2c.screen.differences_text import differences_text
from p2c.screen.layout import Grid, Line
from p2c.screen.removed_text import Removed, removed_text

if TYPE_CHECKING:
    from loaders import Change, Plan, RunReport
    from pipelines.common.report import ExtractReport

# What no count of a flow has: flows and why they are held back, unmatched records by target.
NOTHING_BESIDE: Mapping[str, Any] = {"held_back": {}, "unmatched": {}, "differences": []}
PLANNED = ("identical", "create", "update", "deactivate", "rejected", "blocked", "conflict")
SHOWN = ("filtered", *PLANNED, "drift", "first_contact")
NOT_EQUAL = ("rejected", "blocked", "conflict")
WRITTEN = ("written", "failed", "stale", "unverified")
ASKED = 15  # changes above a run's question, of all targets together


def flow_table(report: Mapping[str, Any], columns: Sequence[str]) -> Grid:
    """One line for each flow and target that has records, with the counts named."""
    busy = [f for f in report["flows"] if any(f.get(name) for name in ("source_rows", *columns))]
    used = [name for name in columns if any(flow.get(name) for flow in busy)]
    rows = [
        [flow["flow"], flow["target"], *(flow.get(name, 0) for name in ("source_rows", *used))]
        for flow in busy
    ]
    grid = Grid(["flow", "target", "rows", *used], rows, numbers=len(used) + 1)
    if quiet := len(report["flows"]) - len(busy):
        grid.caption = f"{quiet} more targets have no records."
    return grid


@dataclass
class Sample:
    """The first changes of each model, and how many there are of each.

    What is deactivated or deleted is kept apart: few of many changes, and the ones to look at.
    """

    shown: dict[str, list[Change]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    removed: Removed = field(default_factory=Removed)

    @classmethod
    def of(cls, changes: Iterable[Change], limit: int | None) -> Self:
        """At most `limit` of each model (None or 0: all); the others are only counted."""
        sample = cls()
        for change in changes:
            if sample.removed.takes(change, limit):
                continue
            kept = sample.shown.setdefault(change.model, [])
            sample.totals[change.model] = sample.totals.get(change.model, 0) + 1
            if not limit or len(kept) < limit:
                kept.append(change)
        return sample


def plan_text(
    plan: Plan, report: RunReport, sample: Sample, beside: Mapping[str, Any] = NOTHING_BESIDE
) -> list[RenderableType]:
    """Legend, counts, a sample of changes, and a summary, in Terraform's manner."""
    parts: list[RenderableType] = [flow_table(report.as_dict(), SHOWN)]
    if sample.shown:
        parts += [_legend(sample), *_changes(sample)]
    parts += removed_text(sample.removed)
    parts += differences_text(beside["differences"], report.flows)
    parts.append(Line(plan_summary(plan, report.flows, beside)))
    if alone := unmatched_text.summary(beside["unmatched"]):
        parts.append(Line(alone))
    if sample.shown or sample.removed.total:
        parts.append(Line(f"Nothing is written yet. To write it: p2c apply {plan.plan_id}"))
    return parts


def question_text(plan: Plan, report: RunReport, changes: Iterable[Change]) -> list[RenderableType]:
    """What a run asks about: counts by flow and the first changes, as the plan shows them.

    Few enough that the counts are still on the screen when the question comes.
    """
    each = max(1, ASKED // max(1, len(plan.counts)))
    return plan_text(plan, report, Sample.of(changes, each))[:-1]


def plan_summary(
    plan: Plan, flows: Iterable[Mapping[str, Any]], beside: Mapping[str, Any] = NOTHING_BESIDE
) -> Text:
    """`Plan: 500 to create, 2 to update.`, or that there is nothing to write, and what is left."""
    totals: dict[str, int] = {}
    for operations in plan.counts.values():
        for operation, rows in operations.items():
            totals[operation] = totals.get(operation, 0) + rows
    if totals:
        return Text(f"Plan: {', '.join(f'{n:,} to {name}' for name, n in totals.items())}.", "bold")
    if left := _left(flows):
        return Text(f"No changes to write, but {left}: see p2c rejects.", "bold")
    if held := beside["held_back"]:
        return Text(f"No changes in the other flows; {', '.join(held)} held back.", "bold")
    return Text("No changes: what is mapped is equal in Sales and F&O.", "bold")


def _left(flows: Iterable[Mapping[str, Any]]) -> str:
    """`17 rejected, 2 blocked`, or ''."""
    reports = list(flows)
    counts = {name: sum(flow.get(name, 0) for flow in reports) for name in NOT_EQUAL}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def plan_data(
    plan: Plan,
    report: RunReport,
    sample: Sample,
    stop: str,
    beside: Mapping[str, Any] = NOTHING_BESIDE,
) -> dict[str, Any]:
    """The plan as JSON (docs/json.md); `guard` is what would stop it, or ''.

    `beside`: what no count of a flow has: `held_back`, `unmatched`, `differences`.
    """
    shown = [
        {
            "flow": change.flow,
            "model": change.model,
            "operation": change.operation,
            "key": change.record_key,
            **sample.removed.named(change),
            "fields": fields(change),
            "first_contact": change.is_first_contact,
            "kept": dict(change.kept),
        }
        for changes in (*sample.shown.values(), sample.removed.shown)
        for change in changes
    ]
    planned = {"plan_id": plan.plan_id, "guard": stop, "deletions": sample.removed.total}
    return {**report.as_dict(), **planned, "changes": shown, **beside}


def fields(change: Change) -> dict[str, dict[str, Any]]:
    """Column → before and after, for every column the change touches."""
    touched = columns(change.before, change.after)
    return {name: {"before": old, "after": new} for name, (old, new) in touched.items()}


def run_text(report: Mapping[str, Any], advice: Sequence[str]) -> list[RenderableType]:
    """Counts per flow, a summary, and where to look next."""
    return [
        flow_table(report, (*SHOWN, *WRITTEN)),
        Text(run_summary(report), "bold"),
        *(Text(line) for line in advice),
    ]


def run_summary(report: Mapping[str, Any]) -> str:
    """`ok: 890 records written in 31.2 s, 14 rejected.`

    Of a run that had nothing to build and to plan, that nothing changed and since when.
    """
    totals = {
        name: sum(flow.get(name, 0) for flow in report["flows"])
        for name in ("rejected", "blocked", "conflict", "failed", "stale")
    }
    rest = "".join(f", {count:,} {name}" for name, count in totals.items() if count)
    if (since := report.get("unchanged_since")) and not report["plan_id"]:
        moment = since[:16].replace("T", " ")
        done = f"Nothing changed since the last build ({moment} UTC); 0 to write,"
    else:
        done = f"{report['status']}: {report['writes']:,} records written"
    return f"{done} in {report['seconds']:.1f} s{rest}."


def extract_data(report: ExtractReport) -> dict[str, Any]:
    """What an extract did, for scripts."""
    tables = [asdict(table) for table in report.tables]
    return {
        "status": "partial" if report.skipped else "ok",
        "seconds": round(report.seconds, 1),
        "rows": report.rows,
        "tables": tables,
        "notes": list(report.notes),
    }


def extract_text(report: ExtractReport) -> list[RenderableType]:
    """One line for each table that sent rows, and a summary; tables left out are named."""
    rows = [
        [f"{t.system}.{t.table}", t.mode, ", ".join(t.missing_columns), t.rows, t.deletions]
        for t in report.tables
        if t.rows or t.deletions or t.missing_columns
    ]
    seconds = f"{report.seconds:.1f}"
    parts: list[RenderableType] = [
        Grid(("table", "mode", "missing", "rows", "deleted"), rows, numbers=2),
        Text(f"Read {report.rows:,} rows of {len(report.tables)} tables in {seconds} s.", "bold"),
    ]
    if report.skipped:
        names = ", ".join(f"{t.system}.{t.table}" for t in report.skipped)
        parts.append(Text(f"Left as last read, columns are missing: {names}.", "yellow"))
    return parts


def build_text(counts: Mapping[str, int], warnings: Mapping[str, str]) -> list[RenderableType]:
    """What dbt did: nodes by status, and the message of each node that warns."""
    total = sum(counts.values())
    parts = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    warned = [Text(f"Warning: {node}: {text}", "yellow") for node, text in warnings.items()]
    return [Text(f"Built {total} nodes: {parts}.", "bold"), *warned]


def _legend(sample: Sample) -> Text:
    used = {change.operation for changes in sample.shown.values() for change in changes}
    legend = Text("")
    for operation, (sign, colour) in SIGNS.items():
        if operation in used:
            legend.append(sign, colour).append(f" {operation}   ")
    return legend


def _changes(sample: Sample) -> Iterable[RenderableType]:
    for model, changes in sample.shown.items():
        yield Text(f"\n{changes[0].flow} ({model})", "bold")
        for change in changes:
            yield ChangeText(shown(change))
        if more := sample.totals[model] - len(changes):
            yield Text(f"  … {more:,} more; --limit 0 shows all", "dim")
    yield Text("")
