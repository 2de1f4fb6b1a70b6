"""Reads back what a plan wrote and compares: the proof that each value landed and stuck."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from loaders.compare import Record, differences
from loaders.encode import loads
from loaders.ledger import Ledger
from loaders.models import ApplySettings, Change, Service, SyncGraph, System, WriteTarget
from loaders.writers import Writers


def verify_plan(
    graph: SyncGraph,
    ledger: Ledger,
    plan_id: str,
    services: Mapping[System, Service],
    *,
    settings: ApplySettings | None = None,
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """{(flow, target): (rows verified, rows that read back different)} of what a plan wrote.

    Rows found right become `verified`; the others stay `acknowledged` with code `not_kept` and
    what the record holds instead. Reads only. Raises UnknownPlan, ServiceError.
    """
    ledger.plan(plan_id)
    rows = ledger.acknowledged(plan_id)
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    used = settings or ApplySettings()
    with Writers(services, used, threading.Event(), ledger.clock) as writers:
        for model, members in groupby(rows, lambda row: row.model):
            target = graph.target(model)
            writer = writers.of(target.system)
            for chunk in _chunks(members, writer.rows_per_request):
                findings = _findings(target, chunk, writer.read_back(target, chunk))
                ledger.record_verified(findings)
                wrong = sum(1 for found in findings.values() if found)
                right, before = counts.get((target.flow, target.name), (0, 0))
                total = (right + len(findings) - wrong, before + wrong)
                counts[target.flow, target.name] = total
    return counts


def _chunks(rows: Iterator[Change], size: int) -> Iterator[list[Change]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _findings(
    target: WriteTarget, rows: Sequence[Change], records: Mapping[str, Record | None]
) -> dict[str, str | None]:
    return {row.write_id: _finding(target, row, records.get(row.write_id)) for row in rows}


def _finding(target: WriteTarget, row: Change, record: Record | None) -> str | None:
    """None when the record is as written, else what is wrong with it."""
    if row.operation == "delete":
        return f"{row.record_key} is still there." if record else None
    if record is None:
        return f"{row.record_key} is not there."
    found = differences(target, loads(row.after), record)
    return f"{row.record_key}: {'; '.join(found)}." if found else None
