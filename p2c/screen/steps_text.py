"""What a person reads: tables and lines, no printing. Data for scripts is built beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.flow_table import SHOWN, flow_table
from p2c.screen.layout import Grid
from p2c.words import counted

if TYPE_CHECKING:
    from pipelines.common.report import ExtractReport

WRITTEN = ("written", "failed", "stale", "unverified")


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
        done = f"{report['status']}: {counted(report['writes'], 'record written')}"
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
