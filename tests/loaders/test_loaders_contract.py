"""The writers against the sandbox's services: what any loader must get right, over real HTTP."""

from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest

from loaders.exact_json import loads
from tests.loaders.loader_rows import change, guid, target
from tests.loaders.loader_systems import ACCOUNTS, CUSTOMERS, Systems, account, customer


@pytest.fixture(scope="module")
def systems(sandboxes) -> Iterator[Systems]:
    both = Systems(sandboxes.start("base"))
    with both.writers:
        yield both


@pytest.fixture(autouse=True)
def nothing_is_lost(systems: Systems) -> None:
    systems.wire.lose = lambda request: None


TEXTS = [
    "Ærøskøbing Fajancehandel",
    'O\'Neil & "Sons" <b>',
    "100% /\\ * ? : + #",
    "漢字 😀",
    "two\r\nlines\r\n--batch_1\r\n",
    '{"json": [1, 2]}',
    "%41%20&amp;",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_arrives_in_both_systems(systems: Systems, text: str) -> None:
    number = 100 + TEXTS.index(text)
    in_sales = account(number, name=text, description=text)
    assert systems.statuses(ACCOUNTS, in_sales) == ["acknowledged"]
    assert systems.read(ACCOUNTS, in_sales)["description"] == text
    in_finops = customer(f"T-{number}", OrganizationName=text)
    assert systems.statuses(CUSTOMERS, in_finops) == ["acknowledged"]
    assert systems.read(CUSTOMERS, in_finops)["OrganizationName"] == text


@pytest.mark.parametrize("key", ["A'B", "A B/C", "Ø-1", "100%", "a&b=c", "007"])
def test_any_key_of_finops_is_written_read_and_updated(systems: Systems, key: str) -> None:
    row = customer(key)
    assert systems.statuses(CUSTOMERS, row) == ["acknowledged"]
    etag = systems.etag(CUSTOMERS, row)
    assert systems.statuses(CUSTOMERS, customer(key, "update", AddressCity="Here", etag=etag)) == [
        "acknowledged"
    ]
    found = systems.read(CUSTOMERS, row)
    assert (found["CustomerAccount"], found["AddressCity"]) == (key, "Here")


def test_money_arrives_to_the_last_digit(systems: Systems) -> None:
    row = change(
        200,
        key_values={"accountid": guid(200)},
        after='{"name": "M", "creditlimit": 12345678901.07}',
    )
    assert systems.statuses(ACCOUNTS, row) == ["acknowledged"]
    assert systems.read(ACCOUNTS, row)["creditlimit"] == Decimal("12345678901.07")
    paid = change(
        201, "create", "finops", key_values={"dataAreaId": "usmf", "CustomerAccount": "M-1"},
        after='{"OrganizationName": "M", "CustomerGroupId": "10", "SalesCurrencyCode": "USD", '
        '"CreditLimit": 1234567890123.123456}',
    )  # fmt: skip
    assert systems.statuses(CUSTOMERS, paid) == ["acknowledged"]
    assert systems.read(CUSTOMERS, paid)["CreditLimit"] == Decimal("1234567890123.123456")


def test_a_lookup_is_set_and_cleared(systems: Systems) -> None:
    child = account(211, name="Child", parentaccountid=guid(210))
    for row in (account(210), child):
        assert systems.statuses(ACCOUNTS, row) == ["acknowledged"]
    assert systems.read(ACCOUNTS, child)["_parentaccountid_value"] == guid(210)
    etag = systems.etag(ACCOUNTS, child)
    cleared = account(211, "update", parentaccountid=None, etag=etag)
    assert systems.statuses(ACCOUNTS, cleared) == ["acknowledged"]
    assert systems.read(ACCOUNTS, cleared)["_parentaccountid_value"] is None


def test_cleared_values_read_back_empty_in_finops(systems: Systems) -> None:
    row = customer("CLR-1", AddressCity="Here", CreditLimit=5)
    systems.write(CUSTOMERS, row)
    etag = systems.etag(CUSTOMERS, row)
    emptied = customer("CLR-1", "update", AddressCity=None, CreditLimit=None, etag=etag)
    assert systems.statuses(CUSTOMERS, emptied) == ["acknowledged"]
    found = systems.read(CUSTOMERS, row)
    assert (found["AddressCity"], found["CreditLimit"]) == ("", 0)


def test_a_missing_required_value_is_rejected_in_the_services_words(systems: Systems) -> None:
    row = change(
        220, "create", "finops", key_values={"dataAreaId": "usmf", "CustomerAccount": "R-1"},
        after={"OrganizationName": "No group", "SalesCurrencyCode": "USD"},
    )  # fmt: skip
    [outcome] = systems.write(CUSTOMERS, row).outcomes
    assert outcome.status == "rejected"
    assert "Customer group" in (outcome.error_message or "")
    assert "Infolog" not in (outcome.error_message or "")


def test_a_reference_that_does_not_exist_is_rejected(systems: Systems) -> None:
    [in_finops] = systems.write(CUSTOMERS, customer("R-2", CustomerGroupId="nope")).outcomes
    assert in_finops.status == "rejected"
    assert "nope" in (in_finops.error_message or "")
    missing = account(221, name="Orphan", transactioncurrencyid=guid(999_999))
    [in_sales] = systems.write(ACCOUNTS, missing).outcomes
    assert (in_sales.status, in_sales.http_status) == ("rejected", 404)


def test_over_long_text_is_rejected_with_its_code(systems: Systems) -> None:
    [outcome] = systems.write(ACCOUNTS, account(222, name="x" * 161)).outcomes
    assert (outcome.status, outcome.error_code) == ("rejected", "0x80044331")
    assert outcome.request_id


def test_duplicates_leave_one_record(systems: Systems) -> None:
    first = customer("D-1", OrganizationName="One")
    second = change(
        231, "create", "finops", key_values=loads(first.key_values),
        after={**loads(first.after), "OrganizationName": "Two"},
    )  # fmt: skip
    assert systems.statuses(CUSTOMERS, first, second) == ["acknowledged", "stale"]
    assert systems.read(CUSTOMERS, first)["OrganizationName"] == "One"


def test_one_bad_row_in_a_bulk_of_a_thousand(systems: Systems) -> None:
    rows = [account(1000 + number, name=f"Bulk {number}") for number in range(1000)]
    rows[617] = account(1617, name="x" * 161)
    outcomes = {o.write_id: o for o in systems.write(ACCOUNTS, *rows).outcomes}
    bad = [o for o in outcomes.values() if o.status != "acknowledged"]
    assert [(o.write_id, o.status, o.error_code) for o in bad] == [
        ("w-1617", "rejected", "0x80044331")
    ]
    calls = [path for path in systems.wire.requests if path != "sdkmessagefilters"]
    assert calls == ["Microsoft.Dynamics.CRM.CreateMultiple", "$batch"]


def test_one_bad_row_in_a_batch_of_finops(systems: Systems) -> None:
    rows = [customer(f"B-{number}") for number in range(50)]
    rows[20] = customer("B-20", CustomerGroupId="nope")
    statuses = systems.statuses(CUSTOMERS, *rows)
    assert [place for place, status in enumerate(statuses) if status != "acknowledged"] == [20]
    assert systems.wire.requests == ["$batch"]


def test_a_table_without_bulk_messages_is_found_out(systems: Systems) -> None:
    uoms = target("sales", entity_set="uoms", key=("uomid",), columns={})
    rows = [change(n, key_values={"uomid": guid(n)}, after={"name": f"u{n}"}) for n in (1, 2)]
    systems.write(uoms, *rows)
    assert systems.wire.requests == ["sdkmessagefilters", "$batch"]


def test_an_update_of_a_moved_record_is_stale_in_both_systems(systems: Systems) -> None:
    row = account(240)
    systems.write(ACCOUNTS, row)
    etag = systems.etag(ACCOUNTS, row)
    assert systems.statuses(ACCOUNTS, account(240, "update", name="1", etag=etag)) == [
        "acknowledged"
    ]
    assert systems.statuses(ACCOUNTS, account(240, "update", name="2", etag=etag)) == ["stale"]
    assert systems.read(ACCOUNTS, row)["name"] == "1"
    sold = customer("S-1")
    systems.write(CUSTOMERS, sold)
    etag = systems.etag(CUSTOMERS, sold)
    first = customer("S-1", "update", AddressCity="1", etag=etag)
    assert systems.statuses(CUSTOMERS, first) == ["acknowledged"]
    second = customer("S-1", "update", AddressCity="2", etag=etag)
    assert systems.statuses(CUSTOMERS, second) == ["stale"]


def test_an_update_never_creates_in_either_system(systems: Systems) -> None:
    assert systems.statuses(ACCOUNTS, account(250, "update", name="ghost")) == ["stale"]
    assert systems.statuses(CUSTOMERS, customer("G-1", "update", AddressCity="ghost")) == ["stale"]
    assert systems.read(ACCOUNTS, account(250)) == {}
    assert systems.read(CUSTOMERS, customer("G-1")) == {}


def test_a_create_never_overwrites(systems: Systems) -> None:
    systems.write(ACCOUNTS, account(260, name="Theirs"))
    assert systems.statuses(ACCOUNTS, account(260, name="Ours")) == ["stale"]
    assert systems.statuses(ACCOUNTS, account(260, name="Theirs")) == ["acknowledged"]
    assert systems.read(ACCOUNTS, account(260))["name"] == "Theirs"


def test_a_record_of_another_company_is_found(systems: Systems) -> None:
    row = change(
        270, "create", "finops", key_values={"dataAreaId": "dat", "CustomerAccount": "X-1"},
        after={"OrganizationName": "X"},
    )  # fmt: skip
    assert systems.read(CUSTOMERS, row) == {}


def test_delete_removes_once(systems: Systems) -> None:
    row = account(280)
    systems.write(ACCOUNTS, row)
    gone = change(
        280, "delete", key_values={"accountid": guid(280)}, after=None,
        etag=systems.etag(ACCOUNTS, row),
    )  # fmt: skip
    assert systems.statuses(ACCOUNTS, gone) == ["acknowledged"]
    assert systems.statuses(ACCOUNTS, gone) == ["acknowledged"]
    assert systems.read(ACCOUNTS, row) == {}


def lose_once(systems: Systems) -> None:
    """The next answer never arrives; what the service did stays done."""
    armed = [True]

    def lose(request: httpx.Request) -> None:
        if armed:
            armed.pop()
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    systems.wire.lose = lose


def test_a_create_whose_answer_was_lost_is_there_once(systems: Systems) -> None:
    systems.write(ACCOUNTS, account(288), account(289))
    lose_once(systems)
    rows = [account(290), account(291)]
    assert systems.statuses(ACCOUNTS, *rows) == ["acknowledged"] * 2
    assert systems.wire.requests == ["Microsoft.Dynamics.CRM.CreateMultiple", "$batch"]
    lose_once(systems)
    sold = [customer("L-1", CreditLimit=12.5), customer("L-2")]
    assert systems.statuses(CUSTOMERS, *sold) == ["acknowledged"] * 2
    assert systems.wire.requests == ["$batch", "$batch"]


def test_an_update_whose_answer_was_lost_is_written_once(systems: Systems) -> None:
    row = account(295)
    systems.write(ACCOUNTS, row)
    row = account(295, "update", name="new", etag=systems.etag(ACCOUNTS, row))
    lose_once(systems)
    assert systems.statuses(ACCOUNTS, row) == ["acknowledged"]
    assert systems.wire.requests == ["$batch", "$batch"]
    assert systems.read(ACCOUNTS, row)["name"] == "new"
