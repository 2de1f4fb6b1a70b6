"""New records of F&O as data packages, against the sandbox over real HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest
from p2c_sandbox.faults.model import Fault

from loaders.applying.delivery import Delivered, Delivery
from loaders.models import Change
from loaders.services.packages import PackageWriter
from tests.loaders.loader_systems import CUSTOMERS, Hurried, Systems, customer

PACKAGED = replace(CUSTOMERS, package="Customers V2")
IMPORT = "ImportFromPackage"
NOWHERE = {"CustomerGroupId": "nope"}  # no customer group


@pytest.fixture(scope="module")
def systems(sandboxes) -> Iterator[Systems]:
    both = Systems(sandboxes.start("base"), Hurried(), finops_write_by="package")
    with both.writers:
        yield both


@pytest.fixture(scope="module")
def impatient(sandboxes) -> Iterator[Systems]:
    waits = {"finops_package_seconds": 5, "finops_package_start": 5}
    running = sandboxes.start("base", switches={"finops.page_ceiling": 2})
    both = Systems(running, Hurried(), finops_write_by="package", **waits)
    with both.writers:
        yield both
        both.faults.set()


@pytest.fixture(autouse=True)
def nothing_is_lost(systems: Systems) -> Iterator[None]:
    systems.wire.lose = lambda request: None
    yield
    systems.faults.set()


def with_values(row: Change, **values: object) -> Change:
    return replace(row, after=json.dumps({**json.loads(row.after or "{}"), **values}))


def some(systems: Systems, count: int, **after: object) -> list[Change]:
    """New customers whose numbers no other test has."""
    systems.numbers += 1
    return [customer(f"P{systems.numbers}-{n:03}", **after) for n in range(count)]


def writer(systems: Systems, rows: int) -> PackageWriter:
    found = systems.writers.taking(PACKAGED, "create", rows, rows)
    assert isinstance(found, PackageWriter)
    return found


def write(systems: Systems, *rows: Change) -> Delivered:
    systems.wire.requests.clear()
    return Delivery(writer(systems, len(rows)), PACKAGED, 6, systems.stop).deliver(rows)


def statuses(delivered: Delivered, rows: list[Change]) -> list[str]:
    by_id = {outcome.write_id: outcome.status for outcome in delivered.outcomes}
    return [by_id[row.write_id] for row in rows]


def imports(systems: Systems) -> int:
    return sum(path.endswith(IMPORT) for path in systems.wire.requests)


def test_all_rows_of_a_package_arrive_as_they_were_sent(systems: Systems) -> None:
    text, money = "Ærø \"Fajance\", 漢字 😀\r\n; 'x'", Decimal("123456789012.123456")
    rows = some(systems, 12, OrganizationName=text)
    rows = [replace(r, after=f'{(r.after or "")[:-1]}, "CreditLimit": {money}}}') for r in rows]
    delivered = write(systems, *rows)
    assert statuses(delivered, rows) == ["acknowledged"] * 12
    assert imports(systems) == 1
    found = systems.read(CUSTOMERS, rows[7])
    assert (found["OrganizationName"], found["CreditLimit"]) == (text, money)
    [execution] = {outcome.request_id for outcome in delivered.outcomes}
    assert str(execution).endswith("-usmf")


def test_a_create_changes_nothing_that_is_there(systems: Systems) -> None:
    rows = some(systems, 6)
    there = [with_values(rows[2], AddressCity="Here"), rows[4]]
    assert systems.statuses(CUSTOMERS, *there) == ["acknowledged"] * 2
    rows[2] = with_values(rows[2], AddressCity="There")
    found = statuses(write(systems, *rows), rows)
    assert found == ["acknowledged"] * 2 + ["stale"] + ["acknowledged"] * 3
    assert systems.read(CUSTOMERS, rows[2])["AddressCity"] == "Here"


@pytest.mark.parametrize("values", [NOWHERE, {"OrganizationName": "x" * 200}])
def test_a_refused_row_has_the_services_words_and_costs_no_other(systems: Systems, values) -> None:
    """Refused by the target, and before that on its way into the staging table."""
    rows = some(systems, 8)
    rows[3] = with_values(rows[3], **values)
    delivered = write(systems, *rows)
    found = {outcome.write_id: outcome for outcome in delivered.outcomes}
    refused = found.pop(rows[3].write_id)
    assert {outcome.status for outcome in found.values()} == {"acknowledged"}
    assert refused.status == "rejected"
    assert next(iter(values.values())) in str(refused.error_message)
    assert imports(systems) == 1


def test_a_value_that_fits_no_column_never_leaves(systems: Systems) -> None:
    rows = some(systems, 3)
    rows[1] = with_values(rows[1], CreditLimit="much")
    found = statuses(write(systems, *rows), rows)
    assert found == ["acknowledged", "rejected", "acknowledged"]


def test_rows_of_each_company_are_a_package_of_their_own(systems: Systems) -> None:
    rows = some(systems, 6)
    for place in (1, 3):
        key = {**json.loads(rows[place].key_values), "dataAreaId": "none"}
        rows[place] = replace(rows[place], key_values=json.dumps(key))
    found = statuses(write(systems, *rows), rows)
    assert found == ["acknowledged", "rejected"] * 2 + ["acknowledged"] * 2
    assert imports(systems) == 2


@pytest.mark.parametrize("name", ["systems", "impatient"])
def test_what_is_there_is_found_among_many(name: str, request: pytest.FixtureRequest) -> None:
    """From one page of a company's keys, and where there are too many pages, by filters."""
    found_in: Systems = request.getfixturevalue(name)
    rows = some(found_in, 1_003)
    there = {rows[0].write_id, rows[500].write_id, rows[1_002].write_id}
    for row in rows:
        if row.write_id in there:
            assert found_in.statuses(CUSTOMERS, row) == ["acknowledged"]
    found_in.wire.requests.clear()
    found = writer(found_in, 1).lookups.keys(PACKAGED, rows)
    assert found.keys() == {row.write_id for row in rows}
    assert {write_id for write_id, record in found.items() if record} == there
    by_filters = any(path == "$batch" for path in found_in.wire.requests)
    assert by_filters == (name == "impatient")


ACTIONS = ["GetAzureWriteUrl", IMPORT, "GetExecutionSummaryStatus", "$batch"]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_lost_answer_begins_no_second_job(systems: Systems, action: str) -> None:
    rows, left = some(systems, 8), iter("x")

    def lose(request: httpx.Request) -> None:
        if request.url.path.endswith(action) and next(left, None):
            raise httpx.ReadTimeout("lost", request=request)

    systems.wire.lose = lose
    assert statuses(write(systems, *rows), rows) == ["acknowledged"] * 8
    assert (imports(systems), next(left, None)) == (1, None)


def test_a_run_that_is_stopped_leaves_a_running_job_to_the_next_one(systems: Systems) -> None:
    rows = some(systems, 4)

    def stop(request: httpx.Request) -> None:
        if request.url.path.endswith(IMPORT):
            systems.stop.set()

    systems.wire.lose = stop
    sent = writer(systems, 4)
    delivered = Delivery(sent, PACKAGED, 6, systems.stop).deliver(rows)
    systems.stop.clear()
    assert delivered.error is None
    assert set(statuses(delivered, rows)) <= {"unresolved", "acknowledged"}
    again = systems.writers.again(PACKAGED, str(sent.request_id), 0)
    answers = again.recall(PACKAGED, rows)
    recovered = Delivery(again, PACKAGED, 6, systems.stop).recover(rows, answers)
    assert statuses(recovered, rows) == ["acknowledged"] * 4


def test_a_package_that_is_cut_off_costs_no_row(systems: Systems) -> None:
    """Nothing of it is imported; its rows go out one by one, where each is answered."""
    rows = some(systems, 8)
    rows[5] = with_values(rows[5], **NOWHERE)
    systems.faults.set(Fault(kind="cut_upload", path="blobs", method="PUT"))
    found = statuses(write(systems, *rows), rows)
    assert found == ["acknowledged"] * 5 + ["rejected"] + ["acknowledged"] * 2
    assert systems.faults.struck() == [1]
    assert "ended as Failed (The package cannot be read" in systems.writers.notes[-1]


@pytest.mark.parametrize("kind", ["truncated", "drop_midbody", "html"])
def test_an_error_file_that_is_cut_off_names_nobody_wrongly(systems: Systems, kind: str) -> None:
    rows = some(systems, 12)
    rows[1::2] = [with_values(row, **NOWHERE) for row in rows[1::2]]
    systems.faults.set(
        Fault(kind=kind, path="blobs", method="GET", times=9),
        Fault(kind="html", path="GetExecutionErrors", times=9),
    )
    found = statuses(write(systems, *rows), rows)
    assert found == ["acknowledged", "rejected"] * 6
    assert systems.faults.struck()[0] > 0


def test_a_job_that_never_ends_leaves_its_rows_in_doubt_and_says_so(impatient: Systems) -> None:
    rows = some(impatient, 8)
    impatient.faults.set(Fault(kind="job_never_ends", path=IMPORT))
    sent = writer(impatient, 8)
    delivered = Delivery(sent, PACKAGED, 6, impatient.stop).deliver(rows)
    assert set(statuses(delivered, rows)) == {"unresolved"}
    assert "is still Executing after" in str(delivered.error)
    again = impatient.writers.again(PACKAGED, str(sent.request_id), 10.0)
    answers = again.recall(PACKAGED, rows)
    recovered = Delivery(again, PACKAGED, 6, impatient.stop).recover(rows, answers)
    assert statuses(recovered, rows) == ["acknowledged"] * 4 + ["unresolved"] * 4
    assert recovered.error is None
    behind = some(impatient, 4)  # goes out row by row
    assert statuses(write(impatient, *behind), behind) == ["acknowledged"] * 4
    assert imports(impatient) == 0
