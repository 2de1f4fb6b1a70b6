"""A target whose rows fail alike stops; the others go on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.loaders.loader_apply import Applied, owner
from tests.loaders.loader_rows import change, guid
from tests.loaders.loader_service import FakeService

PRIVILEGE = "Principal user (Id={id}) is missing prvCreateWidget privilege."


def refuse_things(applied: Applied, message: Callable[[str], str | None]) -> None:
    """Refuses creates of things by their name."""
    applied.sales.refuse = lambda body: message(str(body["name"])) if "widgetid" in body else None
    apply = applied.sales._apply

    def refused(
        method: str, key: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        reason = message(str(body.get("name"))) if method == "PATCH" else None
        if reason and "/widgets" in applied.sales.requests[-1].content.decode():
            return 403, {}, {"error": {"code": "0x80040220", "message": reason}}
        return apply(method, key, headers, body)

    applied.sales._apply = refused  # type: ignore[method-assign]


@pytest.mark.parametrize("bulk", [True, False])
def test_a_target_that_fails_alike_stops_and_its_rest_stays_planned(
    applied: Applied, bulk: bool
) -> None:
    """A missing privilege costs `stop_after` rows, not one request for each row."""
    applied.sales.bulk = bulk
    refuse_things(applied, lambda name: PRIVILEGE.format(id=guid(len(name))))
    things = [change(number) for number in range(1, 101)]
    applied.world.build(things=things, owners=[owner(1)], gadgets=[change(1, system="finops")])
    plan = applied.plan()
    report = applied.apply(plan, stop_after=10)
    things_counts = report.counts["things", "sales.widgets"]
    assert (things_counts.failed, things_counts.unsent) == (10, 90)
    assert report.counts["owners", "sales.owners"].written == 1
    assert report.counts["gadgets", "finops.Gadgets"].written == 1
    assert (report.status, report.error) == ("partial", None)
    [message] = report.stopped
    assert message.startswith("sales.widgets stopped: 10 rows in a row were refused")
    assert "missing prvCreateWidget" in message
    assert "0x80040220" in message
    assert "The other 90 rows stay planned" in message


def test_a_plan_with_a_target_that_stopped_goes_on_once_the_cause_is_mended(
    applied: Applied,
) -> None:
    """The rest is sent by applying the same plan again."""
    refuse_things(applied, lambda name: PRIVILEGE)
    applied.world.build(things=[change(number) for number in range(1, 31)])
    plan = applied.plan()
    applied.apply(plan, stop_after=10)
    assert applied.ledger.plan(plan.plan_id).status == "partial"
    refuse_things(applied, lambda name: None)
    applied.sales.refuse = lambda body: None
    applied.sales._apply = FakeService._apply.__get__(applied.sales)  # type: ignore[method-assign]
    report = applied.apply(plan, stop_after=10)
    assert report.counts["things", "sales.widgets"].written == 20
    assert applied.ledger.plan(plan.plan_id).status == "applied"


def test_records_that_may_not_be_read_stop_their_target_too(applied: Applied) -> None:
    """The look before an update is refused with the same words for each of them."""
    rows = [change(number, "update", "finops") for number in range(1, 31)]
    refused = (403, {}, {"error": {"message": "User is not authorized to read view Gadgets."}})
    applied.finops._get = lambda key: refused  # type: ignore[method-assign]
    applied.world.build(gadgets=rows)
    report = applied.apply(applied.plan(), stop_after=8)
    counts = report.counts["gadgets", "finops.Gadgets"]
    assert (counts.failed, counts.unsent) == (8, 22)
    assert "not authorized to read view" in report.stopped[0]


@pytest.mark.parametrize("size", [3, 500])
def test_rows_that_fail_for_different_reasons_stop_nobody(applied: Applied, size: int) -> None:
    """One bad record costs one record; a success in between starts the count again."""
    refuse_things(
        applied, lambda name: None if name.endswith("7") else f"{name} has no parent of its own."
    )
    applied.world.build(things=[change(number) for number in range(1, 41)])
    report = applied.apply(applied.plan(), stop_after=5, sales_rows_per_request=size)
    counts = report.counts["things", "sales.widgets"]
    assert (counts.failed, counts.written, counts.unsent) == (36, 4, 0)
    assert report.stopped == ()


def test_what_refers_to_a_record_of_a_stopped_target_waits_with_it(applied: Applied) -> None:
    """Its children stay planned, not blocked: the same plan can write them later."""
    applied.sales.bulk = False
    apply = applied.sales._apply

    def no_owners(method: str, key: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        if b"/owners(" in applied.sales.requests[-1].content:
            return 403, {}, {"error": {"code": "0x80040220", "message": "missing prvCreateOwner"}}
        return apply(method, key, headers, body)

    applied.sales._apply = no_owners  # type: ignore[method-assign]
    owners = [owner(number) for number in range(1, 9)]
    children = [change(1, parents='["sales.owners/O-8"]'), change(2), change(3, parents="[]")]
    applied.world.build(owners=owners, things=children)
    plan = applied.plan()
    report = applied.apply(plan, stop_after=4)
    statuses = applied.statuses(plan)
    assert [statuses[f"owners O-{n}"] for n in (1, 4, 5, 8)] == ["rejected"] * 2 + ["planned"] * 2
    assert statuses["things N-1"] == "planned"
    assert statuses["things N-2"] == statuses["things N-3"] == "acknowledged"
    assert report.status == "partial"
