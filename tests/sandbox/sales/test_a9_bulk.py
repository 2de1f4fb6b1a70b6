"""Protocols A9 and D7: CreateMultiple, UpdateMultiple, UpsertMultiple."""

import pytest
from p2c_sandbox.sales.base import list_messages
from p2c_sandbox.sales.settings import SalesSettings

from .conftest import ABSENT, refusal

TYPE = "Microsoft.Dynamics.CRM.account"


def bulk(sales, message, *targets, entity_set="accounts", entity="account"):
    typed = [{"@odata.type": f"Microsoft.Dynamics.CRM.{entity}"} | target for target in targets]
    path = f"{entity_set}/Microsoft.Dynamics.CRM.{message}"
    return sales.request("POST", path, {"Targets": typed})


def names(sales, entity_set="accounts"):
    return [row["name"] for row in sales.read(f"{entity_set}?$select=name")["value"]]


def test_a9_create_answers_ids_in_input_order(sales):
    answer = bulk(sales, "CreateMultiple", {"name": "a"}, {"name": "b"})
    assert answer.status_code == 200
    assert answer.json()["@odata.context"].endswith("CreateMultipleResponse")
    found = [sales.read(f"accounts({i})")["name"] for i in answer.json()["Ids"]]
    assert found == ["a", "b"]


def test_d7_create_is_atomic(sales):
    answer = bulk(sales, "CreateMultiple", {"name": "a"}, {"name": "x" * 161})
    assert refusal(answer)[:2] == (400, "0x80044331")
    assert names(sales) == []


def test_a9_update_by_primary_key(sales):
    first, second = sales.accounts(2)
    answer = bulk(
        sales,
        "UpdateMultiple",
        {"accountid": first, "name": "A"},
        {"accountid": second, "name": "B"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert names(sales) == ["A", "B"]


def test_d7_update_is_atomic(sales):
    first = sales.accounts(1)[0]
    answer = bulk(
        sales,
        "UpdateMultiple",
        {"accountid": first, "name": "A"},
        {"accountid": ABSENT, "name": "B"},
    )
    assert refusal(answer)[:2] == (404, "0x80040217")
    assert names(sales) == ["Account 0"]


def test_a9_update_applies_the_first_of_two_targets_silently(sales):
    first = sales.accounts(1)[0]
    targets = [{"accountid": first, "name": name} for name in ("One", "Two")]
    assert bulk(sales, "UpdateMultiple", *targets).status_code == 204
    assert names(sales) == ["One"]


def test_a9_update_takes_no_alternate_key(sales):
    target = {"msdynce_contactnumber": "C1", "lastname": "x"}
    answer = bulk(sales, "UpdateMultiple", target, entity_set="contacts", entity="contact")
    assert refusal(answer)[0] == 400


def test_a9_upsert_by_odata_id_and_by_key(sales):
    known = {"@odata.id": "contacts(msdynce_contactnumber='C1')", "lastname": "One"}
    new = {"contactid": ABSENT, "lastname": "Two"}
    for _ in range(2):
        answer = bulk(sales, "UpsertMultiple", known, new, entity_set="contacts", entity="contact")
        assert (answer.status_code, answer.content) == (204, b"")
    rows = sales.read("contacts?$select=lastname,msdynce_contactnumber")["value"]
    assert {row["lastname"] for row in rows} == {"One", "Two"}


def test_a9_upsert_fails_for_two_targets_with_one_key(sales):
    targets = [{"accountid": ABSENT, "name": name} for name in "ab"]
    assert refusal(bulk(sales, "UpsertMultiple", *targets))[0] == 412
    assert names(sales) == []


def test_a9_delete_multiple_is_for_elastic_tables(sales):
    status, _, message = refusal(bulk(sales, "DeleteMultiple", {"accountid": ABSENT}))
    assert (status, message) == (501, "DeleteMultiple has not yet been implemented.")


@pytest.mark.parametrize(
    ("entity_set", "entity"), [("uoms", "uom"), ("productpricelevels", "productpricelevel")]
)
def test_d7_tables_without_bulk_messages(sales, entity_set, entity):
    answer = bulk(sales, "CreateMultiple", {}, entity_set=entity_set, entity=entity)
    status, code, message = refusal(answer)
    assert (status, code) == (400, "0x80040800")
    assert f"does not support entities of type '{entity}'" in message


@pytest.mark.parametrize(("entity", "count"), [("account", 1), ("uom", 0)])
def test_a9_availability_is_read_from_sdkmessagefilters(sales, entity, count):
    path = (
        "sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq "
        f"'CreateMultiple' and primaryobjecttypecode eq '{entity}'"
    )
    assert len(sales.read(path)["value"]) == count


def test_a9_targets_need_their_type(sales):
    body = {"Targets": [{"name": "x"}]}
    answer = sales.request("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", body)
    assert refusal(answer)[0] == 400


def test_e5_a_table_without_bulk_messages_is_not_listed_with_them(sales):
    without = SalesSettings(tables_without_bulk="accounts,contacts")
    query = "sdkmessagefilters?$filter=sdkmessageid/name eq 'CreateMultiple' and "
    for settings, found in ((without, 0), (SalesSettings(), 1)):
        list_messages(sales.store, settings)
        rows = sales.read(f"{query}primaryobjecttypecode eq 'account'")["value"]
        assert len(rows) == found


def test_e5_switch_takes_bulk_messages_from_a_table(sales_with):
    sales = sales_with(tables_without_bulk=["accounts"])
    assert refusal(bulk(sales, "CreateMultiple", {"name": "x"}))[0] == 400
