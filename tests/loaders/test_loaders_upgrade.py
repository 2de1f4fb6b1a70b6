"""A ledger of an earlier version, and its copy in the warehouse, get the words of this one."""

import sqlite3

import duckdb
import pytest

from loaders import Ledger, make_plan, plan_changes, publish, read_targets, restore
from loaders.errors import StorageError
from loaders.ledger import upgrade
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_world import World

# What version 0 had for the rows of today: another column, another status, another error code.
TO_VERSION_0 = """
alter table writes rename column not_persisted to not_kept;
drop index writes_failed;
create index writes_failed on writes (n)
    where status in ('rejected', 'failed', 'blocked', 'set_aside');
update writes set status = 'set_aside' where record_key = 'N-1';
update writes set status = 'acknowledged', error_code = 'not_kept', not_kept = '{"name":"Wan"}'
    where record_key = 'N-2';
update runs set report = '{"flows": [{"flow": "things", "set_aside": 1}]}';
pragma user_version = 0;
"""
COPY_TO_VERSION_0 = """
alter table ledger.writes rename column not_persisted to not_kept;
create table ledger.agreed_things (record_key varchar primary key, p2c_not_kept varchar);
insert into ledger.agreed_things values ('N-2', '{"name":"Wan"}');
update ledger.writes set status = 'set_aside' where record_key = 'N-1';
update ledger.writes set status = 'acknowledged', error_code = 'not_kept',
    not_kept = '{"name":"Wan"}' where record_key = 'N-2';
"""
NEW_WORDS = [("N-1", "quarantined", None, None), ("N-2", "acknowledged", "not_persisted", "Wan")]


@pytest.fixture
def plan_id(world: World, clock: FakeClock) -> str:
    """A plan of two rows in a ledger of version 0, with a warehouse that has a copy of it."""
    world.build(things=[change(1), change(2)])
    with Ledger.open(world.state_dir, clock) as ledger:
        ledger.finish_run(ledger.start_run("run"), "ok", {})
        plan = make_plan(world.warehouse, read_targets(world.manifest_path), ledger)
        publish(ledger, world.warehouse)
        path = ledger.path
    with sqlite3.connect(path) as old:
        old.executescript(TO_VERSION_0)
    old.close()
    with duckdb.connect(str(world.warehouse)) as copy:
        copy.execute(COPY_TO_VERSION_0)
    return plan.plan_id


def copied(world: World) -> list[tuple[object, ...]]:
    with duckdb.connect(str(world.warehouse)) as copy:
        return copy.execute(
            "select record_key, status, error_code, json_extract_string(not_persisted, '$.name') "
            "from ledger.writes order by record_key"
        ).fetchall()


def test_rows_of_an_old_ledger_are_found_under_the_new_words(
    world: World, clock: FakeClock, plan_id: str
) -> None:
    with Ledger.open(world.state_dir, clock) as ledger:
        rows = list(plan_changes(ledger, plan_id))
        report = ledger.last_report()
        codes = ledger.not_persisted(plan_id)
    assert [row.status for row in rows] == ["quarantined", "acknowledged"]
    assert [row.not_persisted for row in rows] == [None, '{"name":"Wan"}']
    assert codes == {("things", "sales.widgets"): 1}
    assert report == {"flows": [{"flow": "things", "quarantined": 1}]}


def test_its_copy_in_the_warehouse_follows(world: World, clock: FakeClock, plan_id: str) -> None:
    with Ledger.open(world.state_dir, clock) as ledger:
        assert restore(ledger, world.warehouse) == []
        publish(ledger, world.warehouse)
    assert copied(world) == NEW_WORDS
    with duckdb.connect(str(world.warehouse)) as copy:
        agreed = copy.execute("select record_key, p2c_not_persisted from ledger.agreed_things")
        assert agreed.fetchall() == [("N-2", '{"name":"Wan"}')]


def test_a_lost_ledger_is_taken_back_from_an_old_copy(
    world: World, clock: FakeClock, plan_id: str
) -> None:
    for path in world.state_dir.glob("ledger.sqlite*"):
        path.unlink()
    with Ledger.open(world.state_dir, clock) as ledger:
        [message] = restore(ledger, world.warehouse)
        rows = list(plan_changes(ledger, plan_id))
    assert "were taken back from the warehouse" in message
    assert [row.status for row in rows] == ["quarantined", "acknowledged"]
    assert [row.not_persisted for row in rows] == [None, '{"name":"Wan"}']


def test_it_is_upgraded_once(world: World, clock: FakeClock, plan_id: str) -> None:
    for _ in range(2):
        with Ledger.open(world.state_dir, clock) as ledger:
            publish(ledger, world.warehouse)
            assert publish(ledger, world.warehouse) == 0


def test_a_ledger_of_a_later_version_is_left_alone(
    world: World, clock: FakeClock, plan_id: str
) -> None:
    with sqlite3.connect(world.state_dir / "ledger.sqlite") as later:
        later.execute(f"pragma user_version = {upgrade.VERSION + 1}")
    later.close()
    with pytest.raises(StorageError, match=r"ledger\.sqlite was written by a later version"):
        Ledger.open(world.state_dir, clock)
