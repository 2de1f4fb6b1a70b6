"""What `status` and `rejects` show to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from p2c.lock import Holder
from p2c.screen.flow_table import flow_table
from p2c.screen.layout import Grid, Line, moment
from p2c.words import counted

if TYPE_CHECKING:
    from loaders import Verified

Row = Mapping[str, Any]
Statuses = Mapping[tuple[str, str], Mapping[str, int]]

# Statuses of rows that a plan has and no service holds, in words.
IN_WORDS = {
    "rejected": "were rejected by the service",
    "failed": "failed and were not written",
    "stale": "had changed since they were read and were left alone",
    "blocked": "waited for a record that is not there",
    "quarantined": "are quarantined",
    "unresolved": "have no answer yet",
    "sent": "have no answer yet",
    "planned": "were never sent",
}
UNWRITTEN = tuple(IN_WORDS)
COUNTS = ("written", "failed", "stale", "rejected", "blocked", "conflict", "identical")


def status_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Who holds the warehouse, the last commands, what the last run wrote and why it failed."""
    held = found["held_by"]
    state = f"held by {Holder(**held)}" if held else "free"
    yield Line(f"Warehouse {found['warehouse']}: {state}.\n")
    if not found["runs"]:
        yield Line("No run yet: start with `p2c run`.")
        return
    names = ("run_id", "command", "started_at", "seconds", "status")
    yield Grid(
        ("run", "command", "started", "seconds", "status", "writes"),
        [[*(_minute(run[name]) for name in names), run["writes"] or 0] for run in found["runs"]],
        numbers=1,
    )
    if found["last"] is None:
        yield Line("Nothing was written yet: `p2c run` does.")
    else:
        yield from _last_run(found["last"], found["writes"], found["failures"])
    yield from _since(found)
    if found["unresolved"]:
        yield Line(f"{found['unresolved']} writes without an answer; the next run reads them back.")


def rejects_text(found: Mapping[str, Any], limit: int) -> Iterator[RenderableType]:
    """Counts by code, then each code's records with what to do."""
    if not found["records"]:
        yield Line(Text("No record is rejected, none is blocked.", "bold"))
        return
    columns = ("flow", "target", "by", "code", "records")
    yield Grid(columns, [[g[name] for name in columns] for g in found["codes"]], numbers=1)
    for (flow, code), group in groupby(found["records"], key=itemgetter("flow", "code")):
        rows = list(group)
        yield Line(Text(f"{flow}: {code}", "bold"))
        cut = rows if limit == 0 else rows[:limit]
        for row in cut:
            yield Line(Text.assemble("  ", (_key(row), "yellow"), f"  {row['message']}"), 2)
        if len(cut) < len(rows):
            yield Line(Text(f"  … {len(rows) - len(cut)} more; --limit 0 shows all", "dim"))
        yield Text("")
    yield Line(
        Text(
            f"{found['rejects']:,} rejected, {found['held']:,} waiting. "
            "Look at one with: p2c explain RECORD",
            "bold",
        )
    )


def verified_data(
    plan_id: str, found: Verified, statuses: Statuses, run_id: str, seconds: float
) -> dict[str, Any]:
    """What reading back found, for scripts; `kind` keeps the guards from comparing with it.

    statuses: {(flow, target): {status: rows}} of the whole plan, before it was read back: what was
    never written is counted by its own status, and nothing of it was read.
    """
    targets = [
        {
            "flow": flow,
            "target": target,
            "verified": found.right.get((flow, target), 0),
            "verified_before": rows.get("verified", 0),
            "not_persisted": found.wrong.get((flow, target), 0),
            **{name: rows.get(name, 0) for name in UNWRITTEN},
        }
        for (flow, target), rows in statuses.items()
    ]
    return {
        "run_id": run_id,
        "status": "not_persisted" if found.messages else "ok",
        "kind": "verify",
        "seconds": seconds,
        "writes": 0,
        "checked_plan": plan_id,
        "written_again_later": found.later,
        "targets": targets,
        "messages": found.messages,
    }


def verified_text(result: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Counts, then each record that holds another value."""
    kinds = ("verified", "verified_before", "not_persisted", *UNWRITTEN)
    totals = {name: sum(flow[name] for flow in result["targets"]) for name in kinds}
    used = [name for name in kinds if name in ("verified", "not_persisted") or totals[name]]
    rows = [[flow[name] for name in ("flow", "target", *used)] for flow in result["targets"]]
    yield Grid(("flow", "target", *(n.replace("_", " ") for n in used)), rows, numbers=len(used))
    for message in result["messages"]:
        yield Line(Text(f"  {message}", "red"), 2)
    wrong = len(result["messages"])
    yield Line(Text(_verified_summary(result, totals), "bold"))
    if wrong:
        yield Line("What was not persisted is not written again until the value to write changes.")
    if any(totals[name] for name in UNWRITTEN):
        yield Line("What was not written, and why: p2c rejects; to try it again: p2c retry")


def _verified_summary(result: Mapping[str, Any], totals: Mapping[str, int]) -> str:
    parts = [
        f"{totals['verified']:,} records hold what was written",
        f"{len(result['messages']):,} do not",
    ]
    if later := result["written_again_later"]:
        parts.append(f"{later:,} were written again by a later run")
    if before := totals["verified_before"]:
        parts.append(f"{before:,} were found right by an earlier check")
    parts += [f"{totals[name]:,} {IN_WORDS[name]}" for name in UNWRITTEN if totals[name]]
    return f"Plan {result['checked_plan']}: {', '.join(parts)}."


def files_table(rows: Mapping[str, int]) -> RenderableType:
    """How many rows of each file went in."""
    return Grid(("file", "rows"), list(rows.items()), numbers=1)


def _last_run(
    run: Mapping[str, Any], writes: Sequence[Row], failures: Sequence[Row]
) -> Iterator[RenderableType]:
    report = run["report"] or {}
    wrote = counted(run["writes"] or 0, "record written")
    yield Line(
        Text(f"Last run: {run['command']} {run['run_id']}: {run['status']}, {wrote}.", "bold")
    )
    if stages := report.get("stages"):
        spent = ", ".join(f"{name} {seconds}" for name, seconds in stages.items())
        yield Line(f"  Seconds: {spent}.", 2)
    if report.get("error"):
        yield Line(Text(f"  {report['error']}", "red"), 2)
    if report.get("flows"):
        yield flow_table(report, COUNTS)
    elif writes:
        rows = [[w["flow"], w["target"], w["status"], w["rows"]] for w in writes]
        yield Grid(("flow", "target", "status", "writes"), rows, numbers=1)
    for failure in failures:
        reason = failure["error_message"] or "no reason given"
        what = f"  {failure['rows']:,} {failure['error_code'] or failure['status']}"
        where = f" in {failure['target']}, such as {failure['example']}: {reason}"
        yield Line(Text(what + where, "red"), 2)


def _since(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What was looked at since the last run, when that did not end well."""
    latest, last = found["runs"][0], found["last"]
    if last is None or latest["run_id"] == last["run_id"]:
        return
    error = (latest["report"] or {}).get("error")
    reason = f": {error}" if error else ""
    yield Line(f"Since then: {latest['command']} {latest['run_id']}: {latest['status']}{reason}", 2)


def _key(row: Mapping[str, Any]) -> str:
    return str(row["record_key"] or row["source_key"] or "?")


def _minute(value: object) -> str:
    """As `moment`, without seconds: so a line of `status` fits 80 columns."""
    text = moment(value)
    return f"{text[:16]}Z" if text.endswith("Z") and len(text) == 20 else text
