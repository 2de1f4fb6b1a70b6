"""Writes the changes that dbt computed into Sales and F&O, and records the fate of every row.

Rooms, each importing only what stands after it: `applying` (a plan is carried out and verified),
`planning` (which rows are written), `services` (how each is written and read back) beside `ledger`
(what was planned and written), and the ground floor: the modules and `models` of this folder.

The order of calls of a run (no step keeps the warehouse open after it returns):

    graph = read_targets(Path("target/manifest.json"))
    with Ledger.open(state_dir) as ledger:
        run_id = ledger.start_run("run")
        judge = lambda plan: check_guards(warehouse, ledger, plan, GuardSettings())
        plan = make_plan(warehouse, graph, ledger, run_id=run_id, judge=judge)
        applied = apply_plan(warehouse, graph, ledger, plan.plan_id, services, progress=callback)
        report = flow_report(warehouse, graph, plan, applied, run_id=run_id, seconds=12.3)
        ledger.finish_run(run_id, report.status, report.as_dict())
        keep_reconciliation(ledger, warehouse, run_id)
        publish(ledger, warehouse)

A plan that the guards stop is not saved. `plan` alone reports with `applied=None`; its rows are
`plan_changes(ledger, plan_id)`, what is alike of them counted and sampled `alike(ledger, plan_id,
each)`. `apply` starts at `load_plan(ledger, plan_id)` and gives the judge
to `apply_plan`, which asks it once the plan is found to be true.

Warehouse and manifest are paths; `services` is {"sales": Service(…), "finops": Service(…)}. Every
error is a `LoaderError` whose text is for a person to read (`loaders.errors` has the tree).
`recover_in_flight(graph, ledger, services)` before an extract reads back what a killed run left
unanswered; `verify_plan(graph, ledger, plan_id, services)` reads back what a plan wrote and
compares.

Two other kinds of plan are reviewed and applied like the first: `make_retry(warehouse, graph,
ledger)` holds the rows that did not come through, `make_undo(graph, ledger, plan_id, services)` a
plan in reverse. `plan_of_run(ledger, run_id)` finds the plan that a run applied.

`GuardSettings(max_changes=10_000, max_drop=0.3, …, allow=frozenset())`: `allow` takes the guards'
names (`GUARDS`); the CLI's repeatable `--allow NAME` fills it. The first Ctrl-C or SIGTERM during
apply_plan finishes the requests in flight, records them and returns a report with status
interrupted; `apply_plan` again resumes.
"""

from loaders import errors
from loaders.applying.apply import apply_plan
from loaders.applying.outcomes_report import outcomes_of
from loaders.applying.recover import recover_in_flight
from loaders.applying.verify import Verified, verify_plan
from loaders.clock import Clock
from loaders.errors import LoaderError
from loaders.ledger.alike import Alike, alike
from loaders.ledger.builds import Standing, check_build, note_build, standing_build
from loaders.ledger.history import last_applied, plan_of_run
from loaders.ledger.ledger import Ledger
from loaders.ledger.prune import Pruned, prune
from loaders.ledger.prune_history import PrunedHistory, prune_history
from loaders.ledger.publish import publish
from loaders.ledger.reconciliation import keep_reconciliation
from loaders.ledger.restore import caught_up, has_missed, restore
from loaders.manifest import published_models, read_targets
from loaders.models import (
    ApplyReport,
    ApplySettings,
    Change,
    Plan,
    Progress,
    Service,
    SyncGraph,
    TargetCounts,
    WriteTarget,
)
from loaders.planning.guards import GUARDS, GuardSettings, check_guards
from loaders.planning.plan import check_plan, load_plan, make_plan, plan_changes, select_targets
from loaders.planning.retry import make_retry
from loaders.planning.undo import make_undo
from loaders.report import RunReport, flow_report, read_flow_counts

__all__ = [
    "GUARDS",
    "Alike",
    "ApplyReport",
    "ApplySettings",
    "Change",
    "Clock",
    "GuardSettings",
    "Ledger",
    "LoaderError",
    "Plan",
    "Progress",
    "Pruned",
    "PrunedHistory",
    "RunReport",
    "Service",
    "Standing",
    "SyncGraph",
    "TargetCounts",
    "Verified",
    "WriteTarget",
    "alike",
    "apply_plan",
    "caught_up",
    "check_build",
    "check_guards",
    "check_plan",
    "errors",
    "flow_report",
    "has_missed",
    "keep_reconciliation",
    "last_applied",
    "load_plan",
    "make_plan",
    "make_retry",
    "make_undo",
    "note_build",
    "outcomes_of",
    "plan_changes",
    "plan_of_run",
    "prune",
    "prune_history",
    "publish",
    "published_models",
    "read_flow_counts",
    "read_targets",
    "recover_in_flight",
    "restore",
    "select_targets",
    "standing_build",
    "verify_plan",
]
