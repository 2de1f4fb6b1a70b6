"""Reads back what a plan wrote and compares: the proof that each value persists."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.exact_json import loads
from loaders.ledger.history import standing
from loaders.ledger.ledger import Ledger
from loaders.models import (
    ApplySettings,
    Change,
    Service,
    SyncGraph,
    System,
    Verification,
    WriteTarget,
)
from loaders.services.readback import read_records
from loaders.services.records import Found, Record, Unreadable, described, not_held
from loaders.services.writers import Writers

Key = tuple[str, str]


@dataclass
class Verified:
    """What reading back found: counts by (flow, target), and a message for each wrong record."""

    right: dict[Key, int] = field(default_factory=dict)
    wrong: dict[Key, int] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    later: int = 0

    def add(self, target: WriteTarget, findings: Mapping[str, Verification]) -> None:
        """Count the findings of one chunk."""
        key = (target.flow, target.name)
        wrong = [finding.message for finding in findings.values() if finding.message]
        self.right[key] = self.right.get(key, 0) + len(findings) - len(wrong)
        self.wrong[key] = self.wrong.get(key, 0) + len(wrong)
        self.messages += wrong


def verify_plan(
    graph: SyncGraph,
    ledger: Ledger,
    plan_id: str,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
) -> Verified:
    """Read back what a plan wrote; records that a later plan wrote again are only counted.

    Rows found right become `verified`; the others stay `acknowledged` with code `not_persisted`,
    and in `not_persisted` the columns with what the record holds instead: those are not written
    again until the value to write changes. Reads only. Raises UnknownPlan, ServiceError.
    """
    ledger.plan(plan_id)
    rows, later = [], 0
    for change, written_later in standing(ledger, plan_id):
        if written_later:
            later += 1
        elif change.status == "acknowledged":
            rows.append(change)
    with Writers(services, settings or ApplySettings(), threading.Event(), ledger.clock) as writers:
        found = verify_rows(graph, ledger, writers, rows)
    found.later = later
    return found


def verify_rows(
    graph: SyncGraph, ledger: Ledger, writers: Writers, rows: Iterable[Change]
) -> Verified:
    """Read back rows that were written, and record what they hold. Raises ServiceError."""
    found = Verified()
    for target, chunk, records in read_records(graph, writers, rows):
        read = {name: one for name, one in records.items() if not isinstance(one, Unreadable)}
        findings = _findings(target, [row for row in chunk if row.write_id in read], read)
        ledger.record_verified(findings)
        found.add(target, findings | _unread(chunk, records))
    return found


def _unread(rows: Sequence[Change], records: Mapping[str, Found]) -> dict[str, Verification]:
    """Said, but not recorded: it says nothing about what was written."""
    found = ((row, records.get(row.write_id)) for row in rows)
    return {
        row.write_id: Verification(f"{row.record_key}: {record.message}")
        for row, record in found
        if isinstance(record, Unreadable)
    }


def _findings(
    target: WriteTarget, rows: Sequence[Change], records: Mapping[str, Record | None]
) -> dict[str, Verification]:
    return {row.write_id: _finding(target, row, records.get(row.write_id)) for row in rows}


def _finding(target: WriteTarget, row: Change, record: Record | None) -> Verification:
    if row.operation == "delete":
        return Verification(f"{row.record_key} is still there." if record else None)
    if record is None:
        return Verification(f"{row.record_key} is not there.")
    wanted = loads(row.after)
    if found := not_held(target, wanted, record):
        return Verification(f"{row.record_key}: {'; '.join(described(wanted, found))}.", found)
    return Verification()
