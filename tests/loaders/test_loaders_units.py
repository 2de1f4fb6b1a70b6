"""A new document and its lines are one unit: all of them are written, or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from loaders import ApplySettings, SyncGraph, apply_plan, make_plan, plan_changes, read_targets
from loaders.errors import ManifestError
from loaders.models import Change
from loaders.units import at_most, in_chunks
from tests.loaders.loader_loop import Loop
from tests.loaders.loader_rows import FakeClock, change, guid
from tests.loaders.loader_world import World

BAD = "Inventory dimension Site is mandatory."
SMALL = ApplySettings(workers=1, sales_rows_per_request=4)


def as_documents(world: World, **writes: object) -> SyncGraph:
    """Owners are documents, things their lines, of one flow."""
    content = json.loads(world.manifest_path.read_text())
    meta = content["nodes"]["model.p.changes_sales__things"]["config"]["meta"]
    meta["flow"] = "owners"
    meta["writes"].update({"part_of": "owners", "whole": True, **writes})
    world.manifest_path.write_text(json.dumps(content))
    return read_targets(world.manifest_path)


@pytest.fixture
def loop(world: World, clock: FakeClock) -> Iterator[Loop]:
    loop = Loop(world, clock)
    loop.graph = as_documents(world)
    yield loop
    loop.ledger.close()


def header(number: int, **more: object) -> Change:
    values = {"key_values": {"ownerid": guid(number)}, "record_key": f"O-{number}", **more}
    return change(number, flow="owners", **values)


def line(number: int, of: int, **more: object) -> Change:
    return change(number, parents=f'["sales.owners/O-{of}"]', **more)


def refuse(name: str) -> Callable[[dict], str | None]:
    return lambda body: BAD if body.get("name") == name else None


def document(number: int, lines: int = 2) -> dict[str, list[Change]]:
    """Document O-n with lines N-n1, N-n2, …"""
    numbers = range(10 * number + 1, 10 * number + 1 + lines)
    return {"owners": [header(number)], "things": [line(n, number) for n in numbers]}


def both(*documents: dict[str, list[Change]]) -> dict[str, list[Change]]:
    return {name: [row for one in documents for row in one[name]] for name in ("owners", "things")}


def fates(loop: Loop, plan_id: str) -> dict[str, tuple[str, str | None]]:
    rows = plan_changes(loop.ledger, plan_id)
    return {row.record_key: (row.status, row.error_message) for row in rows}


def there(loop: Loop) -> set[str]:
    return set(loop.sales.rows)


def keys(*numbers: int) -> set[str]:
    return {f"({guid(number)})" for number in numbers}


def test_a_document_is_planned_with_its_lines_as_one_part(loop: Loop) -> None:
    loop.world.build(**both(document(1), document(2)))
    plan = make_plan(loop.world.warehouse, loop.graph, loop.ledger)
    assert loop.keys(plan) == ["O-1", "N-11", "N-12", "O-2", "N-21", "N-22"]
    [segment] = loop.ledger.segments(plan.plan_id)
    assert (segment.model, segment.rows) == ("changes_sales__owners", 6)


def test_one_refused_line_leaves_nothing_of_its_document(loop: Loop) -> None:
    loop.sales.refuse = refuse("Thing 12")
    done = loop.run(**both(document(1), document(2)))
    assert (done.status, done.written) == ("partial", 3)
    assert there(loop) == keys(2, 21, 22)
    found = fates(loop, done.plan_id)
    blocked = f"Its unit was refused: N-12: {BAD}"
    assert found["N-12"] == ("rejected", BAD)
    assert found["O-1"] == found["N-11"] == ("blocked", blocked)
    assert loop.sales.paths == ["$batch"]


@pytest.mark.parametrize(
    ("message", "at_fault"), [("Item 'Thing 12' has no site.", "N-12"), ("No site.", "O-1")]
)
def test_without_an_id_the_text_says_which_row_it_was(
    loop: Loop, message: str, at_fault: str
) -> None:
    loop.sales.names_parts = False
    loop.sales.refuse = lambda body: message if body.get("name") == "Thing 12" else None
    found = fates(loop, loop.run(**document(1)).plan_id)
    assert {key for key, (status, _) in found.items() if status == "rejected"} == {at_fault}
    assert {status for status, _ in found.values()} == {"rejected", "blocked"}


def test_a_unit_is_never_split_between_requests(loop: Loop) -> None:
    loop.world.build(**both(document(1, 3), document(2, 6), document(3, 1), document(4, 1)))
    plan = make_plan(loop.world.warehouse, loop.graph, loop.ledger)
    apply_plan(
        loop.world.warehouse, loop.graph, loop.ledger, plan.plan_id, loop.services, settings=SMALL
    )
    sizes = [request.content.count(b"Content-ID") for request in loop.sales.requests]
    assert sizes == [4, 7, 4]
    assert len(loop.sales.rows) == 15


def test_a_lost_answer_is_looked_up_for_the_unit(loop: Loop) -> None:
    lose_first(loop, committed=True)
    done = loop.run(**document(1))
    assert (done.status, done.written) == ("ok", 3)
    assert set(loop.sales.versions.values()) == {1}


def test_a_request_that_did_not_arrive_goes_out_again_whole(loop: Loop) -> None:
    lose_first(loop, committed=False)
    done = loop.run(**document(1))
    assert (done.status, done.written) == ("ok", 3)
    assert there(loop) == keys(1, 11, 12)


def lose_first(loop: Loop, *, committed: bool) -> None:
    def lose(request: httpx.Request) -> None:
        if b"changeset" in request.content and len(loop.sales.requests) == 1:
            raise httpx.ReadError("reset")

    if committed:
        loop.sales.after = lose
    else:
        loop.sales.before = lose


def test_of_a_document_that_somebody_else_entered_nothing_is_added(loop: Loop) -> None:
    loop.sales.put(f"({guid(1)})", {"name": "Theirs"})
    done = loop.run(**document(1))
    assert there(loop) == keys(1)
    found = fates(loop, done.plan_id)
    assert {status for status, _ in found.values()} == {"stale"}
    assert "N-11 was not written" in str(found["N-11"][1])


def test_a_killed_run_is_read_back_and_the_unit_goes_on_whole(loop: Loop) -> None:
    loop.world.build(**document(1))
    plan = make_plan(loop.world.warehouse, loop.graph, loop.ledger)
    loop.ledger.mark_sent(row.write_id for row in plan_changes(loop.ledger, plan.plan_id))
    report = loop.apply(plan)
    assert (report.status, report.written) == ("ok", 3)
    assert b"changeset" in loop.sales.requests[-1].content


def test_a_unit_waits_for_what_one_of_its_lines_needs(loop: Loop) -> None:
    """The gadget is of a flow that is not selected: the whole document is blocked."""
    rows = document(1)
    rows["things"][1] = change(12, parents='["sales.owners/O-1", "finops.Gadgets/G-1"]')
    gadget = change(1, system="finops", flow="gadgets", record_key="G-1")
    loop.world.build(**rows, gadgets=[gadget])
    plan = make_plan(loop.world.warehouse, loop.graph, loop.ledger, select=["owners"])
    message = "finops.Gadgets/G-1 does not exist, and this plan does not create it."
    assert fates(loop, plan.plan_id) == dict.fromkeys(["O-1", "N-11", "N-12"], ("blocked", message))


def test_a_unit_is_quarantined_whole_until_one_of_its_values_changes(loop: Loop) -> None:
    loop.sales.refuse = refuse("Thing 12")
    for _ in range(3):
        assert loop.run(**document(1)).status == "partial"
    sent = len(loop.sales.requests)
    done = loop.run(**document(1))
    assert {status for status, _ in fates(loop, done.plan_id).values()} == {"quarantined"}
    assert len(loop.sales.requests) == sent
    mended = document(1)
    mended["owners"] = [header(1, after={"name": "Thing 1", "site": "1"})]
    loop.sales.refuse = lambda body: None
    assert loop.run(**mended).written == 3


def test_what_is_quarantined_is_named_and_tried_again_after_a_day(loop: Loop) -> None:
    """Mended in the target, where none of the values show it."""
    loop.sales.refuse = refuse("Thing 12")
    for _ in range(3):
        loop.run(**document(1))
    done = loop.run(**both(document(1), document(2)))
    [named] = done.quarantined
    assert named.endswith(f"N-12: Quarantined after it failed 3 times the same way: {BAD}")
    loop.sales.refuse = lambda body: None
    assert loop.run(**document(1)).written == 0
    loop.clock.advance(24 * 3600)
    done = loop.run(**document(1))
    assert (done.status, done.written, done.quarantined) == ("ok", 3, ())


def test_a_refusal_names_the_remedy_that_is_declared_for_it(world: World, clock: FakeClock) -> None:
    loop = Loop(world, clock)
    loop.graph = as_documents(world, advice={"dimension (Site|Warehouse)": "Give the line a site."})
    loop.sales.refuse = refuse("Thing 12")
    found = fates(loop, loop.run(**document(1)).plan_id)
    assert found["N-12"] == ("rejected", f"{BAD} Give the line a site.")
    assert found["O-1"][1] == f"Its unit was refused: N-12: {BAD} Give the line a site."
    loop.ledger.close()


def test_advice_on_words_that_do_not_compile_is_refused(world: World) -> None:
    with pytest.raises(ManifestError, match=r"changes_sales__things.*'\(Site'.*regular expression"):
        as_documents(world, advice={"(Site": "Give the line a site."})


def test_a_retry_takes_the_unit_whole(loop: Loop) -> None:
    loop.sales.refuse = refuse("Thing 12")
    loop.run(**both(document(1), document(2)))
    loop.sales.refuse = lambda body: None
    plan = loop.retry()
    assert loop.keys(plan) == ["O-1", "N-11", "N-12"]
    assert loop.apply(plan).written == 3
    assert loop.retry().changes == 0


def test_a_line_of_a_document_that_is_there_goes_alone(loop: Loop) -> None:
    loop.run(**document(1))
    added = both({"owners": [], "things": [line(13, 1)]}, document(2, 1))
    done = loop.run(**added)
    assert done.written == 3
    units = {row.record_key: row.unit for row in plan_changes(loop.ledger, done.plan_id)}
    document_2 = "changes_sales__owners/O-2"
    assert units == {"O-2": document_2, "N-21": document_2, "N-13": None}


def test_a_limit_does_not_cut_a_unit(loop: Loop) -> None:
    loop.world.build(**both(document(1), document(2)))
    for limit, rows in ((1, 3), (3, 3), (4, 6)):
        plan = make_plan(loop.world.warehouse, loop.graph, loop.ledger, limit=limit)
        assert plan.changes == rows


def test_a_value_that_does_not_fit_keeps_the_unit_back(loop: Loop) -> None:
    content = json.loads(loop.world.manifest_path.read_text())
    columns = content["nodes"]["model.p.target_sales__things"]["columns"]
    columns["count"] = {"name": "count", "data_type": "integer"}
    loop.world.manifest_path.write_text(json.dumps(content))
    loop.graph = read_targets(loop.world.manifest_path)
    rows = document(1)
    rows["things"][0] = line(11, 1, after={"count": "many"})
    found = fates(loop, loop.run(**rows).plan_id)
    assert {key: status for key, (status, _) in found.items()} == {
        "O-1": "blocked",
        "N-11": "rejected",
        "N-12": "blocked",
    }
    assert there(loop) == set()


def test_a_document_of_more_rows_than_a_request_takes_is_rejected(loop: Loop) -> None:
    """Sales takes 1,000 in one batch (protocols A8)."""
    done = loop.run(**both(document(1, 1_000), document(2, 1)))
    assert (done.status, done.written) == ("partial", 2)
    status, message = fates(loop, done.plan_id)["O-1"]
    assert status == "rejected"
    assert message == "It is sent whole, and one request takes 1,000 rows: it has 1,001."


def test_whole_needs_a_document_of_the_same_flow(world: World) -> None:
    with pytest.raises(ManifestError, match=r"changes_sales__things.*'ownerz'.*part_of"):
        as_documents(world, part_of="ownerz")


def test_chunks_and_limits_keep_units() -> None:
    rows = [change(1), change(2, unit="d/1"), change(3, unit="d/1"), change(4)]
    assert [len(chunk) for chunk in in_chunks(rows, 2)] == [1, 2, 1]
    assert [row.write_id for row in at_most(rows, 2, lambda row: row.unit)] == ["w-1", "w-2", "w-3"]
