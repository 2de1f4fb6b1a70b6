"""Microsoft's own Python client for Dataverse, unchanged, against the sandbox over https."""

import itertools
import urllib.parse
import warnings

import pytest
from azure.identity import ClientSecretCredential
from p2c_sandbox.faults.model import Fault

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from PowerPlatform.Dataverse.client import DataverseClient
    from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
    from PowerPlatform.Dataverse.models.filters import col
    from PowerPlatform.Dataverse.models.query_builder import ExpandOption
    from PowerPlatform.Dataverse.models.upsert import UpsertItem

ABSENT = "0f0f0f0f-0000-4000-8000-000000000000"
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def client(running):
    """Signs in with Microsoft's identity library; both trust the sandbox's authority."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_file))
        patch.setenv("NO_PROXY", "127.0.0.1")
        host = urllib.parse.urlsplit(running.sales.token_url).netloc
        credential = ClientSecretCredential(
            tenant_id="sandbox",
            client_id=running.client_id,
            client_secret=running.client_secret,
            authority=f"https://{host}",
            disable_instance_discovery=True,
        )
        with DataverseClient(running.sales.url, credential) as created:
            yield created


@pytest.fixture
def tag() -> str:
    """A word that only this test's rows hold."""
    return f"T{next(numbers):04d}"


def names(rows, column="name") -> list[str]:
    return [row[column] for row in rows]


def test_create_read_update_delete(client, tag):
    guid = client.records.create("account", {"name": tag, "telephone1": "1"})
    client.records.update("account", guid, {"telephone1": "2"})
    row = client.records.retrieve("account", guid, select=["name", "telephone1"])
    assert (row["name"], row["telephone1"]) == (tag, "2")
    client.records.delete("account", guid)
    assert client.records.retrieve("account", guid) is None


def test_pages_follow_the_next_link(client, tag):
    client.records.create("account", [{"name": f"{tag} {n}"} for n in range(7)])
    pages = list(
        client.records.list_pages(
            "account", filter=f"startswith(name,'{tag}')", select=["name"], page_size=3
        )
    )
    assert [len(list(page)) for page in pages] == [3, 3, 1]
    assert sorted(names(row for page in pages for row in page)) == [f"{tag} {n}" for n in range(7)]


def test_filter_order_top(client, tag):
    client.records.create(
        "account", [{"name": tag, "telephone1": str(n), "numberofemployees": n} for n in range(5)]
    )
    found = (
        client.query.builder("account")
        .select("numberofemployees")
        .where((col("name") == tag) & (col("numberofemployees") >= 1))
        .order_by("numberofemployees", descending=True)
        .top(3)
        .execute()
    )
    assert names(found, "numberofemployees") == [4, 3, 2]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (col("telephone1").in_(["1", "3"]), ["1", "3"]),
        (col("telephone1").not_in(["0", "1"]), ["2", "3", "4"]),
        (col("telephone1").like("%2"), ["2"]),
        (col("numberofemployees").between(1, 2), ["1", "2"]),
        (~(col("numberofemployees") > 0), ["0"]),
        (col("fax").is_null() & col("telephone1").is_not_null(), ["0", "1", "2", "3", "4"]),
    ],
)
def test_filters_of_the_query_builder(client, tag, condition, expected):
    rows = [{"name": tag, "telephone1": str(n), "numberofemployees": n} for n in range(5)]
    client.records.create("account", rows)
    query = client.query.builder("account").select("telephone1").where(col("name") == tag)
    found = query.where(condition).order_by("telephone1").execute()
    assert names(found, "telephone1") == expected


def test_count_comes_with_the_rows(client, tag):
    client.records.create("account", [{"name": tag}] * 3)
    found = client.query.builder("account").select("name").where(col("name") == tag).count()
    assert len(names(found.execute())) == 3


def test_expand_of_a_lookup_and_of_a_collection(client, tag):
    parent = client.records.create("account", {"name": f"{tag} parent"})
    bind = {"parentaccountid@odata.bind": f"/accounts({parent})"}
    client.records.create("account", {"name": f"{tag} child", **bind})
    person = {"lastname": tag, "parentcustomerid_account@odata.bind": f"/accounts({parent})"}
    client.records.create("contact", person)
    found = (
        client.query.builder("account")
        .select("name")
        .where(col("name").startswith(tag))
        .order_by("name")
        .expand(
            ExpandOption("parentaccountid").select("name"),
            ExpandOption("contact_customer_accounts").select("lastname"),
        )
        .execute()
    )
    child, top = list(found)
    assert child["parentaccountid"]["name"] == f"{tag} parent"
    assert (top["parentaccountid"], names(top["contact_customer_accounts"], "lastname")) == (
        None,
        [tag],
    )


def test_lookups_bind_read_and_clear(client, tag):
    parent = client.records.create("account", {"name": tag})
    bind = {"parentaccountid@odata.bind": f"/accounts({parent})"}
    child = client.records.create("account", {"name": tag, **bind})
    assert client.records.retrieve("account", child)["_parentaccountid_value"] == parent
    client.records.update("account", child, {"parentaccountid@odata.bind": None})
    assert client.records.retrieve("account", child)["_parentaccountid_value"] is None


def test_option_sets_are_written_by_label_and_read_with_it(client, tag):
    guid = client.records.create("account", {"name": tag, "paymenttermscode": "Net 45"})
    row = client.records.retrieve(
        "account", guid, select=["paymenttermscode"], include_annotations="*"
    )
    assert (row["paymenttermscode"], row[f"paymenttermscode{FORMATTED}"]) == (3, "Net 45")


def test_upsert_by_alternate_key(client, tag):
    for name in ("first", "second"):
        item = UpsertItem({"msdynce_contactnumber": tag}, {"lastname": name})
        client.records.upsert("contact", [item])
    assert names(found_contacts(client, tag), "lastname") == ["second"]


def test_bulk_upsert_by_alternate_key(client, tag):
    keys = [f"{tag}-{n}" for n in range(4)]
    for name, chosen in (("first", keys[:2]), ("second", keys)):
        items = [UpsertItem({"msdynce_contactnumber": key}, {"lastname": name}) for key in chosen]
        client.records.upsert("contact", items)
    assert names(found_contacts(client, tag), "lastname") == ["second"] * 4


def found_contacts(client, tag):
    wanted = f"startswith(msdynce_contactnumber,'{tag}')"
    return client.records.list("contact", filter=wanted, select=["lastname"])


def test_bulk_create_and_update(client, tag):
    ids = client.records.create("account", [{"name": tag, "telephone1": "0"}] * 50)
    client.records.update("account", ids, {"telephone1": "1"})
    client.records.update("account", ids[:2], [{"telephone1": "a"}, {"telephone1": "b"}])
    found = client.query.builder("account").select("telephone1").where(col("name") == tag)
    by_id = {row["accountid"]: row["telephone1"] for row in found.execute()}
    assert [by_id[guid] for guid in ids] == ["a", "b", *["1"] * 48]


def test_batch_with_a_change_set_that_refers_to_itself(client, tag):
    batch = client.batch.new()
    batch.records.create("account", {"name": f"{tag} alone"})
    with batch.changeset() as change:
        parent = change.records.create("account", {"name": f"{tag} parent"})
        bind = {"parentaccountid@odata.bind": parent}
        change.records.create("account", {"name": f"{tag} child", **bind})
    batch.records.list("account", select=["name"], filter=f"name eq '{tag} alone'")
    result = batch.execute()
    assert [item.status_code for item in result.responses] == [204, 204, 204, 200]
    assert names(result.responses[-1].data["value"]) == [f"{tag} alone"]
    _, parent_id, child_id = result.entity_ids
    assert client.records.retrieve("account", child_id)["_parentaccountid_value"] == parent_id


def test_a_failed_change_set_leaves_nothing(client, tag):
    batch = client.batch.new()
    with batch.changeset() as change:
        change.records.create("account", {"name": tag})
        change.records.update("account", ABSENT, {"name": 7})
    result = batch.execute()
    assert result.has_errors
    assert result.failed[0].error_code.startswith("0x")
    assert list(client.records.list("account", filter=f"name eq '{tag}'")) == []


def test_batch_goes_on_after_an_error_when_told(client, tag):
    batch = client.batch.new()
    batch.records.create("account", {"nothere": 1})
    batch.records.create("account", {"name": tag})
    result = batch.execute(continue_on_error=True)
    assert [item.status_code for item in result.responses] == [400, 204]


def test_errors_carry_the_code_of_the_service(client):
    with pytest.raises(HttpError) as caught:
        client.records.create("salesorder", {"name": "No customer"})
    assert caught.value.status_code == 400
    assert caught.value.details["service_error_code"].startswith("0x")
    assert caught.value.details["service_request_id"]


def test_unknown_tables_are_named(client):
    with pytest.raises(MetadataError, match="nothere"):
        client.records.create("nothere", {"name": "x"})


def test_throttling_is_transient_with_its_wait(client, faults):
    faults.set(Fault(kind="throttle", path="accounts", retry_after=3, times=None))
    with pytest.raises(HttpError) as caught:
        client.records.list("account", top=1)
    assert (caught.value.status_code, caught.value.is_transient) == (429, True)
    assert caught.value.details["retry_after"] == 3


def test_tables_and_their_columns(client):
    info = client.tables.get("account")
    assert (info["entity_set_name"], info["primary_id_attribute"]) == ("accounts", "accountid")
    columns = {c["LogicalName"]: c["AttributeType"] for c in client.tables.list_columns("account")}
    assert (columns["name"], columns["creditlimit"]) == ("String", "Money")


def test_tables_are_listed(client):
    """`tables.list()` asks for `IsPrivate eq false`."""
    found = {table["LogicalName"]: table["EntitySetName"] for table in client.tables.list()}
    assert (found["salesorder"], found["uom"]) == ("salesorders", "uoms")
    (order,) = client.tables.list(filter="SchemaName eq 'SalesOrder'", select=["LogicalName"])
    assert order["LogicalName"] == "salesorder"


def test_columns_are_filtered_by_their_type(client):
    kind = "AttributeType eq 'Boolean'"
    found = client.tables.list_columns("account", select=["LogicalName"], filter=kind)
    assert {"creditonhold", "donotemail"} <= {column["LogicalName"] for column in found}
    assert client.tables.get_column("account", "name")["AttributeType"] == "String"
    assert client.tables.get_column("account", "nothere") is None


def test_columns_with_their_own_members(client):
    """`typed=True` asks RetrieveMetadataChanges for the members of each type."""
    found = {c["LogicalName"]: c for c in client.tables.list_columns("account", typed=True)}
    assert (found["name"]["MaxLength"], found["name"]["Format"]) == (160, "Text")
    assert found["emailaddress1"]["FormatName"] == {"Value": "Email"}
    assert "MaxLength" not in found["creditlimit"]
    assert found["creditlimit"]["Precision"] == 4
    one = client.tables.get_column("account", "telephone1", typed=True, select=["MaxLength"])
    assert one["MaxLength"] == found["telephone1"]["MaxLength"]
    assert "Format" not in one
    with pytest.raises(MetadataError):
        client.tables.list_columns("nothere", typed=True)


def test_relationships_and_keys_of_a_table(client):
    found = {one["SchemaName"]: one for one in client.tables.list_table_relationships("contact")}
    assert found["contact_customer_accounts"]["ReferencedEntity"] == "account"
    assert found["account_primary_contact"]["ReferencingEntity"] == "account"
    one = client.tables.get_relationship("contact_customer_accounts")
    assert one is not None
    assert client.tables.get_relationship("nothere") is None
    (key,) = client.tables.get_alternate_keys("contact")
    assert (key.key_attributes, key.status) == (["msdynce_contactnumber"], "Active")


def test_what_is_not_offered_says_so(client):
    with pytest.raises(HttpError, match="not offered") as caught:
        client.query.sql("SELECT name FROM account")
    assert caught.value.status_code == 501
