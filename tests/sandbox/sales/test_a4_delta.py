"""Protocols A4 and D3: change tracking."""

from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import refusal

TRACK = "odata.track-changes"
TRACK_2 = "odata.track-changes,odata.maxpagesize=2"


def series(sales, path, prefer=TRACK):
    """Entries of all pages, and the delta link; only the last page may carry one."""
    entries = []
    while True:
        body = sales.read(path, Prefer=prefer)
        entries += body["value"]
        if "@odata.nextLink" not in body:
            return entries, body["@odata.deltaLink"]
        assert "@odata.deltaLink" not in body
        path = body["@odata.nextLink"]


def test_a4_initial_load_then_only_what_changed(sales):
    ids = sales.accounts(3)
    rows, link = series(sales, "accounts?$select=name")
    assert [row["accountid"] for row in rows] == ids
    sales.patch(f"accounts({ids[1]})", {"name": "New"})
    rows, _ = series(sales, link)
    assert [(row["accountid"], row["name"]) for row in rows] == [(ids[1], "New")]


def test_d3_delta_link_only_on_the_last_page(sales):
    ids = sales.accounts(5)
    rows, _ = series(sales, "accounts?$select=name", TRACK_2)
    assert [row["accountid"] for row in rows] == ids


def test_a4_follow_up_needs_no_preference(sales):
    sales.accounts(1)
    _, link = series(sales, "accounts?$select=name")
    body = sales.read(link)
    assert body["value"] == []
    assert body["@odata.context"].endswith("#accounts(name)/$delta")
    assert "@odata.deltaLink" in body


def test_a4_token_is_version_and_time(sales):
    sales.accounts(1)
    _, link = series(sales, "accounts?$select=name")
    token = parse_qs(urlsplit(link).query)["$deltatoken"][0]
    assert token == f"{sales.store.version}!03/01/2026 12:00:00"
    assert "%21" in link


def test_d3_deletion_entry_form(sales):
    ids = sales.accounts(2)
    _, link = series(sales, "accounts?$select=name")
    sales.request("DELETE", f"accounts({ids[0]})")
    entries, _ = series(sales, link)
    assert len(entries) == 1
    assert entries[0].pop("@odata.context").endswith("$metadata#accounts/$deletedEntity")
    assert entries[0] == {"id": ids[0], "reason": "deleted"}


def test_a4_changes_come_before_deletions_and_count_for_the_page(sales):
    ids = sales.accounts(6)
    _, link = series(sales, "accounts?$select=name")
    for row_id in ids[:3]:
        sales.request("DELETE", f"accounts({row_id})")
    for row_id in (ids[5], ids[4]):
        sales.patch(f"accounts({row_id})", {"name": "New"})
    body = sales.read(link, Prefer="odata.maxpagesize=2")
    assert len(body["value"]) == 2
    entries, _ = series(sales, link, "odata.maxpagesize=2")
    assert [e.get("accountid") or e["id"] for e in entries] == [ids[5], ids[4], *ids[:3]]


def test_a4_initial_load_never_lists_deletions(sales):
    ids = sales.accounts(2)
    sales.request("DELETE", f"accounts({ids[0]})")
    rows, _ = series(sales, "accounts?$select=name")
    assert [row["accountid"] for row in rows] == [ids[1]]


def test_a4_row_created_and_deleted_in_the_window_appears_as_deletion(sales):
    _, link = series(sales, "accounts?$select=name")
    row_id = sales.create("accounts", name="x")
    sales.request("DELETE", f"accounts({row_id})")
    entries, _ = series(sales, link)
    assert [(e["id"], e["reason"]) for e in entries] == [(row_id, "deleted")]


def test_a4_row_deleted_and_made_again_is_a_change_only(sales):
    row_id = sales.accounts(1)[0]
    _, link = series(sales, "accounts?$select=name")
    sales.request("DELETE", f"accounts({row_id})")
    sales.create("accounts", accountid=row_id, name="Again")
    entries, _ = series(sales, link)
    assert [entry["name"] for entry in entries] == ["Again"]


@pytest.mark.parametrize(
    "option", ["$filter=name eq 'a'", "$orderby=name", "$expand=primarycontactid", "$top=3"]
)
def test_d3_four_options_are_refused(sales, option):
    status, code, message = refusal(sales.get(f"accounts?$select=name&{option}", Prefer=TRACK))
    assert (status, code) == (400, "0x80060888")
    assert "not supported when change tracking is enabled" in message


def test_d3_expired_token(sales):
    sales.accounts(1)
    _, link = series(sales, "accounts?$select=name")
    sales.clock.forward(days=8)
    sales.token = sales.ask_token().json()["access_token"]
    assert refusal(sales.get(link)) == (
        400,
        "0x80044352",
        "Version stamp associated with the client has expired. Please perform a full sync.",
    )


def test_a4_life_of_a_token_is_a_setting_of_the_organisation(sales):
    organization = sales.read("organizations?$select=name")["value"][0]["organizationid"]
    sales.patch(f"organizations({organization})", {"expirechangetrackingindays": 30})
    _, link = series(sales, "accounts?$select=name")
    sales.clock.forward(days=8)
    sales.token = sales.ask_token().json()["access_token"]
    assert sales.get(link).status_code == 200


def test_a4_table_without_change_tracking(sales):
    status, code, _ = refusal(sales.get("msdynce_p2cautonumbers", Prefer=TRACK))
    assert (status, code) == (400, "0x80072491")


def test_a4_count_of_a_delta(sales):
    ids = sales.accounts(3)
    _, link = series(sales, "accounts?$select=name")
    sales.patch(f"accounts({ids[0]})", {"name": "New"})
    sales.request("DELETE", f"accounts({ids[1]})")
    token = link.partition("$deltatoken=")[2]
    assert sales.get(f"accounts/$count?$deltatoken={token}").text == "2"


def test_a4_change_between_pages_comes_with_the_next_delta(sales):
    ids = sales.accounts(3)
    _, link = series(sales, "accounts?$select=name")
    for row_id in ids:
        sales.patch(f"accounts({row_id})", {"name": "One"})
    first = sales.read(link, Prefer="odata.maxpagesize=2")
    sales.patch(f"accounts({ids[0]})", {"name": "Two"})
    rest, link = series(sales, first["@odata.nextLink"], "odata.maxpagesize=2")
    assert [row["accountid"] for row in rest] == [ids[2]]
    assert [row["name"] for row in series(sales, link)[0]] == ["Two"]


def test_e1_token_of_the_initial_load_stands_at_the_last_page(sales):
    ids = sales.accounts(3)
    first = sales.read("accounts?$select=name", Prefer=TRACK_2)
    sales.patch(f"accounts({ids[0]})", {"name": "Missed"})
    _, link = series(sales, first["@odata.nextLink"], TRACK_2)
    assert series(sales, link)[0] == []


def test_e1_switch_puts_the_token_at_the_first_page(sales_with):
    sales = sales_with(delta_token_at="first")
    ids = sales.accounts(3)
    first = sales.read("accounts?$select=name", Prefer=TRACK_2)
    sales.patch(f"accounts({ids[0]})", {"name": "Seen"})
    _, link = series(sales, first["@odata.nextLink"], TRACK_2)
    assert [row["name"] for row in series(sales, link)[0]] == ["Seen"]


def test_e2_switch_drops_the_delta_link_when_annotations_are_asked(sales_with):
    sales = sales_with(delta_with_annotations=False)
    prefer = 'odata.track-changes,odata.include-annotations="*"'
    assert "@odata.deltaLink" not in sales.read("accounts?$select=name", Prefer=prefer)


def test_a4_precondition_can_be_read_from_the_definitions(sales):
    body = sales.read("EntityDefinitions?$select=SchemaName&$filter=ChangeTrackingEnabled eq true")
    names = {row["SchemaName"] for row in body["value"]}
    assert {"Account", "Product", "SalesOrder"} <= names
    assert "msdynce_P2CAutoNumber" not in names
