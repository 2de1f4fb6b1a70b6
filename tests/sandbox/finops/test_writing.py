"""Protocols B4, B5, B6 and part E: writing rows, and how the service refuses."""

import pytest

from .conftest import CUSTOMER, ROOT

KEY = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
GERMAN_KEY = "CustomersV2(dataAreaId='demf',CustomerAccount='C-2')"
NO_ROW = "No resources were found when selecting for update."


@pytest.fixture
def filled(api):
    assert api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1"}).status == 201
    german = {**CUSTOMER, "CustomerAccount": "C-2", "dataAreaId": "demf"}
    assert api.post("CustomersV2", german).status == 201
    return api


def refused(answer) -> str:
    """The reason of a refused write; checks the shape of B5 on the way."""
    error = answer.json["error"]
    assert answer.status == 400
    assert (error["code"], error["message"]) == ("", "An error has occurred.")
    inner = error["innererror"]
    assert inner["internalexception"]["message"] == inner["message"]
    assert inner["type"].startswith("Microsoft.Dynamics.Platform.Integration.Services.OData.")
    return inner["message"]


def test_b4_post_answers_201_with_the_full_row(api):
    answer = api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1"})
    assert answer.status == 201
    assert answer.headers["Location"] == f"{ROOT}/{KEY}"
    assert answer.json["@odata.context"] == f"{ROOT}/$metadata#CustomersV2/$entity"
    # 257 fields, the ETag and the context.
    assert len(answer.json) == 259


def test_b4_post_into_the_company_of_the_body_or_the_default_one(api):
    german = api.post("CustomersV2", {**CUSTOMER, "dataAreaId": "demf"}).json
    without = {name: value for name, value in CUSTOMER.items() if name != "dataAreaId"}
    assert german["dataAreaId"] == "demf"
    assert api.post("CustomersV2", without).json["dataAreaId"] == "usmf"
    reason = refused(api.post("CustomersV2", {**CUSTOMER, "dataAreaId": "none"}))
    assert "The value 'none' in field 'Company' is not found" in reason


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_b4_a_change_answers_204_without_body(filled, method):
    body = {**CUSTOMER, "SalesMemo": "new"} if method == "PUT" else {"SalesMemo": "new"}
    answer = filled.send(method, KEY, body)
    assert (answer.status, answer.body) == (204, b"")
    assert filled.get(KEY).json["SalesMemo"] == "new"


def test_b4_patch_keeps_and_put_empties_what_is_left_out(filled):
    filled.patch(KEY, {"SalesMemo": "memo", "CreditLimit": 5})
    assert filled.get(KEY).json["CreditLimit"] == 5
    filled.send("PUT", KEY, {**CUSTOMER, "SalesMemo": "memo"})
    row = filled.get(KEY).json
    assert (row["SalesMemo"], row["CreditLimit"]) == ("memo", 0)


def test_b4_delete_answers_204_and_the_row_is_gone(filled):
    assert filled.delete(KEY).status == 204
    assert filled.get(KEY).status == 404
    assert refused(filled.delete(KEY)) == NO_ROW


def test_b4_there_is_no_upsert(filled):
    missing = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-9')"
    assert refused(filled.patch(missing, {"SalesMemo": "new"})) == NO_ROW


def test_b4_a_row_of_another_company_needs_cross_company(filled):
    assert refused(filled.patch(GERMAN_KEY, {"SalesMemo": "new"})) == NO_ROW
    assert refused(filled.delete(GERMAN_KEY)) == NO_ROW
    assert filled.patch(f"{GERMAN_KEY}?cross-company=true", {"SalesMemo": "new"}).status == 204
    assert filled.delete(f"{GERMAN_KEY}?cross-company=true").status == 204


def test_b4_a_duplicate_is_refused(filled):
    reason = refused(filled.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "c-1"}))
    assert "Cannot create a record in" in reason
    assert reason.endswith("The record already exists.")


def test_b4_the_type_annotation_is_optional(api):
    body = {"@odata.type": "#Microsoft.Dynamics.DataEntities.CustomerV2", **CUSTOMER}
    assert api.post("CustomersV2", body).status == 201


def test_b4_a_change_without_if_match_is_accepted(filled):
    filled.patch(KEY, {"SalesMemo": "one"})
    assert filled.patch(KEY, {"SalesMemo": "two"}).status == 204


@pytest.mark.parametrize(("switch", "status"), [("refused", 412), ("ignored", 204)])
def test_e7_a_stale_etag(make_api, switch, status):
    api = make_api(stale_etag=switch)
    api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1"})
    old = api.get(KEY).json["@odata.etag"]
    assert api.patch(KEY, {"SalesMemo": "one"}, If_Match=old).status == 204
    assert api.patch(KEY, {"SalesMemo": "two"}, If_Match=old).status == status
    assert api.patch(KEY, {"SalesMemo": "three"}, If_Match="*").status == 204
    fresh = api.get(KEY).headers["ETag"]
    assert api.send("DELETE", KEY, If_Match=fresh).status == 204


def test_b4_actions_that_are_not_offered_say_so(api):
    path = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.GetEntitySequence"
    assert api.post(path, {"listOfDataEntities": "Customers V3"}).status == 501
    answer = api.post("CustomersV2/Microsoft.Dynamics.DataEntities.merge", {})
    assert answer.status == 501
    assert "does not offer the action 'merge'" in answer.json["error"]["message"]


def test_b5_mandatory_fields_are_named_in_the_infolog(api):
    reason = refused(api.post("CustomersV2", {"OrganizationName": "Adventure"}))
    assert reason == (
        "Write failed for table row of type 'CustCustomerV2Entity'. Infolog: "
        "Warning: Field 'Customer group' must be filled in.; "
        "Warning: Field 'Currency' must be filled in."
    )


@pytest.mark.parametrize(
    ("field", "value", "label", "related"),
    [
        ("CustomerGroupId", "77", "Customer group", "Customer groups"),
        ("SalesCurrencyCode", "XXX", "Currency", "Currencies"),
        ("SiteId", "9", "Site", "Sites"),
        ("WarehouseId", "99", "Warehouse", "Warehouses"),
        ("InvoiceAccount", "C-404", "Invoice account", "Customers"),
        ("AddressCountryRegionISOCode", "XX", "AddressCountryRegionISOCode", "Country/regions"),
        ("DeliveryAddressCountryRegionId", "XXX", "Country/region", "Country/regions"),
    ],
)
def test_b5_references_must_be_found(api, field, value, label, related):
    reason = refused(api.post("CustomersV2", {**CUSTOMER, field: value}))
    assert (
        f"The value '{value}' in field '{label}' is not found in the related table '{related}'."
        in reason
    )


def test_b5_a_refused_row_leaves_nothing_behind(api):
    api.post("CustomersV2", {**CUSTOMER, "CustomerGroupId": "77"})
    assert api.rows("CustomersV2") == []
    assert api.post("CustomersV2", CUSTOMER).json["CustomerAccount"] == "C000000001"


@pytest.mark.parametrize(
    "body",
    [
        {"Nothing": 1},
        {"CreditLimit": "ten"},
        {"CreditLimit": None},
        {"IsExternallyMaintained": "Maybe"},
        {"IsExternallyMaintained": True},
        {"OrganizationName": 7},
        {"OrganizationNumberOfEmployees": 1.5},
        {"AddressValidFrom": "yesterday"},
    ],
)
def test_b5_values_of_the_wrong_type_are_refused(api, body):
    answer = api.post("CustomersV2", {**CUSTOMER, **body})
    assert answer.status == 400
    assert answer.json["error"]["innererror"]["type"] == "Microsoft.OData.ODataException"
    assert next(iter(body)) in answer.reason or "not found" in answer.reason


@pytest.mark.parametrize(("switch", "kept"), [("clears", ""), ("ignored", "memo")])
def test_e9_null_for_a_text(make_api, switch, kept):
    api = make_api(null_value=switch)
    api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1", "SalesMemo": "memo"})
    assert api.patch(KEY, {"SalesMemo": None}).status == 204
    assert api.get(KEY).json["SalesMemo"] == kept


@pytest.mark.parametrize(("switch", "status"), [("refused", 400), ("clears", 204)])
def test_e9_null_for_a_number(make_api, switch, status):
    api = make_api(other_null=switch)
    api.post("CustomersV3", {**CUSTOMER, "CustomerAccount": "C1", "CreditLimit": 5})
    path = "CustomersV3(dataAreaId='usmf',CustomerAccount='C1')"
    assert api.patch(path, {"CreditLimit": None}).status == status
    assert api.get(path).json["CreditLimit"] == (5 if switch == "refused" else 0)


def test_text_that_is_too_long_is_cut_by_default(api):
    row = api.post("CustomersV2", {**CUSTOMER, "OrganizationName": "é" * 160}).json
    assert row["OrganizationName"] == "é" * 100


def test_text_that_is_too_long_is_refused_when_switched(make_api):
    api = make_api(long_text="refused")
    reason = refused(api.post("CustomersV2", {**CUSTOMER, "OrganizationName": "é" * 101}))
    assert reason == (
        "Field validation failed on table of type 'CustCustomerV2Entity' for the following "
        "fields: OrganizationName. Infolog: Warning: Field 'Name' takes 100 characters at most."
    )


def test_b6_a_number_left_out_comes_from_the_sequence(api):
    numbers = [api.post("CustomersV2", CUSTOMER).json["CustomerAccount"] for _ in range(2)]
    assert numbers == ["C000000001", "C000000002"]
    german = api.post("CustomersV2", {**CUSTOMER, "dataAreaId": "demf"}).json
    assert german["CustomerAccount"] == "C000000001"


def test_b6_a_chosen_number_is_refused_when_the_sequence_says_so(make_api):
    api = make_api(manual_numbers="refused")
    reason = refused(api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1"}))
    assert reason.endswith("Number sequence 'Cust_1' does not allow editing.")
    assert api.post("CustomersV2", CUSTOMER).status == 201


def test_the_key_cannot_be_changed(filled):
    assert filled.patch(KEY, {"CustomerAccount": "C-1", "dataAreaId": "USMF"}).status == 204
    reason = refused(filled.patch(KEY, {"CustomerAccount": "C-3"}))
    assert "Field 'Customer account' cannot be edited." in reason


def test_money_is_exact(filled):
    filled.patch(KEY, {"CreditLimit": 12345678901.23})
    assert b'"CreditLimit":12345678901.23,' in filled.get(KEY).body
