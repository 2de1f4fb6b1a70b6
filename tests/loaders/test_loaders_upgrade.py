"""A ledger of an earlier version, and its copy in the warehouse, get the words of this one."""

import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from loaders import Ledger, make_plan, plan_changes, publish, read_targets, restore
from loaders.errors import StorageError, WarehouseError
from loaders.ledger import upgrade
from loaders.models import Change, Outcome
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_world import World

# Written by the last program of version 1: three plans of six rows and one of a document; one row
# rejected three times, the others in each other status that a run which broke off can leave.
VERSION_1 = (Path(__file__).parent / "ledger_version_1.sql").read_text(encoding="utf-8")
# What version 0 had for the rows of version 1: another column, another status, another error code.
TO_VERSION_0 = """
alter table writes rename column not_persisted to not_kept;
drop index writes_failed;
create index writes_failed on writes (n)
    where status in ('rejected', 'failed', 'blocked', 'set_aside');
update writes set status = 'set_aside' where write_id = 'plan-4-000003';
update writes set status = 'acknowledged', error_code = 'not_kept', not_kept = '{"name":"Wan"}'
    where write_id = 'plan-4-000001';
update runs set report = '{"flows": [{"flow": "things", "set_aside": 1}]}';
pragma user_version = 0;
"""
COPY_TO_VERSION_0 = """
alter table ledger.plans drop column parts;
alter table ledger.plans drop column pruned_at;
alter table ledger.writes rename column not_persisted to not_kept;
delete from ledger.marks where name = 'version';
create table ledger.agreed_things (record_key varchar primary key, p2c_not_kept varchar);
insert into ledger.agreed_things values ('N-2', '{"name":"Wan"}');
update ledger.writes set status = 'set_aside' where write_id = 'plan-4-000003';
update ledger.writes set status = 'acknowledged', error_code = 'not_kept',
    not_kept = '{"name":"Wan"}' where write_id = 'plan-4-000001';
"""
PLAN = "plan-4"
STATUSES = ["acknowledged", "rejected", "blocked", "unresolved", "sent", "planned"]
OLD_WORDS = ["acknowledged", "rejected", "quarantined", "unresolved", "sent", "planned"]


def make_old(world: World, script: str) -> None:
    world.state_dir.mkdir()
    with sqlite3.connect(world.state_dir / "ledger.sqlite") as old:
        old.executescript(script)
    old.close()


@pytest.fixture
def old(world: World, clock: FakeClock) -> World:
    """A ledger of version 0, with a warehouse that has a copy of it."""
    make_old(world, VERSION_1)
    with Ledger.open(world.state_dir, clock) as ledger:
        publish(ledger, world.warehouse)
    shutil.rmtree(world.state_dir)
    make_old(world, VERSION_1 + TO_VERSION_0)
    with duckdb.connect(str(world.warehouse)) as copy:
        copy.execute(COPY_TO_VERSION_0)
    return world


def test_rows_move_into_files_and_nothing_else_changes(world: World, clock: FakeClock) -> None:
    make_old(world, VERSION_1)
    with sqlite3.connect(world.state_dir / "ledger.sqlite") as before:
        before.row_factory = sqlite3.Row
        rows = [dict(row) for row in before.execute("select * from writes order by n")]
    before.close()
    with Ledger.open(world.state_dir, clock) as ledger:
        found = [row for n in (2, 3, 4, 5) for row in plan_changes(ledger, f"plan-{n}")]
        seen = ledger.connection.execute("select * from writes order by n").fetchall()
        asked = [(plan_id, row.write_id) for plan_id, row in ledger.unanswered()]
        counts = ledger.statuses("plan-4")["things", "sales.widgets"]
        publish(ledger, world.warehouse)
    fields = list(Change.__dataclass_fields__)
    assert [[getattr(row, name) for name in fields] for row in found] == [
        [row[name] for name in fields] for row in rows
    ]
    decided = [row for row in rows if row["status"] != "planned" or row["attempts"]]
    same = set(seen[0].keys()) & set(rows[0]) - {"n"}
    assert [{name: row[name] for name in same} for row in seen] == [
        {name: row[name] for name in same} for row in decided
    ]
    assert asked == [("plan-4", "plan-4-000004"), ("plan-4", "plan-4-000005")]
    assert counts == dict.fromkeys(STATUSES, 1)
    assert world.sql("select count(*), count(distinct write_id) from ledger.writes") == [(21, 21)]


def test_what_failed_three_times_stays_quarantined_over_an_upgrade(
    world: World, clock: FakeClock
) -> None:
    make_old(world, VERSION_1)
    clock.advance(60)
    world.build(things=[change(1), change(2)])
    with Ledger.open(world.state_dir, clock) as ledger:
        world.extract("load-9", clock.now())
        ledger.record(Outcome(row.write_id, "failed") for _, row in ledger.unanswered())
        plan = make_plan(world.warehouse, read_targets(world.manifest_path), ledger)
        assert [row.status for row in plan_changes(ledger, plan.plan_id)] == [
            "planned",
            "quarantined",
        ]


def test_an_upgrade_that_is_killed_is_done_again(world: World, clock: FakeClock) -> None:
    make_old(world, VERSION_1)
    copy = (world.state_dir / "ledger.sqlite").read_bytes()
    Ledger.open(world.state_dir, clock).close()
    (world.state_dir / "ledger.sqlite").write_bytes(copy)
    (world.state_dir / "plans" / "plan-4.parquet").write_text("cut off")
    with Ledger.open(world.state_dir, clock) as ledger:
        assert [row.status for row in plan_changes(ledger, PLAN)] == STATUSES


def copied(world: World) -> list[tuple[object, ...]]:
    with duckdb.connect(str(world.warehouse)) as copy:
        return copy.execute(
            "select status, error_code, json_extract_string(not_persisted, '$.name') "
            "from ledger.writes where plan_id = 'plan-4' order by write_id limit 3"
        ).fetchall()


def test_rows_of_an_old_ledger_are_found_under_the_new_words(old: World, clock: FakeClock) -> None:
    with Ledger.open(old.state_dir, clock) as ledger:
        rows = list(plan_changes(ledger, PLAN))
        report = ledger.last_report()
        codes = ledger.not_persisted(PLAN)
    assert [row.status for row in rows] == OLD_WORDS
    assert [row.not_persisted for row in rows[:2]] == ['{"name":"Wan"}', None]
    assert codes == {("things", "sales.widgets"): 1}
    assert report == {"flows": [{"flow": "things", "quarantined": 1}]}


def test_its_copy_in_the_warehouse_follows(old: World, clock: FakeClock) -> None:
    with Ledger.open(old.state_dir, clock) as ledger:
        assert restore(ledger, old.warehouse) == []
        publish(ledger, old.warehouse)
    first, second, third = copied(old)
    assert first == ("acknowledged", "not_persisted", "Wan")
    assert second == ("rejected", "0x1", None)
    assert third == ("quarantined", None, None)
    with duckdb.connect(str(old.warehouse)) as copy:
        agreed = copy.execute("select record_key, p2c_not_persisted from ledger.agreed_things")
        assert agreed.fetchall() == [("N-2", '{"name":"Wan"}')]


def test_a_lost_ledger_is_taken_back_from_an_old_copy(old: World, clock: FakeClock) -> None:
    shutil.rmtree(old.state_dir)
    with Ledger.open(old.state_dir, clock) as ledger:
        [message] = restore(ledger, old.warehouse)
        rows = list(plan_changes(ledger, PLAN))
        counts = ledger.plan(PLAN).counts
        asked = [row.write_id for _, row in ledger.unanswered()]
    assert "26 rows of earlier runs were taken back from the warehouse" in message
    assert [row.status for row in rows] == OLD_WORDS
    assert [row.not_persisted for row in rows[:2]] == ['{"name":"Wan"}', None]
    assert counts == {("things", "sales.widgets"): {"create": 6}}
    assert asked == ["plan-4-000004", "plan-4-000005"]


def test_it_is_upgraded_once(world: World, clock: FakeClock, old: World) -> None:
    for _ in range(2):
        with Ledger.open(world.state_dir, clock) as ledger:
            publish(ledger, world.warehouse)
            assert publish(ledger, world.warehouse) == 0


def test_a_ledger_of_a_later_version_is_left_alone(
    world: World, clock: FakeClock, old: World
) -> None:
    with sqlite3.connect(world.state_dir / "ledger.sqlite") as later:
        later.execute(f"pragma user_version = {upgrade.VERSION + 1}")
    later.close()
    with pytest.raises(StorageError, match=r"ledger\.sqlite was written by a later version"):
        Ledger.open(world.state_dir, clock)


@pytest.mark.parametrize("kind", ["table", "view"])
def test_what_dbt_built_under_an_old_name_goes_whatever_it_was(
    old: World, clock: FakeClock, kind: str
) -> None:
    """0.2.0 built a table, later versions before 0.3 a view."""
    with duckdb.connect(str(old.warehouse)) as copy:
        copy.execute("create schema if not exists quality")
        copy.execute(f"create {kind} quality.not_kept_values as select 1 as n")
    with Ledger.open(old.state_dir, clock) as ledger:
        publish(ledger, old.warehouse)
    named = "select 1 from information_schema.tables where table_name = 'not_kept_values'"
    assert old.sql(named) == []


def test_a_warehouse_of_a_later_version_is_left_alone(
    world: World, clock: FakeClock, old: World
) -> None:
    later = f"insert into ledger.marks values ('version', '{upgrade.WAREHOUSE_VERSION + 1}', now())"
    with duckdb.connect(str(world.warehouse)) as copy:
        copy.execute(later)
    with Ledger.open(world.state_dir, clock) as ledger:
        for command in (restore, publish):
            with pytest.raises(WarehouseError, match="was written by a later version"):
                command(ledger, world.warehouse)
    assert old.sql("select count(*) from ledger.writes where status = 'set_aside'") == [(1,)]
