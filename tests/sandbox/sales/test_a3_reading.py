"""Protocols A3 and D2: query options, pages, counts, annotations."""

from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import ABSENT, amount, refusal

PAGE_OF_4 = "odata.maxpagesize=4"


def walk(sales, path, prefer):
    """All rows of a paged read, and the number of pages."""
    rows, pages = [], 0
    while path:
        body = sales.read(path, Prefer=prefer)
        rows += body["value"]
        pages += 1
        path = body.get("@odata.nextLink")
    return rows, pages


def test_a3_pages_bring_every_row_once_in_key_order(sales):
    ids = sales.accounts(10)
    rows, pages = walk(sales, "accounts?$select=name", PAGE_OF_4)
    assert [row["accountid"] for row in rows] == sorted(ids)
    assert pages == 3


def test_a3_pages_follow_orderby_with_ties_and_nulls(sales):
    for city in ("B", None, "A", "B", None, "A"):
        sales.create("accounts", name="x", address1_city=city)
    path = "accounts?$select=address1_city&$orderby=address1_city desc"
    rows, _ = walk(sales, path, "odata.maxpagesize=1")
    assert [row["address1_city"] for row in rows] == ["B", "B", "A", "A", None, None]
    assert len({row["accountid"] for row in rows}) == 6


def test_a3_last_page_that_is_exactly_full_has_no_next_link(sales):
    sales.accounts(8)
    _, pages = walk(sales, "accounts?$select=name", PAGE_OF_4)
    assert pages == 2


def test_d2_page_size_is_capped_at_5000(sales):
    row = {"accountid": "", "name": "n", "statecode": 0, "statuscode": 1}
    with sales.store.transaction():
        ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(5001)]
        sales.store.insert("accounts", [row | {"accountid": i} for i in ids])
    body = sales.read("accounts?$select=name", Prefer="odata.maxpagesize=9000")
    assert len(body["value"]) == 5000
    assert len(sales.read(body["@odata.nextLink"])["value"]) == 1


def test_d2_skip_is_refused(sales):
    assert refusal(sales.get("accounts?$skip=5")) == (
        400,
        "0x80060888",
        "Skip Clause is not supported in CRM",
    )


def test_d2_top_is_ignored_with_maxpagesize(sales):
    sales.accounts(6)
    assert len(sales.read("accounts?$top=2")["value"]) == 2
    assert len(sales.read("accounts?$top=2", Prefer=PAGE_OF_4)["value"]) == 4


def test_a3_top_gives_no_next_link(sales):
    sales.accounts(3)
    assert "@odata.nextLink" not in sales.read("accounts?$top=2")


def test_a3_next_link_is_opaque_and_keeps_the_options(sales):
    sales.accounts(5)
    link = sales.read("accounts?$select=name", Prefer=PAGE_OF_4)["@odata.nextLink"]
    query = parse_qs(urlsplit(link).query)
    assert query["$select"] == ["name"]
    assert "pagenumber=" in query["$skiptoken"][0]


def test_a3_changed_skiptoken_is_refused(sales):
    assert sales.get("accounts?$skiptoken=nonsense").status_code == 400


def test_a3_select_brings_key_etag_and_the_currency_of_money(sales):
    sales.create("accounts", name="x", creditlimit=5)
    row = sales.read("accounts?$select=creditlimit")["value"][0]
    assert set(row) == {"@odata.etag", "creditlimit", "accountid", "_transactioncurrencyid_value"}
    assert row["@odata.etag"].startswith('W/"')


def test_a3_without_select_every_column_comes(sales):
    sales.create("accounts", name="x")
    row = sales.read("accounts")["value"][0]
    assert {"name", "creditlimit", "_parentaccountid_value", "createdon", "versionnumber"} <= set(
        row
    )


def test_a3_unknown_property_in_select_is_named(sales):
    status, code, message = refusal(sales.get("accounts?$select=nothere"))
    assert (status, code) == (400, "0x80060888")
    assert message == (
        "Could not find a property named 'nothere' on type 'Microsoft.Dynamics.CRM.account'."
    )


@pytest.mark.parametrize("option", ["$search=x", "$format=json", "$compute=1 as a"])
def test_a3_unsupported_options_are_refused(sales, option):
    assert refusal(sales.get(f"accounts?{option}"))[0] == 400


def test_a3_apply_is_not_offered_and_says_so(sales):
    status, _, message = refusal(sales.get("accounts?$apply=aggregate($count as n)"))
    assert status == 501
    assert "not offered" in message


def test_a3_count_option_and_count_path(sales):
    sales.accounts(6)
    assert sales.read("accounts?$count=true&$top=1")["@odata.count"] == 6
    answer = sales.get("accounts/$count?$filter=name eq 'Account 3'")
    assert (answer.text, answer.headers["Content-Type"]) == ("1", "text/plain")


def test_a3_annotations_bring_total_record_count(sales):
    sales.accounts(2)
    asked = {"Prefer": 'odata.include-annotations="*"'}
    body = sales.read("accounts?$count=true", **asked)
    assert body["@Microsoft.Dynamics.CRM.totalrecordcount"] == 2
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is False
    assert sales.read("accounts", **asked)["@Microsoft.Dynamics.CRM.totalrecordcount"] == -1


def test_a3_retrieve_total_record_count(sales):
    sales.accounts(3)
    path = "RetrieveTotalRecordCount(EntityNames=['account','contact'])"
    found = sales.read(path)["EntityRecordCountCollection"]
    assert dict(zip(found["Keys"], found["Values"], strict=True)) == {"account": 3, "contact": 0}


def test_a3_formatted_values_and_lookup_annotations(sales):
    contact = sales.create("contacts", firstname="Ann", lastname="Lee")
    sales.create(
        "accounts", name="x", customertypecode=3, primarycontactid__bind=f"/contacts({contact})"
    )
    path = "accounts?$select=customertypecode,donotemail,_primarycontactid_value"
    row = sales.read(path, Prefer='odata.include-annotations="*"')["value"][0]
    formatted = "OData.Community.Display.V1.FormattedValue"
    assert row[f"customertypecode@{formatted}"] == "Customer"
    assert row[f"donotemail@{formatted}"] == "Allow"
    lookup = "_primarycontactid_value@"
    assert row[f"{lookup}{formatted}"] == "Ann Lee"
    assert row[f"{lookup}Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"
    navigation = f"{lookup}Microsoft.Dynamics.CRM.associatednavigationproperty"
    assert row[navigation] == "primarycontactid"


def test_a3_only_the_named_annotations_come(sales):
    sales.create("accounts", name="x", creditlimit=5)
    prefer = 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'
    row = sales.read("accounts?$select=creditlimit", Prefer=prefer)["value"][0]
    assert row["creditlimit@OData.Community.Display.V1.FormattedValue"] == "$5.00"
    assert not [name for name in row if "lookuplogicalname" in name]


def test_a3_expand_of_a_lookup_and_of_a_collection(sales):
    account = sales.create("accounts", name="Parent")
    for name in ("B", "A"):
        sales.create(
            "contacts", lastname=name, parentcustomerid_account__bind=f"/accounts({account})"
        )
    path = (
        "accounts?$select=name&$expand=transactioncurrencyid($select=isocurrencycode),"
        "contact_customer_accounts($select=lastname;$orderby=lastname;$top=1)"
    )
    row = sales.read(path)["value"][0]
    assert row["transactioncurrencyid"] is None
    assert [child["lastname"] for child in row["contact_customer_accounts"]] == ["A"]


def test_a3_nested_expand(sales):
    account = sales.create("accounts", name="Parent", creditlimit=1)
    sales.create("contacts", lastname="A", parentcustomerid_account__bind=f"/accounts({account})")
    path = (
        "contacts?$select=lastname&$expand=parentcustomerid_account($select=name;"
        "$expand=transactioncurrencyid($select=isocurrencycode))"
    )
    parent = sales.read(path)["value"][0]["parentcustomerid_account"]
    assert parent["transactioncurrencyid"]["isocurrencycode"] == "USD"


def test_a3_nested_collection_expand_refuses_top(sales):
    path = (
        "accounts?$expand=contact_customer_accounts($top=1;"
        "$expand=contact_customer_contacts($select=lastname))"
    )
    assert refusal(sales.get(path))[:2] == (400, "0x80060888")


def test_a3_more_than_15_expands_are_refused(sales):
    expand = ",".join(["transactioncurrencyid"] * 16)
    assert refusal(sales.get(f"accounts?$expand={expand}"))[0] == 400


def test_a2_conditional_get_gives_304_but_not_with_annotations(sales):
    account = sales.create("accounts", name="x")
    etag = sales.get(f"accounts({account})").headers["ETag"]
    assert sales.get(f"accounts({account})", If_None_Match=etag).status_code == 304
    annotated = {"If_None_Match": etag, "Prefer": 'odata.include-annotations="*"'}
    assert sales.get(f"accounts({account})", **annotated).status_code == 200


def test_a2_missing_row_and_missing_table_give_404(sales):
    assert refusal(sales.get(f"accounts({ABSENT})")) == (
        404,
        "0x80040217",
        f"account With Id = {ABSENT} Does Not Exist",
    )
    assert refusal(sales.get("nothere"))[0] == 404


def test_a3_context_names_set_and_columns(sales):
    sales.create("accounts", name="x")
    context = sales.read("accounts?$select=name")["@odata.context"]
    assert context.endswith("/$metadata#accounts(name)")


def test_a3_single_column_raw_value_and_related_rows(sales):
    account = sales.create("accounts", name="Parent", creditlimit=amount("1.5"))
    sales.create("contacts", lastname="A", parentcustomerid_account__bind=f"/accounts({account})")
    assert sales.read(f"accounts({account})/name")["value"] == "Parent"
    assert sales.get(f"accounts({account})/name/$value").text == "Parent"
    assert sales.get(f"accounts({account})/description").status_code == 204
    related = sales.read(f"accounts({account})/contact_customer_accounts?$select=lastname")
    assert [row["lastname"] for row in related["value"]] == ["A"]
    assert sales.get(f"accounts({account})/contact_customer_accounts/$count").text == "1"
    currency = sales.read(f"accounts({account})/transactioncurrencyid")
    assert currency["isocurrencycode"] == "USD"


def test_a3_longest_url_of_a_get(sales):
    tail = "accounts?$select=name&$filter=name eq 'x'" + " or name eq 'x'" * 2300
    assert refusal(sales.get(tail))[0] == 414


def test_a2_several_prefer_headers_count_as_one(sales):
    sales.accounts(3)
    headers = [
        ("Authorization", f"Bearer {sales.token}"),
        ("Prefer", "odata.maxpagesize=2"),
        ("Prefer", 'odata.include-annotations="*"'),
    ]
    body = sales.raw("GET", "/api/data/v9.2/accounts", headers=headers).json()
    assert len(body["value"]) == 2
    assert "@Microsoft.Dynamics.CRM.totalrecordcount" in body


def test_a3_count_stops_at_5000(sales):
    row = {"name": "n", "statecode": 0, "statuscode": 1}
    with sales.store.transaction():
        ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(5002)]
        sales.store.insert("accounts", [row | {"accountid": i} for i in ids])
    prefer = 'odata.maxpagesize=1,odata.include-annotations="Microsoft.Dynamics.CRM.*"'
    body = sales.read("accounts?$select=name&$count=true", Prefer=prefer)
    assert body["@odata.count"] == 5000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
    assert sales.get("accounts/$count").text == "5000"
    counted = sales.read("RetrieveTotalRecordCount(EntityNames=['account'])")
    assert counted["EntityRecordCountCollection"]["Values"] == [5002]


@pytest.mark.parametrize("option", ["fetchXml=%3Cfetch/%3E", "sql=SELECT", "savedQuery=1"])
def test_a3_other_query_languages_are_not_offered_and_say_so(sales, option):
    status, _, message = refusal(sales.get(f"accounts?{option}"))
    assert status == 501
    assert option.partition("=")[0] in message
