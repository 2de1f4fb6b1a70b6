"""Business rules of customers and contacts (field-mapping 1.6, 2, 3.1 and 9)."""

import pytest

from .conftest import CUSTOMER

CONTACT = {
    "dataAreaId": "usmf",
    "ContactPersonPartyNumber": "CON-1",
    "AssociatedPartyNumber": "ACC-1",
    "LastName": "Smith",
}


@pytest.mark.parametrize("prefix", ["Address", "DeliveryAddress", "InvoiceAddress"])
def test_the_iso_code_gives_the_country_id_and_the_other_way_round(api, prefix):
    code, country = f"{prefix}CountryRegionISOCode", f"{prefix}CountryRegionId"
    first = api.post("CustomersV2", {**CUSTOMER, code: "de"}).json
    second = api.post("CustomersV2", {**CUSTOMER, country: "FRA"}).json
    both = api.post("CustomersV2", {**CUSTOMER, country: "FRA", code: "DE"}).json
    assert (first[code], first[country]) == ("DE", "DEU")
    assert (second[code], second[country]) == ("FR", "FRA")
    assert (both[code], both[country]) == ("FR", "FRA")


def test_a_country_changes_and_clears_in_both_forms(api):
    account = api.post("CustomersV2", {**CUSTOMER, "AddressCountryRegionId": "USA"}).json[
        "CustomerAccount"
    ]
    key = f"CustomersV2(dataAreaId='usmf',CustomerAccount='{account}')"
    api.patch(key, {"AddressCountryRegionISOCode": "AT"})
    assert api.get(key).json["AddressCountryRegionId"] == "AUT"
    api.patch(key, {"AddressCountryRegionISOCode": ""})
    assert api.get(key).json["AddressCountryRegionId"] == ""


@pytest.mark.parametrize("prefix", ["Address", "DeliveryAddress"])
def test_a_described_address_needs_a_country(api, prefix):
    described = {**CUSTOMER, f"{prefix}Description": "Head office"}
    answer = api.post("CustomersV2", described)
    assert answer.status == 400
    assert "Field 'Country/region' must be filled in." in answer.reason
    assert api.post("CustomersV2", {**described, f"{prefix}CountryRegionId": "USA"}).status == 201


def test_a_customer_is_an_organization_unless_told_otherwise(api):
    row = api.post("CustomersV2", CUSTOMER).json
    assert (row["PartyType"], row["LanguageId"], row["PartyNumber"]) == (
        "Organization",
        "en-us",
        "000000001",
    )


def test_an_organization_needs_its_name(api):
    answer = api.post("CustomersV2", {**CUSTOMER, "OrganizationName": ""})
    assert "Field 'Name' must be filled in." in answer.reason


def test_a_person_needs_one_of_three_names_and_no_organization_name(api):
    person = {**CUSTOMER, "PartyType": "Person"}
    assert "must be filled in." in api.post("CustomersV2", person).reason
    row = api.post("CustomersV2", {**person, "PersonFirstName": "Ann"}).json
    assert (row["PersonFirstName"], row["OrganizationName"]) == ("Ann", "")


def test_the_party_type_is_one_of_two_and_stays(api):
    assert "PartyType" in api.post("CustomersV2", {**CUSTOMER, "PartyType": "Team"}).reason
    api.post("CustomersV2", {**CUSTOMER, "CustomerAccount": "C-1"})
    key = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
    change = {"PartyType": "Person", "PersonLastName": "Smith"}
    assert "cannot be edited" in api.patch(key, change).reason


def test_a_contact_belongs_to_a_customer_of_its_company(api):
    assert "in field 'Contact for' is not found" in api.post("CDSContactPersons", CONTACT).reason
    api.post("CustomersV2", {**CUSTOMER, "PartyNumber": "ACC-1"})
    row = api.post("CDSContactPersons", {**CONTACT, "PrimaryAddressCountryRegionISOCode": "SE"})
    assert row.status == 201
    assert row.json["PrimaryAddressCountryRegionId"] == "SWE"
    assert row.json["ContactPersonPartyType"] == "Person"
    german = api.post("CDSContactPersons", {**CONTACT, "dataAreaId": "demf"})
    assert german.status == 400


def test_a_contact_needs_a_name(api):
    api.post("CustomersV2", {**CUSTOMER, "PartyNumber": "ACC-1"})
    answer = api.post("CDSContactPersons", {**CONTACT, "LastName": ""})
    assert "Field 'Last name' must be filled in." in answer.reason
