"""Guards: reasons to stop a run before its first write, with the numbers and the way past them.

A sync that suddenly sees nothing, or wants to change everything, is more often a broken source
than what somebody wants. Each guard has a name, which is also what overrides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.errors import Finding, GuardStop
from loaders.ledger.ledger import Ledger
from loaders.models import REMOVALS, Plan
from loaders.report import read_flow_counts

Flow = Mapping[str, Any]
GUARDS = (
    "empty_source",
    "steep_drop",
    "too_many_changes",
    "too_many_deletions",
    "too_many_first_contacts",
    "too_many_rejections",
)


@dataclass(frozen=True)
class GuardSettings:
    """Limits, and the guards a user lets pass this once.

    `max_changes` rows in a plan, `max_deletions` of them that deactivate or delete,
    `max_first_contacts` the first that two linked records are to agree on (rule K3); `max_drop` the
    share of a table's or a flow's records that may be gone since the last apply; `max_rejected` the
    share of a flow's records in scope that may be rejected. Shares are judged from `min_records`
    on: one of two is no trend.
    """

    max_changes: int = 10_000
    max_deletions: int = 50
    max_first_contacts: int = 100
    max_drop: float = 0.3
    max_rejected: float = 0.5
    min_records: int = 20
    allow: frozenset[str] = frozenset()


def check_guards(warehouse: Path, ledger: Ledger, plan: Plan, settings: GuardSettings) -> None:
    """Raise GuardStop with every finding that is not allowed; a plan without changes passes.

    A retry or an undo has no source to be empty or to shrink: only its size is judged, and what an
    undo deletes is what a person asked for.
    """
    if not plan.changes:
        return
    found = list(_too_many_changes(plan, settings))
    if plan.kind == "changes":
        found += _too_many_first_contacts(plan.first_contacts, settings)
        found = [*_source_findings(warehouse, ledger, plan, settings), *found]
    if stopping := [finding for finding in found if finding.guard not in settings.allow]:
        raise GuardStop(stopping)


def _source_findings(
    warehouse: Path, ledger: Ledger, plan: Plan, settings: GuardSettings
) -> Iterator[Finding]:
    flows = [row for row in read_flow_counts(warehouse) if row["flow"] in plan.flows]
    yield from _empty_sources(flows, ledger.last_report())
    yield from _dropped_tables(ledger, plan, settings)
    yield from _dropped_flows(flows, ledger.last_report(), settings)
    yield from _too_many_deletions(plan, settings)
    yield from _too_many_rejections(flows, settings)


def _before(report: Mapping[str, Any] | None) -> dict[tuple[str, str], int]:
    flows = (report or {}).get("flows", [])
    return {(flow["flow"], flow["target"]): flow["source_rows"] for flow in flows}


def _empty_sources(flows: Sequence[Flow], report: Mapping[str, Any] | None) -> Iterator[Finding]:
    before = _before(report)
    for flow in flows:
        had = before.get((flow["flow"], flow["target"]), 0)
        changes = flow["create"] + flow["update"] + flow["deactivate"]
        if flow["source_rows"] == 0 and (had or changes):
            message = f"Flow {flow['flow']} to {flow['target']} found no source records"
            had_text = f", the last run had {had}." if had else f", yet {changes} changes."
            yield Finding("empty_source", message + had_text, "nothing: check the source")


def _dropped_tables(ledger: Ledger, plan: Plan, settings: GuardSettings) -> Iterator[Finding]:
    """Raw tables against the last plan that was applied, whatever was extracted in between."""
    last = ledger.last_started_plan()
    before = {snapshot.table: snapshot.rows for snapshot in last.snapshots} if last else {}
    for snapshot in plan.snapshots:
        had = before.get(snapshot.table, 0)
        if _is_steep(had, snapshot.rows, settings):
            yield _drop(f"Table {snapshot.table}", had, snapshot.rows, settings)


def _dropped_flows(
    flows: Sequence[Flow], report: Mapping[str, Any] | None, settings: GuardSettings
) -> Iterator[Finding]:
    before = _before(report)
    for flow in flows:
        had = before.get((flow["flow"], flow["target"]), 0)
        if flow["source_rows"] and _is_steep(had, flow["source_rows"], settings):
            name = f"Flow {flow['flow']} to {flow['target']}"
            yield _drop(name, had, flow["source_rows"], settings)


def _is_steep(had: int, has: int, settings: GuardSettings) -> bool:
    return had >= settings.min_records and (had - has) > settings.max_drop * had


def _drop(what: str, had: int, has: int, settings: GuardSettings) -> Finding:
    share = (had - has) / had
    message = (
        f"{what} has {has} records, {had} when it was last applied: "
        f"{share:.0%} are gone, the limit is {settings.max_drop:.0%}."
    )
    return Finding("steep_drop", message, "max_drop")


def _too_many_changes(plan: Plan, settings: GuardSettings) -> Iterator[Finding]:
    if plan.changes > settings.max_changes:
        message = f"The plan has {plan.changes} changes, the limit is {settings.max_changes}."
        yield Finding("too_many_changes", message, "max_changes")


def _too_many_deletions(plan: Plan, settings: GuardSettings) -> Iterator[Finding]:
    found = {
        f"{rows} of {flow} to {operation} in {target}": rows
        for (flow, target), operations in plan.counts.items()
        for operation, rows in operations.items()
        if operation in REMOVALS
    }
    if (total := sum(found.values())) > settings.max_deletions:
        message = (
            f"The plan takes away {total} records ({', '.join(found)}), the limit is "
            f"{settings.max_deletions}: `p2c plan` names them."
        )
        yield Finding("too_many_deletions", message, "max_deletions")


def _too_many_first_contacts(rows: Mapping[str, int], settings: GuardSettings) -> Iterator[Finding]:
    if (total := sum(rows.values())) > settings.max_first_contacts:
        where = ", ".join(f"{count} of {name}" for name, count in rows.items())
        message = (
            f"The plan has {total} first contacts, linked records that never agreed on anything "
            f"({where}); the limit is {settings.max_first_contacts}. `p2c plan` shows by column "
            "what is filled, overwritten and kept."
        )
        yield Finding("too_many_first_contacts", message, "max_first_contacts")


def _too_many_rejections(flows: Sequence[Flow], settings: GuardSettings) -> Iterator[Finding]:
    for flow in flows:
        in_scope = flow["source_rows"] - flow["filtered"]
        rejected = flow["rejected"]
        if in_scope >= settings.min_records and rejected > settings.max_rejected * in_scope:
            message = (
                f"Flow {flow['flow']} to {flow['target']} rejects {rejected} of {in_scope} records "
                f"in scope ({rejected / in_scope:.0%}), the limit is {settings.max_rejected:.0%}: "
                "see `p2c rejects`."
            )
            yield Finding("too_many_rejections", message, "max_rejected")
