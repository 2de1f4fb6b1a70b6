"""Protocols A7 and D4: create, upsert, conditional requests, delete."""

from .conftest import ABSENT, refusal

REPRESENTATION = "return=representation"


def test_a7_post_gives_204_and_the_entity_id(sales):
    answer = sales.request("POST", "accounts", {"name": "x"})
    assert answer.status_code == 204
    assert answer.headers["OData-EntityId"].startswith("http://sales.test/api/data/v9.2/accounts(")


def test_a7_post_with_representation_gives_201_and_body_without_entity_id(sales):
    path = "accounts?$select=name"
    answer = sales.request("POST", path, {"name": "x"}, Prefer=REPRESENTATION)
    assert answer.status_code == 201
    assert "OData-EntityId" not in answer.headers
    assert answer.headers["Preference-Applied"] == REPRESENTATION
    assert answer.json()["name"] == "x"


def test_a7_client_may_give_the_guid_but_not_twice(sales):
    sales.create("accounts", accountid=ABSENT, name="x")
    answer = sales.request("POST", "accounts", {"accountid": ABSENT, "name": "y"})
    assert refusal(answer) == (
        412,
        "0x80040237",
        "A record with matching key values already exists.",
    )


def test_d4_patch_without_condition_is_upsert_with_equal_answers(sales):
    created = sales.patch(f"accounts({ABSENT})", {"name": "x"})
    updated = sales.patch(f"accounts({ABSENT})", {"name": "y"})
    assert created.status_code == updated.status_code == 204
    assert created.headers["OData-EntityId"] == updated.headers["OData-EntityId"]
    assert sales.read(f"accounts({ABSENT})")["name"] == "y"


def test_a7_upsert_with_representation_tells_created_from_updated(sales):
    path = f"accounts({ABSENT})?$select=accountid"
    assert sales.patch(path, {"name": "x"}, Prefer=REPRESENTATION).status_code == 201
    assert sales.patch(path, {"name": "y"}, Prefer=REPRESENTATION).status_code == 200


def test_a7_patch_with_if_match_star_never_creates(sales):
    answer = sales.patch(f"accounts({ABSENT})", {"name": "x"}, If_Match="*")
    assert refusal(answer) == (404, "0x80040217", f"account With Id = {ABSENT} Does Not Exist")
    assert sales.get("accounts/$count").text == "0"


def test_a7_patch_with_if_none_match_star_never_updates(sales):
    row_id = sales.create("accounts", name="x")
    answer = sales.patch(f"accounts({row_id})", {"name": "y"}, If_None_Match="*")
    assert refusal(answer)[::2] == (412, "A record with matching key values already exists.")
    assert sales.read(f"accounts({row_id})")["name"] == "x"


def test_a2_if_none_match_null_is_no_condition(sales):
    row_id = sales.create("accounts", name="x")
    assert sales.patch(f"accounts({row_id})", {"name": "y"}, If_None_Match="null").is_success


def test_d4_stale_etag_gives_412(sales):
    row_id = sales.create("accounts", name="x")
    etag = sales.get(f"accounts({row_id})").headers["ETag"]
    assert sales.patch(f"accounts({row_id})", {"name": "y"}, If_Match=etag).status_code == 204
    assert refusal(sales.patch(f"accounts({row_id})", {"name": "z"}, If_Match=etag)) == (
        412,
        "0x80060882",
        "The version of the existing record doesn't match the RowVersion property provided.",
    )
    assert sales.read(f"accounts({row_id})")["name"] == "y"


def test_a7_column_sent_with_its_old_value_still_counts_as_update(sales):
    row_id = sales.create("accounts", name="x")
    before = sales.read(f"accounts({row_id})")
    sales.clock.forward(minutes=1)
    sales.patch(f"accounts({row_id})", {"name": "x"})
    after = sales.read(f"accounts({row_id})")
    assert after["@odata.etag"] != before["@odata.etag"]
    assert after["modifiedon"] == "2026-03-01T12:01:00Z"
    assert after["createdon"] == before["createdon"] == "2026-03-01T12:00:00Z"


def test_a7_upsert_by_alternate_key_takes_the_key_from_the_url(sales):
    path = "contacts(msdynce_contactnumber='CON-9')"
    assert sales.patch(path, {"lastname": "Lee"}).status_code == 204
    assert sales.read(path)["lastname"] == "Lee"


def test_a7_key_in_the_body_is_dropped_when_the_row_exists(sales):
    path = "contacts(msdynce_contactnumber='CON-9')"
    sales.patch(path, {"lastname": "Lee"})
    sales.patch(path, {"lastname": "New", "msdynce_contactnumber": "OTHER"})
    assert sales.read(path)["lastname"] == "New"


def test_a7_key_in_the_body_beats_the_url_when_the_row_is_new(sales):
    body = {"lastname": "Lee", "msdynce_contactnumber": "BODY"}
    sales.patch("contacts(msdynce_contactnumber='URL')", body)
    assert sales.get("contacts(msdynce_contactnumber='URL')").status_code == 404
    assert sales.read("contacts(msdynce_contactnumber='BODY')")["lastname"] == "Lee"


def test_a7_put_and_delete_of_one_column(sales):
    row_id = sales.create("accounts", name="x", fax="1")
    assert sales.request("PUT", f"accounts({row_id})/fax", {"value": "2"}).status_code == 204
    assert sales.read(f"accounts({row_id})")["fax"] == "2"
    assert sales.request("DELETE", f"accounts({row_id})/fax").status_code == 204
    assert sales.read(f"accounts({row_id})")["fax"] is None


def test_a7_delete_gives_204_then_404(sales):
    row_id = sales.create("accounts", name="x")
    assert sales.request("DELETE", f"accounts({row_id})").status_code == 204
    assert sales.request("DELETE", f"accounts({row_id})").status_code == 404


def test_a7_delete_obeys_if_match(sales):
    row_id = sales.create("accounts", name="x")
    answer = sales.request("DELETE", f"accounts({row_id})", If_Match='W/"1"')
    assert answer.status_code == 412
    assert sales.get(f"accounts({row_id})").status_code == 200


def test_a2_patch_and_delete_of_a_collection_give_405(sales):
    assert sales.patch("accounts", {"name": "x"}).status_code == 405
    assert sales.request("DELETE", "accounts").status_code == 405


def test_a11_delete_of_a_row_in_use_gives_405(sales):
    order = sales.read(f"salesorders({sales.order()})")
    answer = sales.request("DELETE", f"accounts({order['_customerid_value']})")
    assert refusal(answer)[:2] == (405, "0x80040227")


def test_a7_delete_of_a_document_takes_its_lines(sales):
    order = sales.order(
        order_details=[{"productdescription": "W", "quantity": 1, "isproductoverridden": True}]
    )
    assert sales.request("DELETE", f"salesorders({order})").status_code == 204
    assert sales.get("salesorderdetails/$count").text == "0"


def test_a7_unknown_property_in_the_body_is_named(sales):
    assert refusal(sales.request("POST", "accounts", {"nothere": 1})) == (
        400,
        "0x80060888",
        "Could not find a property named 'nothere' on type 'Microsoft.Dynamics.CRM.account'.",
    )


def test_a7_body_that_is_no_json_object_is_refused(sales):
    headers = {"Authorization": f"Bearer {sales.token}", "Content-Type": "application/json"}
    for content in (b"{", b"[]", b""):
        answer = sales.raw("POST", "/api/data/v9.2/accounts", content=content, headers=headers)
        assert answer.status_code == 400


def test_a7_system_tables_cannot_be_written(sales):
    assert sales.request("POST", "sdkmessages", {"name": "x"}).status_code == 405


def test_actions_of_other_areas_are_not_offered_and_say_so(sales):
    status, _, message = refusal(sales.request("POST", "FulfillSalesOrder", {}))
    assert status == 501
    assert "'FulfillSalesOrder' is not offered" in message
