"""The report adds up, or there is none."""

import json

import pytest

from loaders import (
    ApplyReport,
    Ledger,
    RunReport,
    TargetCounts,
    flow_report,
    make_plan,
    read_targets,
)
from loaders.errors import FateMismatch, WarehouseError
from loaders.models import Plan
from tests.loaders.loader_rows import change
from tests.loaders.loader_world import World

THINGS = ("things", "sales.widgets")


def planned(world: World, ledger: Ledger, **options: object) -> Plan:
    return make_plan(world.warehouse, read_targets(world.manifest_path), ledger, **options)


def report(world: World, plan: Plan, **counts: int) -> RunReport:
    applied = None
    if counts:
        applied = ApplyReport(plan.plan_id, "ok", 1.0, {THINGS: TargetCounts(**counts)}, requests=3)
    graph = read_targets(world.manifest_path)
    return flow_report(world.warehouse, graph, plan, applied, run_id="run-1", seconds=2.5)


def test_the_object_is_the_one_scripts_rely_on(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1), change(2), change(3, "update")])
    result = report(world, planned(world, ledger), written=2, failed=1).as_dict()
    assert json.loads(json.dumps(result)) == result
    assert {"run_id", "status", "seconds", "writes", "flows"} <= result.keys()
    assert (result["run_id"], result["seconds"], result["writes"]) == ("run-1", 2.5, 2)
    things = next(flow for flow in result["flows"] if flow["flow"] == "things")
    assert things == {
        "flow": "things", "target": "sales.widgets", "source_rows": 9, "filtered": 2,
        "identical": 3, "create": 2, "update": 1, "deactivate": 0, "rejected": 1, "blocked": 0,
        "drift": 0, "first_contact": 0, "conflict": 0,
        "written": 2, "failed": 1, "stale": 0, "unverified": 0,
        "blocked_at_write": 0, "unsent": 0, "quarantined": 0,
    }  # fmt: skip


def test_flows_come_in_writing_order(world: World, ledger: Ledger) -> None:
    flows = [flow["flow"] for flow in report(world, planned(world, ledger)).flows]
    assert flows.index("owners") < flows.index("things")


def test_a_plan_alone_has_its_changes_unsent(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    things = next(f for f in report(world, planned(world, ledger)).flows if f["flow"] == "things")
    assert (things["written"], things["unsent"]) == (0, 1)


def test_a_lost_source_record_is_an_error_with_its_numbers(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    world.sql("update quality.flow_counts set source_rows = 8 where flow = 'things'")
    with pytest.raises(FateMismatch) as error:
        report(world, planned(world, ledger))
    assert (error.value.flow, error.value.left[1], error.value.right[1]) == ("things", 8, 7)


def test_a_plan_must_have_the_changes_dbt_counted(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    world.sql(
        "update quality.flow_counts set \"create\" = 2, source_rows = 8 where flow = 'things'"
    )
    with pytest.raises(FateMismatch, match="changes in the plan = 1"):
        report(world, plan)


def test_outcomes_must_be_as_many_as_changes(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1), change(2)])
    with pytest.raises(FateMismatch, match="unsent = 1"):
        report(world, planned(world, ledger), written=1)


def test_a_limited_plan_leaves_the_rest_unsent(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1), change(2), change(3)])
    result = report(world, planned(world, ledger, limit=1), written=1)
    things = next(flow for flow in result.flows if flow["flow"] == "things")
    assert (things["create"], things["written"], things["unsent"]) == (3, 1, 2)


def test_only_the_flows_of_the_plan_are_reported(world: World, ledger: Ledger) -> None:
    plan = planned(world, ledger, select=["gadgets"])
    assert [flow["flow"] for flow in report(world, plan).flows] == ["gadgets"]


def test_counts_that_dbt_did_not_build_are_asked_for(world: World, ledger: Ledger) -> None:
    plan = planned(world, ledger)
    world.sql("drop table quality.flow_counts")
    with pytest.raises(WarehouseError, match="p2c build"):
        report(world, plan)


def test_models_that_are_older_than_the_program_are_named(world: World, ledger: Ledger) -> None:
    world.sql("alter table changes.changes_sales__things drop column agreement")
    with pytest.raises(WarehouseError, match=r"agreement.*models are older than this version"):
        planned(world, ledger)
