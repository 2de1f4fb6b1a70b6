"""$metadata and table definitions (protocols A4, A5)."""

from xml.etree import ElementTree

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def document(sales, query=""):
    answer = sales.get(f"$metadata{query}")
    assert answer.headers["Content-Type"] == "application/xml"
    return ElementTree.fromstring(answer.text)


def entity(root, name):
    return next(e for e in root.iter(f"{EDM}EntityType") if e.get("Name") == name)


def test_metadata_lists_keys_types_and_lengths(sales):
    account = entity(document(sales), "account")
    assert account.find(f"{EDM}Key/{EDM}PropertyRef").get("Name") == "accountid"
    properties = {p.get("Name"): p for p in account.iter(f"{EDM}Property")}
    assert properties["name"].get("MaxLength") == "160"
    assert properties["creditlimit"].get("Type") == "Edm.Decimal"
    assert properties["_primarycontactid_value"].get("Type") == "Edm.Guid"


def test_metadata_lists_navigation_properties_of_both_kinds(sales):
    order = entity(document(sales), "salesorder")
    found = {n.get("Name"): n.get("Type") for n in order.iter(f"{EDM}NavigationProperty")}
    assert found["customerid_contact"] == "Microsoft.Dynamics.CRM.contact"
    assert found["order_details"] == "Collection(Microsoft.Dynamics.CRM.salesorderdetail)"


def test_a4_change_tracking_annotation_only_when_asked(sales):
    term = "Org.OData.Capabilities.V1.ChangeTracking"
    assert not [a for a in document(sales).iter(f"{EDM}Annotation") if a.get("Term") == term]
    root = document(sales, "?annotations=true")
    tracked = {
        s.get("Name")
        for s in root.iter(f"{EDM}EntitySet")
        if any(a.get("Term") == term for a in s.iter(f"{EDM}Annotation"))
    }
    assert "accounts" in tracked
    assert "msdynce_p2cautonumbers" not in tracked


def test_a5_alternate_keys_are_annotated(sales):
    contact = entity(document(sales), "contact")
    aliases = [v.get("String") for v in contact.iter(f"{EDM}PropertyValue") if v.get("String")]
    assert aliases == ["msdynce_contactnumber"]


def test_every_property_and_target_of_the_model_is_there(sales):
    root = document(sales)
    sets = {s.get("Name") for s in root.iter(f"{EDM}EntitySet")}
    assert sets == set(sales.store.service.tables)
    bindings = {b.get("Target") for b in root.iter(f"{EDM}NavigationPropertyBinding")}
    assert bindings <= sets


def test_definitions_by_logical_name(sales):
    row = sales.read("EntityDefinitions(LogicalName='account')?$select=EntitySetName")
    assert row["EntitySetName"] == "accounts"


def test_service_document_lists_the_sets(sales):
    names = {entry["name"] for entry in sales.read("")["value"]}
    assert {"accounts", "salesorderdetails", "productpricelevels"} <= names


def test_actions_and_functions_are_declared_and_imported(sales):
    """Each that is declared is answered, and each that is answered is declared."""
    root = document(sales)
    imported = {
        (kind, one.get("Name"))
        for kind in ("Action", "Function")
        for one in root.iter(f"{EDM}{kind}Import")
    }
    assert imported == {
        ("Function", "WhoAmI"),
        ("Function", "RetrieveVersion"),
        ("Function", "RetrieveTotalRecordCount"),
        ("Function", "RetrieveMetadataChanges"),
        ("Function", "RetrieveRolePrivilegesRole"),
        ("Action", "WinQuote"),
        ("Action", "CloseQuote"),
        ("Action", "ReviseQuote"),
        ("Action", "ConvertQuoteToSalesOrder"),
        ("Action", "CancelSalesOrder"),
    }
    for kind, name in imported:
        answer = sales.get(name) if kind == "Function" else sales.request("POST", name, {})
        assert answer.status_code in (200, 400), name
        assert "not offered" not in answer.text


def test_bulk_messages_are_bound_to_the_tables_that_have_them(sales):
    root = document(sales)
    bound = [one for one in root.iter(f"{EDM}Action") if one.get("IsBound") == "true"]
    found = {(one.get("Name"), one.find(f"{EDM}Parameter").get("Type")) for one in bound}
    kind = "Collection(Microsoft.Dynamics.CRM.{})"
    assert ("UpsertMultiple", kind.format("account")) in found
    assert ("CreateMultiple", kind.format("productpricelevel")) not in found


def test_every_type_that_is_named_exists(sales):
    root = document(sales)
    namespace = "Microsoft.Dynamics.CRM."
    declared = {
        namespace + one.get("Name")
        for kind in ("EntityType", "ComplexType", "EnumType")
        for one in root.iter(f"{EDM}{kind}")
    }
    named = {one.get("Type") for one in root.iter() if one.get("Type")}
    bare = {name.removeprefix("Collection(").removesuffix(")") for name in named}
    assert {name for name in bare if name.startswith(namespace)} <= declared
