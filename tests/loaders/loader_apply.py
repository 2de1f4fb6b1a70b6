"""Two services in memory, and the plans of a world applied to them."""

import threading

from loaders import (
    ApplyReport,
    ApplySettings,
    Ledger,
    apply_plan,
    make_plan,
    plan_changes,
    read_targets,
)
from loaders.models import Change, Plan, Progress
from tests.loaders.loader_rows import change, guid
from tests.loaders.loader_service import FakeService
from tests.loaders.loader_world import World


def owner(number: int, **more: object) -> Change:
    key = {"ownerid": guid(100 + number)}
    return change(number, flow="owners", record_key=f"O-{number}", key_values=key, **more)


class Applied:
    """Two services in memory, and the plan of a world applied to them."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.sales, self.finops = FakeService("sales"), FakeService("finops")
        self.stop = threading.Event()
        self.seen: list[Progress] = []

    def plan(self) -> Plan:
        return make_plan(self.world.warehouse, read_targets(self.world.manifest_path), self.ledger)

    def apply(self, plan: Plan, **settings: int) -> ApplyReport:
        return apply_plan(
            self.world.warehouse,
            read_targets(self.world.manifest_path),
            self.ledger,
            plan.plan_id,
            {"sales": self.sales.service(), "finops": self.finops.service()},
            settings=ApplySettings(**{"workers": 2, **settings}),
            progress=self.seen.append,
            stop=self.stop,
        )

    def statuses(self, plan: Plan) -> dict[str, str]:
        rows = plan_changes(self.ledger, plan.plan_id)
        return {f"{row.flow} {row.record_key}": row.status for row in rows}
