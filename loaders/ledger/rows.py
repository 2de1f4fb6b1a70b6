"""Between the ledger's rows and the values the loaders work with."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from loaders.clock import stamp
from loaders.exact_json import dumps
from loaders.models import Outcome, Plan, Snapshot, Verification

NOT_PERSISTED = "not_persisted"


def plan_row(plan: Plan) -> dict[str, Any]:
    """A plan as a row of `plans`; its counts follow from its writes."""
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
    }


def plan_of(row: sqlite3.Row) -> Plan:
    """A row of `plans` as a plan without counts."""
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
        counts={},
        kind=row["kind"] or "changes",
    )


def outcome_values(outcome: Outcome, now: str, touched: int) -> tuple[object, ...]:
    """Values for the update that records an outcome; a row that may go out again has no end."""
    return (
        outcome.status,
        outcome.attempts,
        outcome.http_status,
        outcome.error_code,
        outcome.error_message,
        outcome.request_id,
        outcome.record_id,
        None if outcome.status == "planned" else now,
        touched,
        outcome.write_id,
    )


def verification_values(finding: Verification) -> tuple[object, ...]:
    """Status, error code, message and the values not persisted, of a write that was read back."""
    if finding.right:
        return ("verified", None, None, None)
    kept = dumps(finding.not_persisted).decode() if finding.not_persisted else None
    return ("acknowledged", NOT_PERSISTED, finding.message, kept)
