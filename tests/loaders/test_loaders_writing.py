"""What the writers send, and in which form."""

import json

from tests.loaders.loader_bench import Bench, key, put
from tests.loaders.loader_rows import change, guid

# Sales


def test_creates_go_in_one_bulk_message_with_ids_chosen_before(sales: Bench) -> None:
    assert sales.statuses(change(1), change(2), change(3)) == ["acknowledged"] * 3
    assert sales.fake.paths == ["sdkmessagefilters", "Microsoft.Dynamics.CRM.CreateMultiple"]
    [first, *_] = json.loads(sales.fake.requests[1].content)["Targets"]
    assert first == {
        "@odata.type": "Microsoft.Dynamics.CRM.widget",
        "widgetid": guid(1),
        "name": "Thing 1",
    }


def test_the_availability_of_bulk_messages_is_asked_once(sales: Bench) -> None:
    sales.deliver(change(1), change(2))
    sales.deliver(change(3), change(4))
    assert sales.fake.paths.count("sdkmessagefilters") == 1
    condition = sales.fake.requests[0].url.params["$filter"]
    assert condition == (
        "sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq 'widget'"
    )


def test_a_table_without_bulk_messages_gets_creates_that_cannot_overwrite(sales: Bench) -> None:
    sales.fake.bulk = False
    put(sales, 2, name="Somebody else's")
    assert sales.statuses(change(1), change(2)) == ["acknowledged", "stale"]
    assert sales.fake.rows[key(2)] == {"name": "Somebody else's"}
    assert b"If-None-Match: *" in sales.fake.requests[1].content


def test_one_bad_row_of_a_thousand_costs_itself_and_one_call(sales: Bench) -> None:
    sales.fake.refuse = lambda body: "Name is taken" if body.get("name") == "Thing 500" else None
    delivered = sales.deliver(*(change(number) for number in range(1, 1001)))
    bad = [outcome for outcome in delivered.outcomes if outcome.status != "acknowledged"]
    assert [(o.write_id, o.status, o.error_message) for o in bad] == [
        ("w-500", "rejected", "Name is taken")
    ]
    assert sales.fake.paths[1:] == ["Microsoft.Dynamics.CRM.CreateMultiple", "$batch"]
    assert len(sales.fake.rows) == 999


def test_a_table_that_keeps_refusing_bulk_messages_gets_batches(sales: Bench) -> None:
    sales.fake.refuse = lambda body: "no" if body.get("name") == "bad" else None
    for number in range(4):
        sales.deliver(change(number, after={"name": "bad"}), change(100 + number))
    assert sales.fake.paths.count("Microsoft.Dynamics.CRM.CreateMultiple") == 2


def test_an_update_carries_the_etag_it_was_computed_from(sales: Bench) -> None:
    put(sales, 1, name="A")
    put(sales, 2, name="B")
    put(sales, 2, name="moved")
    assert sales.statuses(change(1, "update"), change(2, "update")) == ["acknowledged", "stale"]
    assert sales.fake.rows[key(2)] == {"name": "moved"}


def test_an_update_never_creates(sales: Bench) -> None:
    assert sales.statuses(change(1, "update"), change(2, "update", etag=None)) == ["stale"] * 2
    assert not sales.fake.rows


def test_deactivate_writes_its_after_image_and_delete_removes(sales: Bench) -> None:
    put(sales, 1, name="A")
    put(sales, 2, name="B")
    off = change(1, "deactivate", after={"count": 1})
    assert sales.statuses(off) == ["acknowledged"]
    assert sales.fake.rows[key(1)] == {"name": "A", "count": 1}
    gone = change(2, "delete", after=None)
    assert sales.statuses(gone) == ["acknowledged"]
    assert key(2) not in sales.fake.rows
    assert sales.statuses(gone) == ["acknowledged"]


def test_a_value_of_the_wrong_type_costs_its_own_row_and_is_not_sent(sales: Bench) -> None:
    bad = change(1, after={"count": "many"})
    assert sales.statuses(bad, change(2)) == ["rejected", "acknowledged"]
    assert list(sales.fake.rows) == [key(2)]


def test_special_characters_and_camel_case_arrive(sales: Bench) -> None:
    name = 'Ærø "quoted" \\ \'s\r\n--batch_x 漢字'
    sales.fake.bulk = False
    assert sales.statuses(change(1, after={"name": name, "camelCase": "x"})) == ["acknowledged"]
    assert sales.fake.rows[key(1)] == {"name": name, "camelCase": "x"}


def test_two_rows_for_one_record_leave_one_record(sales: Bench) -> None:
    second = change(2, key_values={"widgetid": guid(1)}, after={"name": "Thing 2"})
    sales.fake.bulk = False
    assert sales.statuses(change(1), second) == ["acknowledged", "stale"]


# F&O


def test_finops_gets_posts_with_keys_and_absolute_urls(finops: Bench) -> None:
    assert finops.statuses(change(1, system="finops")) == ["acknowledged"]
    content = finops.fake.requests[0].content.decode()
    assert "POST https://finops.example/data/Gadgets HTTP/1.1" in content
    assert finops.fake.rows[key(1, "finops")] == {
        "dataAreaId": "usmf",
        "Number": "N-1",
        "name": "Thing 1",
    }


def test_finops_updates_name_the_company_and_the_etag(trusting: Bench) -> None:
    put(trusting, 1, name="A")
    put(trusting, 2, name="B")
    put(trusting, 2, name="moved")
    rows = [change(number, "update", "finops") for number in (1, 2)]
    assert trusting.statuses(*rows) == ["acknowledged", "stale"]
    [request] = trusting.fake.requests
    content = request.content.decode()
    assert "Gadgets(dataAreaId='usmf',Number='N-1')?cross-company=true" in content
    assert 'If-Match: W/"1"' in content


def test_a_row_missing_in_finops_is_stale(trusting: Bench) -> None:
    delivered = trusting.deliver(change(1, "update", "finops"))
    assert delivered.outcomes[0].status == "stale"
    assert "No resources were found" in (delivered.outcomes[0].error_message or "")


def test_finops_is_looked_at_before_an_update_and_what_moved_is_not_sent(finops: Bench) -> None:
    """B4: nobody knows whether F&O refuses an old ETag."""
    put(finops, 1, name="A")
    put(finops, 2, name="B")
    put(finops, 2, name="moved")
    rows = [change(number, "update", "finops") for number in (1, 2, 3)]
    assert finops.statuses(*rows) == ["acknowledged", "stale", "stale"]
    look, update = [request.content.decode() for request in finops.fake.requests]
    assert [look.count(f"\r\n{verb} ") for verb in ("GET", "PATCH")] == [3, 0]
    assert [update.count(f"\r\n{verb} ") for verb in ("GET", "PATCH")] == [0, 1]
    assert "N-1" in update


def test_a_record_already_in_finops_is_read_back_and_compared(finops: Bench) -> None:
    put(finops, 1, name="Thing 1", price=0, since="1900-01-01T00:00:00Z")
    put(finops, 2, name="Other")
    same = change(1, system="finops", after={"name": "Thing 1", "price": None, "since": None})
    delivered = finops.deliver(same, change(2, system="finops"))
    by_id = {outcome.write_id: outcome for outcome in delivered.outcomes}
    assert by_id["w-1"].status == "acknowledged"
    assert by_id["w-2"].status == "stale"
    assert "name is 'Other', not 'Thing 2'" in (by_id["w-2"].error_message or "")
