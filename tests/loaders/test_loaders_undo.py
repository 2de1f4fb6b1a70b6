"""Verify and undo, with services in memory."""

import pytest

from loaders import (
    GuardSettings,
    check_guards,
    plan_changes,
    verify_plan,
)
from loaders.errors import UndoRefused
from tests.loaders.loader_loop import Loop, with_writes
from tests.loaders.loader_rows import FakeClock, change, guid
from tests.loaders.loader_world import World


def test_a_value_sent_twice_is_read_back_and_reported_once(loop: Loop) -> None:
    """The service takes the name and keeps another."""
    key = f"({guid(1)})"
    loop.sales.put(key, {"name": "first"})
    loop.run(things=[change(1, "update", after={"name": "Wanted"})])
    loop.sales.put(key, {"name": "Wan"})
    put = loop.sales.put
    loop.sales.put = lambda key, values: put(key, {**values, "name": "Wan"})  # type: ignore[method-assign]
    update = change(1, "update", after={"name": "Wanted"}, etag='W/"3"')
    report = loop.run(things=[update])
    assert report.counts["things", "sales.widgets"].unverified == 1
    [row] = plan_changes(loop.ledger, report.plan_id)
    assert row.not_persisted == '{"name":"Wan"}'


def test_verify_leaves_out_what_a_later_plan_wrote(loop: Loop) -> None:
    first = loop.run(things=[change(1), change(2)])
    loop.run(things=[change(1, "update", after={"name": "Newer"})])
    found = verify_plan(loop.graph, loop.ledger, first.plan_id, loop.services)
    assert (found.right, found.later) == ({("things", "sales.widgets"): 1}, 1)


# undo


def test_an_undo_takes_back_creates_and_updates(loop: Loop) -> None:
    key = f"({guid(9)})"
    loop.sales.put(key, {"name": "Before"})
    done = loop.run(
        owners=[change(5, key_values={"ownerid": guid(5)}, flow="owners", record_key="O-5")],
        things=[
            change(1),
            change(9, "update", after={"name": "After"}, before={"name": "Before"}),
        ],
        gadgets=[change(3, system="finops", flow="gadgets")],
    )
    plan = loop.undo(done.plan_id)
    rows = list(plan_changes(loop.ledger, plan.plan_id))
    assert [(row.record_key, row.operation) for row in rows] == [
        ("N-9", "update"),
        ("N-1", "delete"),
        ("O-5", "delete"),
        ("N-3", "delete"),
    ]
    check_guards(loop.world.warehouse, loop.ledger, plan, GuardSettings())
    report = loop.apply(plan)
    assert (report.status, report.written) == ("ok", 4)
    assert loop.sales.rows == {key: {"name": "Before"}}
    assert loop.finops.rows == {}
    flows = {flow["flow"]: flow for flow in loop.report(report).flows}
    assert (flows["things"]["update"], flows["things"]["deactivate"]) == (1, 1)


def test_the_undo_of_an_undone_update_writes_it_again(loop: Loop) -> None:
    loop.sales.put(f"({guid(9)})", {"name": "Before"})
    done = loop.run(things=[change(9, "update", after={"name": "A"}, before={"name": "Before"})])
    back = loop.apply(loop.undo(done.plan_id))
    loop.apply(loop.undo(back.plan_id))
    assert loop.sales.rows[f"({guid(9)})"]["name"] == "A"


FIRST = '{"first_contact":true,"held":{"name":null,"size":1.50},"kept":{"size":2}}'


def test_k3_a_first_contact_taken_back_is_none_and_its_undo_is_one_again(loop: Loop) -> None:
    """The ledger says so by `agreement`, from which the models take what was agreed."""
    loop.sales.put(f"({guid(9)})", {"name": None, "size": 1.5})
    met = change(9, "update", after={"name": "A"}, before={"name": None}, agreement=FIRST)
    done = loop.run(things=[met])
    undo = loop.undo(done.plan_id)
    [row] = plan_changes(loop.ledger, undo.plan_id)
    assert (row.after, row.agreement) == ('{"name": null}', f'{{"undone":{FIRST}}}')
    assert not row.is_first_contact
    back = loop.apply(undo)
    assert loop.sales.rows[f"({guid(9)})"]["name"] is None
    [again] = plan_changes(loop.ledger, loop.undo(back.plan_id).plan_id)
    assert again.agreement == FIRST


def test_the_undo_of_a_later_update_leaves_alone_what_that_left_alone(loop: Loop) -> None:
    loop.sales.put(f"({guid(9)})", {"name": "Before", "size": 1})
    kept = '{"first_contact":false,"held":{"name":"Before","size":1},"kept":{"size":2}}'
    row = change(9, "update", after={"name": "A"}, before={"name": "Before"}, agreement=kept)
    done = loop.run(things=[row])
    [back] = plan_changes(loop.ledger, loop.undo(done.plan_id).plan_id)
    assert back.agreement == kept


def test_what_somebody_changed_since_is_not_undone(loop: Loop) -> None:
    done = loop.run(things=[change(1), change(2)])
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    plan = loop.undo(done.plan_id)
    assert loop.statuses(plan) == [("N-2", "planned"), ("N-1", "blocked")]
    report = loop.apply(plan)
    assert (report.written, report.counts["things", "sales.widgets"].blocked) == (1, 1)
    assert [row["name"] for row in loop.sales.rows.values()] == ["Theirs"]


def test_what_changes_between_undo_and_apply_is_stale(loop: Loop) -> None:
    done = loop.run(things=[change(1)])
    plan = loop.undo(done.plan_id)
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    assert loop.apply(plan).counts["things", "sales.widgets"].stale == 1
    assert [row["name"] for row in loop.sales.rows.values()] == ["Theirs"]


def test_a_parent_stays_when_its_child_does(loop: Loop) -> None:
    done = loop.run(
        things=[change(1), change(2, parents='["sales.widgets/N-1"]')],
    )
    loop.sales.put(f"({guid(2)})", {"name": "Theirs"})
    with pytest.raises(UndoRefused, match="stays, because a record that refers to it does"):
        loop.undo(done.plan_id)


def test_what_a_later_run_wrote_again_is_not_undone(loop: Loop) -> None:
    done = loop.run(things=[change(1)])
    loop.run(things=[change(1, "update", after={"name": "Newer"})])
    with pytest.raises(UndoRefused, match=r"written again by .*: undo that first"):
        loop.undo(done.plan_id)


def test_a_deactivation_is_undone_as_an_update(loop: Loop) -> None:
    """The ledger has what it took; taking it back takes nothing away (guards, plan)."""
    loop.sales.put(f"({guid(1)})", {"name": "Thing 1", "hold": "No"})
    after, before = {"hold": "All"}, {"hold": "No"}
    done = loop.run(things=[change(1, "deactivate", after=after, before=before)])
    assert loop.sales.rows[f"({guid(1)})"]["hold"] == "All"
    plan = loop.undo(done.plan_id)
    assert plan.counts == {("things", "sales.widgets"): {"update": 1}}
    loop.apply(plan)
    assert loop.sales.rows[f"({guid(1)})"]["hold"] == "No"


def test_deleted_records_cannot_be_undone(loop: Loop) -> None:
    loop.sales.put(f"({guid(1)})", {"name": "Thing 1"})
    done = loop.run(things=[change(1, "delete", after=None)])
    with pytest.raises(UndoRefused, match="the ledger does not hold deleted records"):
        loop.undo(done.plan_id)


def test_a_target_decides_how_its_records_are_taken_back(world: World, clock: FakeClock) -> None:
    loop = Loop(world, clock)
    writes = {"undo": "deactivate", "deactivate": {"active": False}}
    loop.graph = with_writes(world, "changes_sales__things", writes)
    done = loop.run(things=[change(1)])
    loop.apply(loop.undo(done.plan_id))
    assert loop.sales.rows[f"({guid(1)})"]["active"] is False
    writes = {"undo": "none", "undo_reason": "posted documents stay."}
    loop.graph = with_writes(world, "changes_sales__things", writes)
    done = loop.run(things=[change(2)])
    with pytest.raises(UndoRefused, match="N-2: posted documents stay"):
        loop.undo(done.plan_id)
    loop.ledger.close()
