"""What `status`, `rejects`, `explain` and `doctor` show to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from p2c.lock import Holder
from p2c.render import flow_table, short, table

if TYPE_CHECKING:
    from loaders import Verified

Row = Mapping[str, Any]

COUNTS = ("written", "failed", "stale", "rejected", "blocked", "conflict", "identical")


def status_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Who holds the warehouse, the last runs, and what the latest one wrote."""
    held = found["held_by"]
    state = f"held by {Holder(**held)}" if held else "free"
    yield Text(f"Warehouse {found['warehouse']}: {state}.")
    if not found["runs"]:
        yield Text("No run yet: start with `p2c run`.")
        return
    columns = ("run", "command", "started", "seconds", "status", "writes")
    names = ("run_id", "command", "started_at", "seconds", "status")
    yield table(
        columns,
        [[*(_moment(run[name]) for name in names), run["writes"] or 0] for run in found["runs"]],
        numbers=1,
    )
    yield from _latest(found["runs"][0], found["writes"])
    for failure in found["failures"]:
        yield Text(
            f"  {failure['rows']:,} {failure['status']} in {failure['target']}, such as "
            f"{failure['example']}: {failure['error_message'] or 'no reason given'}",
            "red",
        )
    wrote = next((run for run in found["runs"] if run["writes"]), None)
    if wrote and wrote is not found["runs"][0]:
        yield Text(f"Before that: {wrote['command']} {wrote['run_id']}: {wrote['status']}.", "bold")
        yield flow_table(wrote["report"], COUNTS)
    if found["unresolved"]:
        yield Text(f"{found['unresolved']} writes without an answer; the next run reads them back.")


def rejects_text(found: Mapping[str, Any], limit: int) -> Iterator[RenderableType]:
    """Counts by code, then each code's records with what to do."""
    if not found["rejects"]:
        yield Text("No record is rejected.", "bold")
        return
    columns = ("flow", "target", "by", "code", "records")
    yield table(columns, [[g[name] for name in columns] for g in found["codes"]], numbers=1)
    for (flow, code), group in groupby(found["records"], key=itemgetter("flow", "code")):
        rows = list(group)
        yield Text(f"\n{flow}: {code}", "bold")
        cut = rows if limit == 0 else rows[:limit]
        for row in cut:
            yield Text.assemble("  ", (_key(row), "yellow"), f"  {row['message']}")
        if len(cut) < len(rows):
            yield Text(f"  … {len(rows) - len(cut)} more; --limit 0 shows all", "dim")
    yield Text(f"\n{found['rejects']} rejected. Look at one with: p2c explain RECORD", "bold")


def explain_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The record's fate first, then why, its writes, and its rows layer by layer."""
    yield Text(f"{found['record']}", "bold")
    for row in found["fates"]:
        # A rejected record's detail is its list of reasons, which follow as sentences.
        told = row.get("detail") and row["fate"] != "rejected"
        detail = f": {row['detail']}" if told else ""
        yield Text(f"  {row['flow']} → {row['target']}  {_key(row)}  {row['fate']}{detail}")
    for row in found["reasons"]:
        yield Text(f"  {row['code']}: {row['message']}", "yellow")
    if found["writes"]:
        columns = ("target", "operation", "record_key", "status", "error_message", "finished_at")
        rows = [[_moment(row[name]) for name in columns] for row in found["writes"]]
        yield table(("target", "operation", "record", "outcome", "error", "finished"), rows)
    for layer in found["layers"]:
        for row in layer["rows"]:
            yield Text(f"\n{layer['schema']}.{layer['table']}", "bold")
            for name, value in row.items():
                yield Text(f"  {name} = {short(str(value))}")


def verified_data(plan_id: str, found: Verified, run_id: str, seconds: float) -> dict[str, Any]:
    """What reading back found, for scripts; `kind` keeps the guards from comparing with it."""
    targets = [
        {"flow": flow, "target": target, "verified": right, "not_kept": found.wrong[flow, target]}
        for (flow, target), right in found.right.items()
    ]
    return {
        "run_id": run_id,
        "status": "not_kept" if found.messages else "ok",
        "kind": "verify",
        "seconds": seconds,
        "writes": 0,
        "checked_plan": plan_id,
        "written_again_later": found.later,
        "targets": targets,
        "messages": found.messages,
    }


def verified_text(result: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Counts, then each record that holds something else."""
    columns = ("flow", "target", "verified", "not_kept")
    yield table(
        columns, [[flow[name] for name in columns] for flow in result["targets"]], numbers=2
    )
    for message in result["messages"]:
        yield Text(f"  {message}", "red")
    wrong, right = len(result["messages"]), sum(flow["verified"] for flow in result["targets"])
    later = result["written_again_later"]
    rest = f", {later:,} were written again by a later run" if later else ""
    yield Text(
        f"Plan {result['checked_plan']}: {right:,} records hold what was written, "
        f"{wrong:,} do not{rest}.",
        "bold",
    )
    if wrong:
        yield Text("What was not kept is not written again until the value to write changes.")


def checks_table(checks: Sequence[Mapping[str, Any]]) -> RenderableType:
    """One line for each check of the doctor."""
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    made = table(("", "check", "found"), [])
    for check in checks:
        said = check["found"] + (f" → {check['todo']}" if check["todo"] else "")
        status = check["status"]
        made.add_row(Text(status, colours[status]), check["check"], Text(said))
    return made


def files_table(rows: Mapping[str, int]) -> RenderableType:
    """How many rows of each file went in."""
    return table(("file", "rows"), list(rows.items()), numbers=1)


def _latest(run: Mapping[str, Any], writes: Sequence[Row]) -> Iterator[RenderableType]:
    report = run["report"] or {}
    wrote = f"{run['writes'] or 0:,} records written"
    yield Text(f"Latest: {run['command']} {run['run_id']}: {run['status']}, {wrote}.", "bold")
    if report.get("error"):
        yield Text(f"  {report['error']}", "red")
    if report.get("flows"):
        yield flow_table(report, COUNTS)
    elif writes:
        rows = [[w["flow"], w["target"], w["status"], w["rows"]] for w in writes]
        yield table(("flow", "target", "status", "writes"), rows, numbers=1)


def _key(row: Mapping[str, Any]) -> str:
    return str(row["record_key"] or row["source_key"] or "?")


def _moment(value: object) -> str:
    """Text of a value; a time without its fraction of a second."""
    text = "" if value is None else str(value)
    return f"{text[:19]}Z" if len(text) > 25 and text[4] == "-" and text[19] == "." else text
