"""Plans hold exactly what dbt computed, in order, and are refused once they are no longer true."""

import hashlib
import json
from datetime import timedelta

import pytest

from loaders import Ledger, check_plan, load_plan, make_plan, plan_changes, read_targets
from loaders.errors import OldSnapshot, PlanAlreadyApplied, StalePlan, UnknownFlow, UnknownPlan
from loaders.models import Outcome, Plan
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_rows import START, FakeClock, change, guid
from tests.loaders.loader_world import World


def owner(number: int, **more: object):
    key = {"ownerid": guid(100 + number)}
    return change(number, flow="owners", record_key=f"O-{number}", key_values=key, **more)


def planned(world: World, ledger: Ledger, **options: object) -> Plan:
    return make_plan(world.warehouse, read_targets(world.manifest_path), ledger, **options)


def test_rows_stand_in_graph_order_creates_first(world: World, ledger: Ledger) -> None:
    world.build(
        things=[change(1, "update"), change(2), change(3)],
        owners=[owner(1)],
        gadgets=[change(9, system="finops", flow="gadgets")],
    )
    plan = planned(world, ledger)
    rows = [(row.flow, row.operation) for row in plan_changes(ledger, plan.plan_id)]
    things = [operation for flow, operation in rows if flow == "things"]
    assert things == ["create", "create", "update"]
    assert rows.index(("owners", "create")) < rows.index(("things", "create"))
    assert plan.changes == 5
    assert plan.counts["things", "sales.widgets"] == {"create": 2, "update": 1}


def test_deletions_come_last_and_children_first(world: World, ledger: Ledger) -> None:
    world.build(owners=[owner(1, operation="delete")], things=[change(2, "delete"), change(3)])
    plan = planned(world, ledger)
    rows = [(row.flow, row.operation) for row in plan_changes(ledger, plan.plan_id)]
    assert rows == [("things", "create"), ("things", "delete"), ("owners", "delete")]


def test_values_are_kept_to_the_letter(world: World, ledger: Ledger) -> None:
    after = '{"name": "O\'Neil \\"é\\"", "price": 12.50}'
    world.build(things=[change(1, after=after)])
    plan = planned(world, ledger)
    [row] = plan_changes(ledger, plan.plan_id)
    assert row.after == after
    assert row.record_id == guid(1)


def test_limit_takes_the_first_rows(world: World, ledger: Ledger) -> None:
    world.build(owners=[owner(1), owner(2)], things=[change(3)])
    plan = planned(world, ledger, limit=2)
    assert [row.flow for row in plan_changes(ledger, plan.plan_id)] == ["owners", "owners"]


def test_a_row_whose_parent_is_in_no_plan_is_planned_as_blocked(
    world: World, ledger: Ledger
) -> None:
    world.build(owners=[owner(1)], things=[change(2, parents='["sales.owners/O-1"]'), change(3)])
    plan = planned(world, ledger, select=["things"])
    by_key = {row.record_key: row.status for row in plan_changes(ledger, plan.plan_id)}
    assert by_key == {"N-2": "blocked", "N-3": "planned"}
    whole = planned(world, ledger, select=["things"], with_needed=True)
    assert whole.flows == ("owners", "things")
    assert {row.status for row in plan_changes(ledger, whole.plan_id)} == {"planned"}


def test_an_unknown_flow_is_answered_with_the_known_ones(world: World, ledger: Ledger) -> None:
    with pytest.raises(UnknownFlow, match="'thing'; the flows are"):
        planned(world, ledger, select=["thing"])


def test_a_saved_plan_reads_back_equal(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    assert load_plan(ledger, plan.plan_id) == plan
    with pytest.raises(UnknownPlan, match="No plan plan-77"):
        load_plan(ledger, "plan-77")


def test_a_true_plan_passes(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    world.build(things=[change(1)])
    check_plan(world.warehouse, read_targets(world.manifest_path), ledger, plan)
    assert load_plan(ledger, plan.plan_id).status == "planned"


def refused(world: World, ledger: Ledger, plan: Plan) -> str:
    with pytest.raises(StalePlan) as error:
        check_plan(world.warehouse, read_targets(world.manifest_path), ledger, plan)
    return str(error.value)


def test_a_plan_ends_with_a_new_extract(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    world.extract("load-2", START)
    assert "raw_sales.widgets was read again" in refused(world, ledger, plan)


def test_a_plan_ends_with_a_new_mapping(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    changed = manifest()
    changed["nodes"]["model.p.target_sales__things"]["checksum"]["checksum"] = "new"
    world.manifest_path.write_text(json.dumps(changed))
    assert "models, seeds or macros changed" in refused(world, ledger, plan)


def test_a_plan_ends_when_its_changes_are_computed_anew(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    world.build(things=[change(1, after={"name": "Other"})])
    assert "the changes of sales.widgets were computed again" in refused(world, ledger, plan)


def test_writes_of_another_plan_end_it_and_forbid_a_new_one_before_an_extract(
    world: World, ledger: Ledger, clock: FakeClock
) -> None:
    world.build(things=[change(1)])
    first, second = planned(world, ledger), planned(world, ledger)
    [row] = plan_changes(ledger, first.plan_id)
    clock.advance(1)
    ledger.mark_sent([row.write_id])
    ledger.record([Outcome(row.write_id, "acknowledged")])
    assert "sales.widgets got 1 writes since it was read" in refused(world, ledger, second)
    with pytest.raises(OldSnapshot, match="p2c extract"):
        planned(world, ledger)
    world.extract("load-2", clock.now() + timedelta(seconds=1))
    assert planned(world, ledger).changes == 1


def test_a_plan_is_applied_once(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    plan = planned(world, ledger)
    ledger.set_plan_status(plan.plan_id, "applied")
    with pytest.raises(PlanAlreadyApplied, match="nothing was written"):
        check_plan(
            world.warehouse,
            read_targets(world.manifest_path),
            ledger,
            load_plan(ledger, plan.plan_id),
        )


def test_reading_again_without_a_change_leaves_a_plan_true(world: World, ledger: Ledger) -> None:
    world.build(things=[change(1)])
    for schema in ("raw_sales", "raw_finops"):
        world.sql(f"alter table {schema}.reads add column data_load_id varchar")
        world.sql(f"update {schema}.reads set data_load_id = load_id")
    plan = planned(world, ledger)
    for schema, table in (("raw_sales", "widgets"), ("raw_sales", "owners")):
        world.sql(
            f"insert into {schema}.reads by name select '{table}' as table_name, 'load-2' as "
            "load_id, 'load-1' as data_load_id, timestamptz '2026-02-01 00:00:00+00' as "
            "started_at, timestamptz '2026-02-01 00:00:00+00' as finished_at"
        )
    check_plan(world.warehouse, read_targets(world.manifest_path), ledger, plan)
    world.sql("update raw_sales.reads set data_load_id = load_id")
    assert "raw_sales.widgets was read again" in refused(world, ledger, plan)


def test_a_row_s_idempotency_key_is_what_it_always_was(world: World, ledger: Ledger) -> None:
    """SHA-256 over target, operation, key and values; quarantined rows are found by it."""
    gone = change(1, "delete", after=None, key_values='{"widgetid":"Ä 1"}')
    world.build(things=[gone, change(2)])
    keys = {
        r.record_key: r.idempotency_key
        for r in plan_changes(ledger, planned(world, ledger).plan_id)
    }
    words = ("sales", "widgets", "delete", '{"widgetid":"Ä 1"}', "None")
    assert keys["N-1"] == hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]
    words = ("sales", "widgets", "create", change(2).key_values, '{"name": "Thing 2"}')
    assert keys["N-2"] == hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]
