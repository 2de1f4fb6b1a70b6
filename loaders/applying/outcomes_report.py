"""What became of a plan's rows, as the ledger has it."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.ledger.history import quarantined_rows
from loaders.ledger.ledger import Ledger
from loaders.models import WRITTEN, ApplyReport, Plan, Status, TargetCounts

FAILED: tuple[Status, ...] = ("rejected", "failed", "unresolved", "sent", "quarantined")


def outcomes_of(ledger: Ledger, plan: Plan) -> ApplyReport:
    """The report of a plan without sending any of it: `ok`, or `partial` where rows failed.

    Of a plan that only holds rows back, and was applied before (`make_plan` with `once`), this is
    all there is to report.
    """
    unverified = ledger.not_persisted(plan.plan_id)
    counts = {
        key: _counts(statuses, unverified.get(key, 0))
        for key, statuses in ledger.statuses(plan.plan_id).items()
    }
    failed = any(count.failed > count.quarantined for count in counts.values())
    return ApplyReport(
        plan_id=plan.plan_id,
        status="partial" if failed else "ok",
        seconds=0.0,
        counts=counts,
        requests=0,
        quarantined=tuple(quarantined_rows(ledger, plan.plan_id)),
    )


def _counts(statuses: Mapping[str, int], unverified: int) -> TargetCounts:
    return TargetCounts(
        written=sum(statuses.get(status, 0) for status in WRITTEN),
        failed=sum(statuses.get(status, 0) for status in FAILED),
        stale=statuses.get("stale", 0),
        blocked=statuses.get("blocked", 0),
        unverified=unverified,
        unsent=statuses.get("planned", 0),
        quarantined=statuses.get("quarantined", 0),
    )
