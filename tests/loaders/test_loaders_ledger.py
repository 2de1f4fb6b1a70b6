"""The ledger is durable, readable by others, and copied into the warehouse row by row."""

import sqlite3

import duckdb
import pytest

from loaders import Ledger, make_plan, plan_changes, publish, read_targets
from loaders.errors import WarehouseError
from loaders.models import Outcome, Plan
from loaders.units import in_chunks
from tests.loaders.loader_rows import change, guid
from tests.loaders.loader_world import World


@pytest.fixture
def plan(world: World, ledger: Ledger) -> Plan:
    world.build(things=[change(1), change(2), change(3)])
    return make_plan(world.warehouse, read_targets(world.manifest_path), ledger)


def test_a_write_goes_from_planned_over_sent_to_its_outcome(ledger: Ledger, plan: Plan) -> None:
    first, second, _ = (row.write_id for row in plan_changes(ledger, plan.plan_id))
    ledger.mark_sent([first, second])
    assert ledger.statuses(plan.plan_id)["things", "sales.widgets"] == {"planned": 1, "sent": 2}
    refused = Outcome(second, "rejected", 400, "0x1", "Name too long", "r-1", attempts=2)
    ledger.record([Outcome(first, "acknowledged", 204, record_id=guid(1)), refused])
    rows = ledger.connection.execute(
        "select status, attempts, http_status, error_code, error_message, request_id, sent_at, "
        "finished_at from writes order by n"
    ).fetchall()
    assert tuple(rows[0])[:3] == ("acknowledged", 1, 204)
    assert tuple(rows[1])[:6] == ("rejected", 2, 400, "0x1", "Name too long", "r-1")
    assert len(rows) == 2, "what is only planned is in the plan's file"
    assert all(rows[1][6:])
    found = [
        (row.status, row.attempts, row.error_message) for row in plan_changes(ledger, plan.plan_id)
    ]
    assert found == [
        ("acknowledged", 1, None),
        ("rejected", 2, "Name too long"),
        ("planned", 0, None),
    ]
    assert not ledger.connection.execute("select 1 from in_flight").fetchall()
    assert ledger.missing_records(plan.plan_id) == {"sales.widgets/N-2"}


def test_others_read_while_it_is_written(world: World, ledger: Ledger, plan: Plan) -> None:
    ids = [row.write_id for row in plan_changes(ledger, plan.plan_id)]
    ledger.mark_sent(ids)
    ledger.connection.execute("begin immediate")
    ledger.connection.execute("update outcomes set status = 'failed'")
    other = sqlite3.connect(ledger.path)
    seen = other.execute("select distinct status from writes").fetchall()
    other.close()
    ledger.connection.execute("rollback")
    assert seen == [("sent",)]


def test_a_failed_transaction_leaves_nothing(ledger: Ledger, plan: Plan) -> None:
    ids = [row.write_id for row in plan_changes(ledger, plan.plan_id)]

    def broken():
        yield ids[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.mark_sent(broken())
    assert ledger.statuses(plan.plan_id)["things", "sales.widgets"] == {"planned": 3}


def test_the_same_intended_write_has_the_same_key_in_every_plan(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    again = make_plan(world.warehouse, read_targets(world.manifest_path), ledger)
    keys = [{row.idempotency_key for row in plan_changes(ledger, p.plan_id)} for p in (plan, again)]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 3


def test_publish_copies_what_changed_and_only_that(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    run = ledger.start_run("plan")
    assert publish(ledger, world.warehouse) == 3 + 1 + 1
    assert publish(ledger, world.warehouse) == 0
    first = next(plan_changes(ledger, plan.plan_id)).write_id
    ledger.mark_sent([first])
    ledger.record([Outcome(first, "acknowledged")])
    ledger.finish_run(run, "ok", {"seconds": 1.5, "writes": 1})
    assert publish(ledger, world.warehouse) == 2
    rows = world.sql("select write_id, status from ledger.writes order by write_id")
    assert rows[0] == (first, "acknowledged")
    assert [status for _, status in rows[1:]] == ["planned", "planned"]
    assert world.sql("select command, seconds, writes from ledger.runs") == [("plan", 1.5, 1)]


def test_publish_keeps_a_table_that_dbt_made_first(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute("create schema ledger")
        db.execute(
            "create table ledger.writes (write_id varchar, status varchar, attempts integer)"
        )
    publish(ledger, world.warehouse)
    found = world.sql("select count(*), min(planned_at)::varchar, min(after) from ledger.writes")
    assert found == [(3, "2026-01-31 10:00:00+00", '{"name": "Thing 1"}')]


def test_a_lost_warehouse_gets_everything_again(world: World, ledger: Ledger, plan: Plan) -> None:
    publish(ledger, world.warehouse)
    world.warehouse.unlink()
    assert publish(ledger, world.warehouse) == 4


def test_a_new_ledger_adds_to_what_the_warehouse_has(
    world: World, ledger: Ledger, plan: Plan
) -> None:
    publish(ledger, world.warehouse)
    with Ledger.open(world.folder / "other") as other:
        make_plan(world.warehouse, read_targets(world.manifest_path), other)
        publish(other, world.warehouse)
    assert world.sql("select count(*) from ledger.plans") == [(2,)]
    assert world.sql("select count(*) from ledger.writes") == [(6,)]


def test_a_warehouse_that_is_no_database_is_named(world: World, ledger: Ledger) -> None:
    world.warehouse.write_text("not a database")
    with pytest.raises(WarehouseError, match="cannot be opened"):
        publish(ledger, world.warehouse)


def test_a_hundred_thousand_rows_pass_through(world: World, ledger: Ledger) -> None:
    columns = (
        "'c' || i, 'things', 'create', i::varchar, 'N-' || i, 'id-' || i, "
        """'{"widgetid":"' || i || '"}', null, '[]', null, '{"name":"' || i || '"}', '[]', """
        "false, false, null"
    )
    with duckdb.connect(str(world.warehouse)) as db:
        db.execute(
            f"insert into changes.changes_sales__things select {columns} from range(100000) t(i)"
        )
    plan = make_plan(world.warehouse, read_targets(world.manifest_path), ledger)
    for chunk in in_chunks(plan_changes(ledger, plan.plan_id), 1000):
        ledger.mark_sent(chunk)
        ledger.record(Outcome(row.write_id, "acknowledged", 204) for row in chunk)
    assert publish(ledger, world.warehouse) == 100_001
