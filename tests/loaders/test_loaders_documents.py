"""Documents and their lines are taken back whole or not at all; records are read back as shown."""

from __future__ import annotations

import json

import pytest

from loaders import plan_changes, read_targets, verify_plan
from tests.loaders.loader_loop import Loop, with_writes
from tests.loaders.loader_rows import FakeClock, change, guid
from tests.loaders.loader_world import World

HEADER = f"({guid(5)})"


def document(loop: Loop) -> str:
    """Owner O-5 with its lines N-1 and N-2, and N-3, which is nobody's line; the plan's id."""
    parents = '["sales.owners/O-5"]'
    done = loop.run(
        owners=[change(5, key_values={"ownerid": guid(5)}, flow="owners", record_key="O-5")],
        things=[change(1, parents=parents), change(2, parents=parents), change(3)],
    )
    return done.plan_id


@pytest.fixture
def lined(world: World, clock: FakeClock) -> Loop:
    loop = Loop(world, clock)
    loop.graph = with_writes(world, "changes_sales__things", {"part_of": "owners"})
    return loop


def test_a_document_that_stays_keeps_all_its_lines(lined: Loop) -> None:
    plan_id = document(lined)
    lined.sales.put(f"({guid(2)})", {"name": "Theirs"})
    plan = lined.undo(plan_id)
    messages = {
        row.record_key: row.error_message for row in plan_changes(lined.ledger, plan.plan_id)
    }
    assert messages == {
        "N-3": None,
        "N-2": "N-2 was changed since: name is 'Theirs', not 'Thing 2'.",
        "N-1": "N-1 stays, because the document it is part of does.",
        "O-5": "O-5 stays, because a record that refers to it does.",
    }
    assert lined.apply(plan).written == 1
    assert lined.sales.rows.keys() == {HEADER, f"({guid(1)})", f"({guid(2)})"}
    lined.ledger.close()


def test_without_the_declaration_a_record_that_refers_to_it_may_go(loop: Loop) -> None:
    plan_id = document(loop)
    loop.sales.put(f"({guid(2)})", {"name": "Theirs"})
    statuses = dict(loop.statuses(loop.undo(plan_id)))
    assert statuses == {"N-3": "planned", "N-2": "blocked", "N-1": "planned", "O-5": "blocked"}


def test_a_header_whose_version_moves_with_its_lines_is_taken_back(loop: Loop) -> None:
    plan = loop.undo(document(loop))
    loop.sales.versions[HEADER] += 7  # as a service does that adds up a document's lines
    report = loop.apply(plan)
    assert (report.status, report.written) == ("ok", 4)
    assert loop.sales.rows == {}


def test_a_header_that_somebody_changes_meanwhile_is_stale(loop: Loop) -> None:
    plan = loop.undo(document(loop))
    loop.sales.put(HEADER, {"name": "Theirs"})
    report = loop.apply(plan)
    assert report.counts["owners", "sales.owners"].stale == 1
    assert loop.sales.rows[HEADER]["name"] == "Theirs"
    [row] = [r for r in plan_changes(loop.ledger, plan.plan_id) if r.record_key == "O-5"]
    assert "O-5 was changed (name is 'Theirs', not 'Thing 5')" in str(row.error_message)


@pytest.mark.parametrize(("compare", "wrong"), [("never", 0), ("exact", 1)])
def test_what_the_service_computes_is_not_verified(
    world: World, clock: FakeClock, compare: str, wrong: int
) -> None:
    looped = Loop(world, clock)
    looped.graph = with_column(world, "name", {"compare": compare})
    done = looped.run(things=[change(1)])
    looped.sales.put(f"({guid(1)})", {"name": "Computed"})
    found = verify_plan(looped.graph, looped.ledger, done.plan_id, looped.services)
    assert found.wrong == {("things", "sales.widgets"): wrong}
    looped.ledger.close()


def test_a_lookup_is_read_back_by_the_column_that_shows_it(world: World, clock: FakeClock) -> None:
    looped = Loop(world, clock)
    meta = {"lookup": "owners", "read_as": "anyownerid"}
    looped.graph = with_column(world, "ownerid", meta)
    done = looped.run(things=[change(1, after={"name": "A", "ownerid": guid(5)})])
    looped.sales.put(f"({guid(1)})", {"_anyownerid_value": guid(5)})
    found = verify_plan(looped.graph, looped.ledger, done.plan_id, looped.services)
    assert (found.right, found.messages) == ({("things", "sales.widgets"): 1}, [])
    assert "_anyownerid_value" in looped.sales.requests[-1].content.decode()
    looped.ledger.close()


def with_column(world: World, name: str, meta: dict):
    """The graph, with this meta of a column of things."""
    content = json.loads(world.manifest_path.read_text())
    column = content["nodes"]["model.p.target_sales__things"]["columns"][name]
    column["config"]["meta"] = meta
    world.manifest_path.write_text(json.dumps(content))
    return read_targets(world.manifest_path)
