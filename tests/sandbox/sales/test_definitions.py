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
    ("path", "status"), [("Settings", 501), ("Nothere", 404), ("Attributes/x", 404)]
)
def test_other_parts_are_not_offered_or_not_there(sales, path, status):
    assert refusal(sales.get(f"{ACCOUNT}/{path}"))[0] == status


def labels(sales, table: str, column: str, kind: str) -> dict[int, str]:
    """Value -> label of a column's options, as a client reads them."""
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')"
    found = sales.read(f"{path}/Microsoft.Dynamics.CRM.{kind}AttributeMetadata?$expand=OptionSet")
    options = found["OptionSet"]
    listed = options.get("Options") or [options["FalseOption"], options["TrueOption"]]
    return {one["Value"]: one["Label"]["UserLocalizedLabel"]["Label"] for one in listed}


def test_two_options_have_their_labels(sales):
    assert labels(sales, "account", "creditonhold", "Boolean") == {0: "No", 1: "Yes"}
    assert labels(sales, "account", "donotemail", "Boolean") == {0: "Allow", 1: "Do Not Allow"}
    row_id = sales.create("accounts", name="A", donotemail=True)
    header = 'odata.include-annotations="*"'
    row = sales.read(f"accounts({row_id})?$select=donotemail", Prefer=header)
    formatted = row["donotemail@OData.Community.Display.V1.FormattedValue"]
    assert formatted == "Do Not Allow"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            "AttributeType eq 'Money'",
            {"creditlimit", "creditlimit_base", "revenue", "revenue_base"},
        ),
        (
            "AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Owner'",
            {"ownerid"},
        ),
        ("IsPrimaryId eq true or IsPrimaryName eq true", {"accountid", "name"}),
        ("startswith(LogicalName,'fa') and AttributeType ne 'Memo'", {"fax"}),
        ("DisplayName/UserLocalizedLabel/Label eq 'sic'", {"sic"}),
        ("AttributeTypeName/Value eq 'BigIntType'", {"versionnumber"}),
        (
            "not (IsValidForUpdate eq true) and AttributeType eq 'DateTime'",
            {"createdon", "modifiedon"},
        ),
    ],
)
def test_columns_are_filtered(sales, wanted, expected):
    found = sales.read(f"{ACCOUNT}/Attributes?$select=LogicalName&$filter={wanted}")["value"]
    names = {column["LogicalName"] for column in found}
    assert names - {"overriddencreatedon"} == expected


def test_tables_say_what_clients_ask_first(sales):
    query = "$filter=IsPrivate eq false and SchemaName eq 'SalesOrder'&$expand=Keys"
    (order,) = sales.read(f"EntityDefinitions?{query}")["value"]
    assert (order["EntitySetName"], order["PrimaryIdAttribute"]) == ("salesorders", "salesorderid")
    assert order["DisplayName"]["UserLocalizedLabel"]["Label"] == "Order"
    assert order["IsActivity"] is False
    assert order["Keys"] == []
    every = sales.read("EntityDefinitions?$select=EntitySetName")["value"]
    model = sales.store.service.tables.values()
    assert {row["EntitySetName"] for row in every} == {t.set for t in model if not t.system}


def test_relationships_lead_both_ways(sales):
    """What one table calls many-to-one, the other calls one-to-many."""
    contact = "EntityDefinitions(LogicalName='contact')/ManyToOneRelationships"
    found = {row["SchemaName"]: row for row in sales.read(contact)["value"]}
    one = found["contact_customer_accounts"]
    assert (one["ReferencedEntity"], one["ReferencedAttribute"]) == ("account", "accountid")
    assert (one["ReferencingEntity"], one["ReferencingAttribute"]) == (
        "contact",
        "parentcustomerid",
    )
    assert one["ReferencingEntityNavigationPropertyName"] == "parentcustomerid_account"
    assert one["CascadeConfiguration"]["Delete"] == "Cascade"
    back = sales.read(f"{ACCOUNT}/OneToManyRelationships?$filter=ReferencingEntity eq 'contact'")
    assert one in back["value"]
    by_name = sales.read("RelationshipDefinitions(SchemaName='contact_customer_accounts')")
    assert by_name["MetadataId"] == one["MetadataId"]
    everything = sales.read("RelationshipDefinitions")["value"]
    assert len({row["MetadataId"] for row in everything}) == len(everything)


def test_relationships_are_the_navigation_properties_of_the_rows(sales):
    """Every lookup that a row can be expanded by is a relationship, and nothing else is."""
    cast = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata"
    found = sales.read(f"RelationshipDefinitions/{cast}")["value"]
    pairs = {(r["ReferencingEntity"], r["ReferencingEntityNavigationPropertyName"]) for r in found}
    tables = [table for table in sales.store.service.tables.values() if not table.system]
    assert pairs == {(table.entity, name) for table in tables for name in table.navigation}


@pytest.mark.parametrize(
    "query",
    [
        "{", "[]", "1", '{"Properties":1}', '{"Properties":{"PropertyNames":1}}',
        '{"Criteria":{"Conditions":[1]}}', '{"Criteria":{"FilterOperator":"Nor"}}',
        '{"AttributeQuery":1,"Properties":{"PropertyNames":["Attributes"]}}',
    ],
)  # fmt: skip
def test_a_wrong_query_for_definitions_is_refused(sales, query):
    answer = sales.get(f"RetrieveMetadataChanges(Query=@p1)?@p1={query}")
    status, _, message = refusal(answer)
    assert (status, message.startswith("The parameter 'Query' is")) == (400, True)


def test_a_query_for_definitions_has_conditions_of_its_own_for_columns(sales):
    """Either condition of the columns, and those of the table that is named."""
    equal = '{"PropertyName":"%s","ConditionOperator":"Equals","Value":{"Value":"%s"}}'
    columns = ",".join(equal % ("LogicalName", name) for name in ("name", "fax", "lastname"))
    query = (
        '{"Properties":{"PropertyNames":["EntitySetName","Attributes"]},'
        '"Criteria":{"Conditions":[' + equal % ("LogicalName", "account") + "]},"
        '"AttributeQuery":{"Properties":{"PropertyNames":["LogicalName","MaxLength"]},'
        '"Criteria":{"FilterOperator":"Or","Conditions":[' + columns + "]}}}"
    )
    found = sales.read(f"RetrieveMetadataChanges(Query=@p1)?@p1={query}")["EntityMetadata"]
    (account,) = found
    assert account["EntitySetName"] == "accounts"
    lengths = {column["LogicalName"]: column["MaxLength"] for column in account["Attributes"]}
    assert lengths == {"name": 160, "fax": 50}
