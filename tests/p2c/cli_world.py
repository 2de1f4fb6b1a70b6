"""The command line with fakes at its borders: what they answer, and what was asked of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from loaders import Alike, ApplyReport, Change, Plan, RunReport, TargetCounts
from loaders.errors import Finding, GuardStop, StalePlan
from loaders.models import Judge
from p2c.run import current

PLAN = Plan(
    plan_id="plan-1",
    run_id="run-1",
    created_at=datetime(2026, 1, 31, tzinfo=UTC),
    status="planned",
    mapping_version="v",
    snapshots=(),
    fingerprints={},
    flows=("accounts",),
    limit=None,
    counts={("accounts", "finops.CustomersV2"): {"create": 1, "update": 1}},
)
NOTHING = Plan(**{**PLAN.__dict__, "counts": {}})
FLOW = {
    "flow": "accounts",
    "target": "finops.CustomersV2",
    "source_rows": 5,
    "filtered": 1,
    "identical": 1,
    "create": 1,
    "update": 1,
    "deactivate": 0,
    "rejected": 1,
    "blocked": 0,
    "conflict": 0,
    "drift": 0,
    "written": 0,
    "failed": 0,
    "quarantined": 0,
    "stale": 0,
    "unverified": 0,
}


def change(**values: Any) -> Change:
    defaults = {
        "write_id": "w1",
        "change_id": "c1",
        "model": "changes_finops__customers",
        "flow": "accounts",
        "operation": "create",
        "source_key": "ACC-1",
        "record_key": "usmf/ACC-1",
        "record_id": None,
        "key_values": "{}",
        "etag": None,
        "changed_columns": "[]",
        "before": None,
        "after": '{"Name": "Ünal\\"s", "CreditLimit": 1234567890123456.78}',
        "parents": "[]",
    }
    return Change(**{**defaults, **values})


CHANGES = [
    change(),
    change(
        write_id="w2",
        operation="update",
        record_key="usmf/ACC-2",
        before='{"Name": "Old"}',
        after='{"Name": null}',
    ),
]


@dataclass
class World:
    """What the fakes answer, and what was asked of them."""

    plan: Plan = PLAN
    status: str = "ok"
    guard: str = ""
    created: int = 1
    stale: bool = False
    asked: list[str] = field(default_factory=list)

    def refresh(self, run: current.Run, chosen: list[str]) -> None:
        self.asked.append(f"refresh {' '.join(chosen)}".strip())

    def make_plan(
        self, *_: object, select: list[str] | None, judge: Judge | None, **__: object
    ) -> Plan:
        if judge:
            judge(self.plan)
        return self.plan

    def kinds(self, each: int | None) -> list[Alike]:
        """The plan's rows, each of a kind of its own."""
        changes = CHANGES if self.plan.counts else []
        target = "finops.CustomersV2"
        return [
            Alike(one.model, one.flow, target, one.operation, one.status, False, rows, [one][:each])
            for one, rows in zip(changes, (self.created, 1), strict=False)
        ]

    def check_guards(self, *values: Any) -> None:
        limits = values[-1]
        if self.guard and self.guard not in limits.allow:
            raise GuardStop([Finding(self.guard, "Too much.", "max_changes")])

    def apply_plan(self, *_: object, judge: Judge | None, **__: object) -> ApplyReport:
        if self.stale:
            raise StalePlan("plan-1", ["raw_sales.accounts was read again"])
        if judge:
            judge(self.plan)
        self.asked.append("apply")
        counts = {key: TargetCounts(written=2) for key in self.plan.counts}
        return ApplyReport("plan-1", self.status, 1.0, counts)

    def flow_report(self, *values: Any, run_id: str, seconds: float) -> RunReport:
        applied = values[-1]
        written = applied.written if applied else 0
        status = applied.status if applied else "ok"
        return RunReport(run_id, status, seconds, written, ({**FLOW, "written": written},))


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Result]
