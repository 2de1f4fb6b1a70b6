"""Protocols A5, A6 and D5: alternate keys and lookups."""

import pytest

from .conftest import ABSENT, USD, refusal


def contact(sales, number="CON-1", **more):
    return sales.create("contacts", lastname="Lee", msdynce_contactnumber=number, **more)


def test_a5_row_by_alternate_key(sales):
    row_id = contact(sales)
    body = sales.read("contacts(msdynce_contactnumber='CON-1')?$select=lastname")
    assert body["contactid"] == row_id


def test_a5_primary_key_may_be_named(sales):
    row_id = contact(sales)
    assert sales.read(f"contacts(contactid={row_id})")["lastname"] == "Lee"


def test_a5_no_row_with_this_key(sales):
    assert refusal(sales.get("contacts(msdynce_contactnumber='none')"))[:2] == (404, "0x80060891")


def test_d5_column_that_is_no_key_is_refused(sales):
    status, _, message = refusal(sales.get("accounts(accountnumber='A1')"))
    assert status == 400
    assert message.startswith(
        "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.account'"
    )


@pytest.mark.parametrize("char", ["%2F", "%3C", "*", "%25", "%26", ":", "%3F", "%2B"])
def test_a5_unsafe_characters_break_the_key(sales, char):
    assert sales.get(f"contacts(msdynce_contactnumber='a{char}b')").status_code == 400


def test_a5_quotes_are_doubled(sales):
    row_id = contact(sales, "O'B")
    body = sales.read("contacts(msdynce_contactnumber='O''B')")
    assert body["contactid"] == row_id


def test_a11_alternate_key_is_unique(sales):
    contact(sales)
    answer = sales.request("POST", "contacts", {"lastname": "x", "msdynce_contactnumber": "con-1"})
    assert refusal(answer)[:2] == (412, "0x80060892")


def test_a6_bind_by_guid_and_by_alternate_key(sales):
    row_id = contact(sales)
    for reference in (
        f"/contacts({row_id})",
        "/contacts(msdynce_contactnumber='CON-1')",
        f"http://sales.test/api/data/v9.2/contacts({row_id})",
    ):
        account = sales.create("accounts", name="x", primarycontactid__bind=reference)
        row = sales.read(f"accounts({account})?$select=_primarycontactid_value")
        assert row["_primarycontactid_value"] == row_id


def test_a6_bind_to_a_missing_row(sales):
    body = {"name": "x", "primarycontactid@odata.bind": f"/contacts({ABSENT})"}
    assert refusal(sales.request("POST", "accounts", body))[:2] == (404, "0x80040217")


@pytest.mark.parametrize(
    "body", [{"primarycontactid@odata.bind": None}, {"primarycontactid": None}]
)
def test_a6_clear_with_null(sales, body):
    row_id = contact(sales)
    account = sales.create("accounts", name="x", primarycontactid__bind=f"/contacts({row_id})")
    assert sales.patch(f"accounts({account})", body).status_code == 204
    assert sales.read(f"accounts({account})")["_primarycontactid_value"] is None


def test_a6_clear_and_set_with_ref(sales):
    row_id = contact(sales)
    account = sales.create("accounts", name="x", primarycontactid__bind=f"/contacts({row_id})")
    path = f"accounts({account})/primarycontactid/$ref"
    assert sales.read(path)["@odata.id"].endswith(f"/contacts({row_id})")
    assert sales.request("DELETE", path).status_code == 204
    assert sales.read(f"accounts({account})")["_primarycontactid_value"] is None
    url = f"http://sales.test/api/data/v9.2/contacts({row_id})"
    assert sales.request("PUT", path, {"@odata.id": url}).status_code == 204
    assert sales.read(f"accounts({account})")["_primarycontactid_value"] == row_id


def test_a6_collection_ref_sets_the_lookup_of_the_other_row(sales):
    row_id, account = contact(sales), sales.create("accounts", name="x")
    path = f"accounts({account})/contact_customer_accounts/$ref"
    url = f"http://sales.test/api/data/v9.2/contacts({row_id})"
    assert sales.request("POST", path, {"@odata.id": url}).status_code == 204
    assert sales.read(f"contacts({row_id})")["_parentcustomerid_value"] == account
    path = f"accounts({account})/contact_customer_accounts({row_id})/$ref"
    assert sales.request("DELETE", path).status_code == 204
    assert sales.read(f"contacts({row_id})")["_parentcustomerid_value"] is None


def test_a6_navigation_property_names_are_case_sensitive(sales):
    body = {"name": "x", "PrimaryContactId@odata.bind": f"/contacts({ABSENT})"}
    status, code, message = refusal(sales.request("POST", "accounts", body))
    assert (status, code) == (400, "0x80060888")
    assert "'PrimaryContactId'" in message


def test_a6_customer_is_account_or_contact_and_one_clears_the_other(sales):
    account, person = sales.create("accounts", name="x"), contact(sales)
    child = contact(sales, "CON-2", parentcustomerid_account__bind=f"/accounts({account})")
    path = f"contacts({child})?$select=_parentcustomerid_value"
    annotated = {"Prefer": 'odata.include-annotations="*"'}
    name = "_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"
    assert sales.read(path, **annotated)[name] == "account"
    body = {"parentcustomerid_contact@odata.bind": f"/contacts({person})"}
    sales.patch(f"contacts({child})", body)
    row = sales.read(path, **annotated)
    assert (row["_parentcustomerid_value"], row[name]) == (person, "contact")


def test_a6_customer_account_takes_no_contact(sales):
    person = contact(sales)
    body = {"lastname": "x", "parentcustomerid_account@odata.bind": f"/contacts({person})"}
    assert refusal(sales.request("POST", "contacts", body))[0] == 400


def test_a6_lookup_columns_cannot_be_written_by_their_own_name(sales):
    body = {"name": "x", "_primarycontactid_value": ABSENT}
    assert refusal(sales.request("POST", "accounts", body))[:2] == (400, "0x80048d19")


def test_a6_deep_insert_creates_header_and_lines_together(sales):
    order = sales.order(
        order_details=[{"productdescription": "Work", "quantity": 2, "isproductoverridden": True}]
    )
    lines = sales.read(f"salesorders({order})/order_details")["value"]
    assert [(line["productdescription"], line["_salesorderid_value"]) for line in lines] == [
        ("Work", order)
    ]


def test_a6_deep_insert_is_atomic(sales):
    body = {"name": "x", "contact_customer_accounts": [{"lastname": "A"}, {"nothere": 1}]}
    assert sales.request("POST", "accounts", body).status_code == 400
    assert sales.get("accounts/$count").text == "0"
    assert sales.get("contacts/$count").text == "0"


def test_a6_deep_insert_of_a_parent(sales):
    account = sales.create("accounts", name="x", primarycontactid={"lastname": "New"})
    row = sales.read(f"accounts({account})?$expand=primarycontactid($select=lastname)")
    assert row["primarycontactid"]["lastname"] == "New"


def test_a6_owner_can_be_a_user_or_a_team(sales):
    team = sales.read("teams?$select=name")["value"][0]["teamid"]
    account = sales.create("accounts", name="x", ownerid__bind=f"/teams({team})")
    row = sales.read(f"accounts({account})")
    assert (row["_ownerid_value"], row["_owningteam_value"]) == (team, team)
    assert row["_owninguser_value"] is None
    other = sales.read(f"accounts({sales.create('accounts', name='y')})")
    assert other["_ownerid_value"] == other["_owninguser_value"] == sales.read("WhoAmI")["UserId"]


def test_a6_currency_bind_reads_back(sales):
    bind = f"/transactioncurrencies({USD})"
    account = sales.create("accounts", name="x", transactioncurrencyid__bind=bind)
    assert sales.read(f"accounts({account})")["_transactioncurrencyid_value"] == USD


def test_a6_a_row_is_made_and_found_through_a_collection(sales):
    """POST to the collection sets the lookup; a key in it finds only its own rows."""
    owner, other = (sales.create("accounts", name=name) for name in "AB")
    path = f"accounts({owner})/contact_customer_accounts"
    answer = sales.request("POST", path, {"lastname": "Lee"})
    url = answer.headers["OData-EntityId"]
    assert answer.status_code == 204
    assert sales.read(url)["_parentcustomerid_value"] == owner
    row_id = url.rpartition("(")[2].rstrip(")")
    assert sales.read(f"{path}({row_id})/lastname")["value"] == "Lee"
    elsewhere = f"accounts({other})/contact_customer_accounts({row_id})"
    assert refusal(sales.get(elsewhere))[0] == 404


def test_a6_a_reference_is_taken_out_by_its_address(sales):
    """`$ref?$id=` as the documentation writes it."""
    owner = sales.create("accounts", name="A")
    row_id = contact(sales, parentcustomerid_account__bind=f"/accounts({owner})")
    path = f"accounts({owner})/contact_customer_accounts/$ref?$id=contacts({row_id})"
    assert sales.request("DELETE", path).status_code == 204
    assert sales.read(f"contacts({row_id})")["_parentcustomerid_value"] is None
