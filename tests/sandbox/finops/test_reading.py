"""Protocols B2, B3 and B6: addressing, query options, pages, how nothing looks."""

import base64
import re

import pytest

from .conftest import CUSTOMER, ROOT

YES = "Microsoft.Dynamics.DataEntities.NoYes'Yes'"


def customer(number: int, company: str = "usmf", **more) -> dict:
    return {
        **CUSTOMER,
        "dataAreaId": company,
        "CustomerAccount": f"C-{number:05d}",
        "OrganizationName": f"Company {number}",
        **more,
    }


@pytest.fixture
def filled(api):
    for number in range(3):
        assert api.post("CustomersV2", customer(number)).status == 201
    assert api.post("CustomersV2", customer(3, "demf")).status == 201
    return api


def accounts(rows) -> list[str]:
    return [row["CustomerAccount"] for row in rows]


def test_b2_the_service_document_lists_the_sets(api):
    listed = api.get("").json
    names = {item["name"]: item["url"] for item in listed["value"]}
    assert names["CustomersV2"] == "CustomersV2"
    assert {"CDSSalesOrderHeaders", "SellableReleasedProducts"} <= set(names)
    assert listed["@odata.context"] == f"{ROOT}/$metadata"


def test_b2_names_are_case_sensitive(api):
    answer = api.get("customersv2")
    assert answer.status == 404
    assert answer.json == {
        "Message": f"No HTTP resource was found that matches the request URI '{ROOT}/customersv2'."
    }


def test_b2_a_row_is_addressed_by_all_key_fields(filled):
    row = filled.get("CustomersV2(dataAreaId='usmf',CustomerAccount='C-00001')").json
    assert (row["dataAreaId"], row["OrganizationName"]) == ("usmf", "Company 1")


def test_b2_a_quote_in_a_key_is_doubled_and_encoded(api):
    api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "O'N/1"})
    row = api.get("CustomersV2(dataAreaId='usmf',CustomerAccount='O%27%27N%2F1')").json
    assert row["CustomerAccount"] == "O'N/1"


def test_b2_a_missing_key_part_is_400(filled):
    answer = filled.get("CustomersV2(CustomerAccount='C-00001')")
    assert answer.status == 400
    assert answer.reason.startswith("More than one resource")


@pytest.mark.parametrize(
    "key", ["Account='C-00001',dataAreaId='usmf'", "'C-00001'", "dataAreaId=usmf,CustomerAccount=1"]
)
def test_b2_a_malformed_key_is_404_without_error_object(filled, key):
    answer = filled.get(f"CustomersV2({key})")
    assert answer.status == 404
    assert list(answer.json) == ["Message"]


def test_b2_the_company_is_lower_case_whatever_was_sent(api):
    api.post("CustomersV2", customer(1, "USMF"))
    assert api.rows("CustomersV2")[0]["dataAreaId"] == "usmf"
    assert api.get("CustomersV2(dataAreaId='USMF',CustomerAccount='C-00001')").status == 200


def test_b2_without_cross_company_only_the_default_company_is_seen(filled):
    assert accounts(filled.rows("CustomersV2")) == ["C-00000", "C-00001", "C-00002"]
    assert len(filled.rows("CustomersV2?cross-company=true")) == 4
    of_germany = "CustomersV2?cross-company=true&$filter=dataAreaId eq 'demf'"
    assert accounts(filled.rows(of_germany)) == ["C-00003"]
    assert filled.rows("CustomersV2?$filter=dataAreaId eq 'demf'") == []
    assert filled.get("CustomersV2(dataAreaId='demf',CustomerAccount='C-00003')").status == 404
    found = filled.get(
        "CustomersV2(dataAreaId='demf',CustomerAccount='C-00003')?cross-company=true"
    )
    assert found.status == 200


def test_b2_tables_without_company_are_seen_by_all(api):
    assert len(api.rows("Currencies")) == 3
    assert api.get("Currencies('EUR')").json["CurrencyCode"] == "EUR"


def test_b2_the_default_company_is_that_of_the_calling_user(make_api):
    api = make_api(default_company="demf")
    api.post("CustomersV2", customer(1, "usmf"))
    api.post("CustomersV2", {**customer(2), "dataAreaId": ""})
    assert accounts(api.rows("CustomersV2")) == ["C-00002"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CreditLimit eq 20", [2]),
        ("CreditLimit ne 20", [0, 1]),
        ("CreditLimit gt 10", [2]),
        ("CreditLimit ge 10.5", [2]),
        ("CreditLimit lt 10 or CreditLimit ge 20", [0, 2]),
        ("not (CreditLimit le 10) and OrganizationName eq 'company 2'", [2]),
        ("CreditLimit add 5 eq 15", [1]),
        ("CreditLimit mul 2 eq 40", [2]),
        ("OrganizationName eq '*pany 1'", [1]),
        ("OrganizationName eq 'Comp*'", [0, 1, 2]),
        ("OrganizationName eq '*any 2*'", [2]),
        ("OrganizationName eq '100%'", []),
        (f"IsExternallyMaintained eq {YES}", [1]),
        (f"IsExternallyMaintained ne {YES}", [0, 2]),
    ],
)
def test_b3_filters(api, text, found):
    for number in range(3):
        mark = "Yes" if number == 1 else "No"
        row = customer(number, CreditLimit=number * 10, IsExternallyMaintained=mark)
        api.post("CustomersV2", row)
    rows = api.rows(f"CustomersV2?$filter={text}")
    assert accounts(rows) == [f"C-{number:05d}" for number in found]


@pytest.mark.parametrize(
    "text",
    [
        "OrganizationName in ('a','b')",
        f"IsExternallyMaintained gt {YES}",
        "IsExternallyMaintained eq 'Yes'",
        "Nothing eq 'a'",
        "CreditLimit eq",
    ],
)
def test_b3_filters_that_are_refused(api, text):
    answer = api.get(f"CustomersV2?$filter={text}")
    assert answer.status == 400
    assert answer.json["error"]["innererror"]["type"] == "Microsoft.OData.ODataException"


def test_b3_select_orderby_skip_top_and_count(filled):
    answer = filled.get(
        "CustomersV2?$select=CustomerAccount,CreditLimit&$orderby=CustomerAccount desc"
        "&$skip=1&$top=1&$count=true"
    ).json
    assert answer["@odata.count"] == 3
    assert [sorted(row) for row in answer["value"]] == [
        ["@odata.etag", "CreditLimit", "CustomerAccount"]
    ]
    assert accounts(answer["value"]) == ["C-00001"]
    assert "@odata.nextLink" not in answer
    assert answer["@odata.context"].endswith("$metadata#CustomersV2(CustomerAccount,CreditLimit)")


def test_b3_count_as_text(filled):
    assert filled.get("CustomersV2/$count").body == b"3"
    assert filled.get("CustomersV2/$count?cross-company=true").body == b"4"


@pytest.mark.parametrize("query", ["$search=a", "$apply=x", "$top=-1", "$select=Nothing"])
def test_b3_options_that_are_refused(api, query):
    assert api.get(f"CustomersV2?{query}").status == 400


def test_b3_what_is_not_offered_says_so(api):
    answer = api.get("CustomersV2?$expand=CustomerGroup")
    assert answer.status == 501
    assert "does not offer $expand" in answer.json["error"]["message"]


def test_b3_pages_link_to_the_next_by_skip_and_keep_the_other_options(make_api):
    api = make_api(page_ceiling=2)
    for number in range(5):
        api.post("CustomersV2", customer(number))
    link = "CustomersV2?cross-company=true&$select=CustomerAccount&$filter=CreditLimit%20eq%200"
    pages, seen = [], []
    while link:
        page = api.get(link).json
        pages.append(link)
        seen += accounts(page["value"])
        link = page.get("@odata.nextLink")
    assert seen == [f"C-{number:05d}" for number in range(5)]
    kept = f"{ROOT}/CustomersV2?cross-company=true&$select=CustomerAccount"
    assert pages[1] == f"{kept}&$filter=CreditLimit%20eq%200&$skip=2"
    assert pages[2] == f"{kept}&$filter=CreditLimit%20eq%200&$skip=4"


def test_b3_the_next_link_takes_what_is_left_of_top(make_api):
    api = make_api(page_ceiling=2)
    for number in range(5):
        api.post("CustomersV2", customer(number))
    first = api.get("CustomersV2?$top=3").json
    assert first["@odata.nextLink"] == f"{ROOT}/CustomersV2?$skip=2&$top=1"
    second = api.get(first["@odata.nextLink"]).json
    assert accounts(second["value"]) == ["C-00002"]
    assert "@odata.nextLink" not in second


def test_b3_pages_are_offsets_that_shift_under_inserts(make_api):
    api = make_api(page_ceiling=2)
    for number in range(1, 5):
        api.post("CustomersV2", customer(number))
    first = api.get("CustomersV2").json
    api.post("CustomersV2", customer(0))
    second = api.get(first["@odata.nextLink"]).json
    assert accounts(first["value"]) == ["C-00001", "C-00002"]
    assert accounts(second["value"]) == ["C-00002", "C-00003"]


def test_b3_a_page_holds_10000_rows_at_most(api):
    rows = [{"UnitSymbol": f"u{number}"} for number in range(10_001)]
    empty = api.service.writings.empty["UnitsOfMeasure"]
    with api.store.transaction():
        api.store.insert("UnitsOfMeasure", [{**empty, **row} for row in rows])
    page = api.get("UnitsOfMeasure?$select=UnitSymbol").json
    assert len(page["value"]) == 10_000
    assert len(api.rows(page["@odata.nextLink"])) == 6


@pytest.mark.parametrize(("switch", "rows"), [("ignored", 3), ("honoured", 2)])
def test_e8_the_page_size_preference(make_api, switch, rows):
    api = make_api(page_size_preference=switch)
    for number in range(3):
        api.post("CustomersV2", customer(number))
    page = api.get("CustomersV2", Prefer="odata.maxpagesize=2").json
    assert len(page["value"]) == rows


def test_b3_an_etag_is_base64_of_version_and_record_id(filled):
    etags = [row["@odata.etag"] for row in filled.rows("CustomersV2")]
    assert len(set(etags)) == 3
    for etag in etags:
        match = re.fullmatch(r'W/"([A-Za-z0-9+/=]+)"', etag)
        assert match
        assert re.fullmatch(r"'\d+,\d+;'", base64.b64decode(match[1]).decode())


def test_b6_nothing_is_never_null(api):
    api.post("CustomersV3", {**CUSTOMER, "CustomerAccount": "C-1"})
    row = api.rows("CustomersV3")[0]
    assert None not in row.values()
    assert (row["AddressCity"], row["CreditLimit"]) == ("", 0)
    assert (row["OnHoldStatus"], row["PersonMaritalStatus"]) == ("No", "None")
    assert row["AddressValidFrom"] == "1900-01-01T00:00:00Z"
    assert row["CredManCustomerSince"] == "1900-01-01T12:00:00Z"


def test_b6_an_enum_without_a_zero_starts_with_its_first_member(api):
    api.post("SellableReleasedProducts", {"dataAreaId": "usmf", "ProductNumber": "P1"})
    assert api.rows("SellableReleasedProducts")[0]["ProductType"] == "Item"


def test_b6_dates_are_sent_at_noon(api):
    body = {**CUSTOMER, "CustomerAccount": "C-1", "CredManCustomerSince": "2026-01-31T23:30:00Z"}
    api.post("CustomersV3", body)
    assert api.rows("CustomersV3")[0]["CredManCustomerSince"] == "2026-01-31T12:00:00Z"


def test_b6_numbers_keep_their_decimals_and_no_zeros(api):
    for number, price in enumerate([10, 12.5, 0.0001, 1234.5678]):
        row = {"dataAreaId": "usmf", "ProductNumber": f"P{number}", "SalesPrice": price}
        api.post("SellableReleasedProducts", row)
    text = api.get("SellableReleasedProducts?$select=SalesPrice").body.decode()
    assert re.findall(r'"SalesPrice":([^}]*)', text) == ["10", "12.5", "0.0001", "1234.5678"]


def test_customers_v2_and_v3_are_the_same_rows(api):
    api.post("CustomersV2", {**customer(1), "WarehouseFulfillmentRate": 5})
    three = api.rows("CustomersV3")[0]
    assert three["OrganizationName"] == "Company 1"
    assert "WarehouseFulfillmentRate" not in three
    assert "AddressStreetNumber" not in api.rows("CustomersV2")[0]
    key = "(dataAreaId='usmf',CustomerAccount='C-00001')"
    assert api.patch(f"CustomersV3{key}", {"AddressStreetNumber": "7"}).status == 204
    assert api.get(f"CustomersV2{key}").json["WarehouseFulfillmentRate"] == 5
