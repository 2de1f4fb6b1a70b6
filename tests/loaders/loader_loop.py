"""Both services in memory, and runs against them one after another."""

import json

from loaders import (
    ApplyReport,
    Ledger,
    Plan,
    apply_plan,
    flow_report,
    load_plan,
    make_plan,
    make_retry,
    make_undo,
    plan_changes,
    read_targets,
)
from tests.loaders.loader_rows import FakeClock
from tests.loaders.loader_service import FakeService
from tests.loaders.loader_world import World

BAD = "The name is too short."


class Loop:
    """Both services, and runs against them. Each run pretends an extract before it."""

    def __init__(self, world: World, clock: FakeClock) -> None:
        self.world, self.clock = world, clock
        self.ledger = Ledger.open(world.state_dir, clock)
        self.sales, self.finops = FakeService("sales"), FakeService("finops")
        self.graph = read_targets(world.manifest_path)
        self.extracts = 1

    @property
    def services(self):
        return {"sales": self.sales.service(), "finops": self.finops.service()}

    def read(self) -> None:
        self.extracts += 1
        self.clock.advance(60)
        self.world.extract(f"load-{self.extracts}", self.clock.now())

    def run(self, **changes) -> ApplyReport:
        self.world.build(**changes)
        self.read()
        return self.apply(make_plan(self.world.warehouse, self.graph, self.ledger))

    def apply(self, plan: Plan) -> ApplyReport:
        return apply_plan(
            self.world.warehouse, self.graph, self.ledger, plan.plan_id, self.services
        )

    def retry(self, **options) -> Plan:
        return make_retry(self.world.warehouse, self.graph, self.ledger, **options)

    def undo(self, plan_id: str) -> Plan:
        return make_undo(self.graph, self.ledger, plan_id, self.services)

    def keys(self, plan: Plan) -> list[str]:
        return [row.record_key for row in plan_changes(self.ledger, plan.plan_id)]

    def statuses(self, plan: Plan) -> list[tuple[str, str]]:
        rows = plan_changes(self.ledger, plan.plan_id)
        return [(row.record_key, row.status) for row in rows]

    def report(self, applied: ApplyReport):
        plan = load_plan(self.ledger, applied.plan_id)
        return flow_report(self.world.warehouse, self.graph, plan, applied, run_id="r", seconds=1.0)


def refuse_short(body: dict) -> str | None:
    return BAD if len(body.get("name", "long")) < 4 else None


def with_writes(world: World, model: str, writes: dict):
    content = json.loads(world.manifest_path.read_text())
    content["nodes"][f"model.p.{model}"]["config"]["meta"]["writes"].update(writes)
    world.manifest_path.write_text(json.dumps(content))
    return read_targets(world.manifest_path)
