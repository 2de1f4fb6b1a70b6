"""Columns, option sets and keys of tables, as clients ask for them."""

import pytest

from tests.sandbox.sales.conftest import refusal

ACCOUNT = "EntityDefinitions(LogicalName='account')"
PICKLISTS = "Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"


def test_columns_have_their_type_and_what_belongs_to_it(sales):
    found = sales.read(f"{ACCOUNT}/Attributes")["value"]
    columns = {column["LogicalName"]: column for column in found}
    assert columns["name"]["@odata.type"] == "#Microsoft.Dynamics.CRM.StringAttributeMetadata"
    assert columns["name"]["MaxLength"] == 160
    assert columns["creditlimit"]["AttributeType"] == "Money"
    assert columns["parentaccountid"]["Targets"] == ["account"]
    assert columns["accountid"]["IsPrimaryId"] is True
    assert "OptionSet" not in columns["paymenttermscode"]


def test_one_column_by_name_and_by_guid(sales):
    by_name = sales.read(f"{ACCOUNT}/Attributes(LogicalName='name')?$select=LogicalName")
    by_guid = sales.read(f"{ACCOUNT}/Attributes({by_name['MetadataId']})?$select=LogicalName")
    assert by_name == by_guid
    assert by_name["LogicalName"] == "name"
    assert "MaxLength" not in by_name
    assert sales.get(f"{ACCOUNT}/Attributes(LogicalName='nothere')").status_code == 404


def test_option_sets_come_with_the_cast_and_the_expansion(sales):
    query = "$select=LogicalName&$expand=OptionSet($select=Options)"
    found = sales.read(f"{ACCOUNT}/{PICKLISTS}?{query}")["value"]
    terms = next(c["OptionSet"] for c in found if c["LogicalName"] == "paymenttermscode")
    labels = {o["Value"]: o["Label"]["UserLocalizedLabel"]["Label"] for o in terms["Options"]}
    assert labels[3] == "Net 45"
    assert "Name" not in terms
    states = sales.read(
        "EntityDefinitions(LogicalName='salesorder')/Attributes(LogicalName='statuscode')"
        "/Microsoft.Dynamics.CRM.StatusAttributeMetadata?$expand=OptionSet"
    )
    assert {o["Value"]: o["State"] for o in states["OptionSet"]["Options"]}[100003] == 4


def test_columns_are_filtered_by_equality(sales):
    wanted = "LogicalName eq 'name' or LogicalName eq 'fax'"
    found = sales.read(f"{ACCOUNT}/Attributes?$select=LogicalName&$filter={wanted}")["value"]
    assert {column["LogicalName"] for column in found} == {"name", "fax"}
    status, _, message = refusal(sales.get(f"{ACCOUNT}/Attributes?$filter=MaxLength gt 3"))
    assert (status, "MaxLength" in message) == (501, True)


def test_a5_keys_and_the_state_of_their_index(sales):
    (key,) = sales.read("EntityDefinitions(LogicalName='contact')/Keys")["value"]
    assert key["KeyAttributes"] == ["msdynce_contactnumber"]
    assert key["EntityKeyIndexStatus"] == "Active"
    assert sales.read(f"{ACCOUNT}/Keys")["value"] == []


@pytest.mark.parametrize(
    ("path", "status"), [("OneToManyRelationships", 501), ("Nothere", 404), ("Attributes/x", 404)]
)
def test_other_parts_are_not_offered_or_not_there(sales, path, status):
    assert refusal(sales.get(f"{ACCOUNT}/{path}"))[0] == status
