"""Between the ledger's rows and the values the loaders work with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loaders.clock import stamp
from loaders.exact_json import dumps
from loaders.ledger.parts import counts, first_contacts, from_json
from loaders.ledger.plan_file import COLUMNS
from loaders.models import Change, Plan, Snapshot, Verification

NOT_PERSISTED = "not_persisted"
NO_FIELDS = tuple(set(COLUMNS) - set(Change.__dataclass_fields__) - {"number"})


def plan_row(plan: Plan, parts: str) -> dict[str, Any]:
    """A plan as a row of `plans`; `parts` is what it consists of (parts.py)."""
    snapshots = [[s.table, s.load_id, s.rows, stamp(s.read_at)] for s in plan.snapshots]
    return {
        "plan_id": plan.plan_id,
        "kind": plan.kind,
        "run_id": plan.run_id,
        "status": plan.status,
        "created_at": stamp(plan.created_at),
        "mapping_version": plan.mapping_version,
        "snapshots": json.dumps(snapshots),
        "fingerprints": json.dumps(dict(plan.fingerprints)),
        "flows": json.dumps(plan.flows),
        "row_limit": plan.limit,
        "changes": plan.changes,
        "parts": parts,
    }


def plan_of(row: sqlite3.Row) -> Plan:
    """A row of `plans` as a plan."""
    found = from_json(row["parts"])
    return Plan(
        plan_id=row["plan_id"],
        run_id=row["run_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        status=row["status"],
        mapping_version=row["mapping_version"],
        snapshots=tuple(
            Snapshot(table, load_id, rows, datetime.fromisoformat(read_at))
            for table, load_id, rows, read_at in json.loads(row["snapshots"])
        ),
        fingerprints=json.loads(row["fingerprints"]),
        flows=tuple(json.loads(row["flows"])),
        limit=row["row_limit"],
        counts=counts(found),
        kind=row["kind"] or "changes",
        first_contacts=first_contacts(found),
        is_pruned=row["pruned_at"] is not None,
    )


def change_of(
    plan_id: str, values: Sequence[Any], known: sqlite3.Row | Mapping[str, Any] | None
) -> Change:
    """A row of a plan's file (its columns in their order) with what SQLite knows of it."""
    row = dict(zip(COLUMNS, values, strict=True))
    if known:
        row["status"], row["error_message"] = known["status"], known["message"] or None
        row["record_id"] = known["record_id"] or row["record_id"]
    for name in NO_FIELDS:
        del row[name]
    return Change(
        write_id=f"{plan_id}-{row.pop('number'):06}",
        attempts=known["attempts"] if known else 0,
        not_persisted=known["not_persisted"] if known else None,
        **row,
    )


def verification_values(finding: Verification) -> tuple[object, ...]:
    """Status, error code, message and the values not persisted, of a write that was read back."""
    if finding.right:
        return ("verified", None, None, None)
    kept = dumps(finding.not_persisted).decode() if finding.not_persisted else None
    return ("acknowledged", NOT_PERSISTED, finding.message, kept)
