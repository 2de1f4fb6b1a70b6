"""Nothing is sent to another address than the configured one."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from pipelines.common.address_errors import (
    ForeignAddress,
    UnknownEnvironment,
    UnsafeAddress,
    WrongEnvironment,
)
from pipelines.common.client import ODataClient
from pipelines.run import check

from .conftest import BOTH, Warehouse, account, fill
from .service import Fake


def moved(fake: Fake, other: Fake) -> Fake:
    """The same organisation, rows and versions at the other address; the old one forgets all."""
    other.rows, other.deleted, other.version = fake.rows, fake.deleted, fake.version
    other.organisation, other.page_size = fake.organisation, fake.page_size
    fake.reset()
    return other


def dlt_state(warehouse: Warehouse) -> str:
    """dlt's state, as it is kept in its folder and in the warehouse."""
    files = warehouse.state.rglob("state.json")
    stored = warehouse.query("select state from raw_sales._dlt_pipeline_state")
    inflated = [zlib.decompress(base64.b64decode(row[0])).decode() for row in stored]
    return "\n".join([*(path.read_text() for path in files), *inflated])


def test_delta_links_are_kept_without_their_address(fake: Fake, filled: Warehouse) -> None:
    state = dlt_state(filled)
    assert "$deltatoken" in state
    assert fake.url not in state
    assert "/api/data/" not in state


def test_the_same_organisation_at_a_new_address_goes_on_with_its_deltas(
    fake: Fake, other: Fake, filled: Warehouse
) -> None:
    moved(fake, other)
    account(other, 99, "New")
    reports = filled.extract(other.sales, other.finops, tables=BOTH).tables
    assert {r.table: (r.mode, r.rows) for r in reports} == {
        "accounts": ("delta", 1), "uoms": ("delta", 0), "customers": ("full", 1),
    }  # fmt: skip
    assert not fake.asked
    assert not fake.secrets


def with_complete_links(state: str, address: str) -> str:
    """dlt's state as older versions wrote it: delta links with the service's address."""
    document = json.loads(state)

    def complete(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: f"{address}/api/data/v9.2/{item}" if key == "delta_link" else complete(item)
                for key, item in value.items()
            }
        return value

    return json.dumps(complete(document))


@pytest.mark.parametrize("moves", [False, True])
def test_a_complete_link_of_an_older_version_is_used_on_its_own_address_only(
    fake: Fake, other: Fake, filled: Warehouse, moves: bool
) -> None:
    path = filled.state / "dlt/sales/state.json"
    path.write_text(with_complete_links(path.read_text(), fake.url))
    assert path.read_text().count(fake.url) == 2
    there = moved(fake, other) if moves else fake
    account(there, 99, "New")
    report = filled.one(there.sales, "accounts")
    assert (report.mode, report.rows) == (("full", 26) if moves else ("delta", 1))
    assert not moves or not fake.asked


@pytest.mark.parametrize("kept", ["all", "warehouse", "state"])
def test_another_organisation_is_refused_and_learns_no_more_than_that_it_is_another(
    fake: Fake, other: Fake, filled: Warehouse, kept: str
) -> None:
    fill(other)
    other.organisation = "00000000-0000-0000-0000-0000000000bb"
    if kept == "warehouse":
        (filled.state / "environments.json").unlink()
    if kept == "state":
        filled.path.unlink()
    before = filled.path.read_bytes() if filled.path.exists() else b""
    with pytest.raises(WrongEnvironment) as raised:
        filled.extract(other.sales, other.finops, tables=BOTH)
    message = str(raised.value)
    assert fake.organisation in message
    assert other.organisation in message
    assert "p2c.warehouse and p2c.state_dir" in message
    assert "sources.sales.url" in message
    assert not fake.asked
    assert not fake.secrets
    assert set(other.asked) <= {"token", "accounts", "CustomersV2", "WhoAmI"}
    assert other.asked["accounts"] == 1  # the look before a run, not the table
    assert (filled.path.read_bytes() if filled.path.exists() else b"") == before
    assert filled.one(fake.sales, "accounts").table == "accounts"  # and the first one goes on


def test_a_warehouse_without_a_pin_is_pinned_by_what_was_read_into_it(
    fake: Fake, other: Fake, warehouse: Warehouse
) -> None:
    fake.put("organizations", organizationid=fake.organisation.upper(), name="Contoso")
    warehouse.one(fake.sales, "organizations")
    unpin(warehouse)
    other.organisation = "00000000-0000-0000-0000-0000000000bb"
    with pytest.raises(WrongEnvironment, match=fake.organisation):
        warehouse.one(other.sales, "organizations")
    warehouse.one(fake.sales, "organizations")
    assert warehouse.query("from p2c.environments") == [("sales", fake.organisation)]


def test_a_warehouse_of_an_unknown_organisation_is_pinned_at_its_first_contact(
    fake: Fake, other: Fake, filled: Warehouse
) -> None:
    unpin(filled)
    filled.one(fake.sales, "accounts")
    other.organisation = "00000000-0000-0000-0000-0000000000bb"
    with pytest.raises(WrongEnvironment):
        filled.one(other.sales, "accounts")


def unpin(warehouse: Warehouse) -> None:
    warehouse.query("drop schema p2c cascade")
    (warehouse.state / "environments.json").unlink()


def test_an_environment_that_gave_nothing_leaves_no_pin(
    fake: Fake, other: Fake, warehouse: Warehouse
) -> None:
    """Settings that were wrong at first and are corrected need no moving of files."""
    other.organisation = "00000000-0000-0000-0000-0000000000bb"
    other.mangle = lambda page: {}
    fake.put("uoms", uomid="u", name="box")
    with pytest.raises(Exception, match="no page of rows"):
        warehouse.one(other.sales, "uoms")
    assert warehouse.one(fake.sales, "uoms").rows == 1


def test_finops_is_known_by_its_host_or_by_the_name_in_the_settings(
    fake: Fake, warehouse: Warehouse
) -> None:
    named = replace(fake.finops, environment="Prod")
    warehouse.one(named, "customers")
    with pytest.raises(WrongEnvironment, match=r'set sources\.finops\.environment to "prod"'):
        warehouse.one(fake.finops, "customers")
    assert warehouse.one(named, "customers").table == "customers"


def test_a_service_that_does_not_say_who_it_is_is_not_read(
    fake: Fake, warehouse: Warehouse
) -> None:
    fake.organisation = ""
    with pytest.raises(UnknownEnvironment, match=r"check that sources\.sales\.url"):
        warehouse.one(fake.sales, "uoms")
    fake.gone.add("WhoAmI")
    with pytest.raises(UnknownEnvironment, match="WhoAmI: HTTP 404"):
        warehouse.one(fake.sales, "uoms")


def test_a_next_link_to_another_address_is_refused(
    fake: Fake, other: Fake, filled: Warehouse
) -> None:
    fill(other)

    def renamed(page: dict[str, Any]) -> dict[str, Any]:
        link = page.get("@odata.nextLink", "")
        return {**page, "@odata.nextLink": link.replace(fake.url, other.url)}

    fake.mangle = renamed
    with pytest.raises(ForeignAddress) as raised:
        filled.one(fake.sales, "accounts", full=True)
    assert fake.url in str(raised.value)
    assert other.url in str(raised.value)
    assert "sources.sales.url" in str(raised.value)
    assert not other.asked
    assert not other.secrets


def test_a_delta_link_to_another_address_is_refused(
    fake: Fake, other: Fake, warehouse: Warehouse
) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.mangle = lambda page: {**page, "@odata.deltaLink": f"{other.url}/api/data/v9.2/uoms?x=1"}
    with pytest.raises(ForeignAddress, match="the next changes of uoms"):
        warehouse.one(fake.sales, "uoms")


@pytest.mark.parametrize("what", ["token", "uoms"])
def test_a_redirect_to_another_address_is_not_followed(
    fake: Fake, other: Fake, warehouse: Warehouse, what: str
) -> None:
    """Not with the token, and not with the secret, which a 307 would carry along."""
    fake.put("uoms", uomid="u", name="box")
    path = "t/oauth2/v2.0/token" if what == "token" else "api/data/v9.2/uoms"
    fake.redirect[what] = f"{other.url}/{path}"
    with pytest.raises(ForeignAddress, match="a redirect"):
        warehouse.one(fake.sales, "uoms")
    assert not other.asked
    assert not other.secrets


def test_a_redirect_on_the_same_address_is_followed_even_where_the_token_is_refused_after_it(
    fake: Fake, warehouse: Warehouse
) -> None:
    fake.put("uoms", uomid="u", name="box")
    path = "api/data/v9.2/uoms?$select=uomid,name,quantity"
    fake.redirect["organizations"] = f"{fake.url}/{path}"
    assert check([fake.sales])[0].identity == fake.organisation
    fake.revoke_after = 4  # a look, who it is, the redirect, and then its target
    fake.put("organizations", organizationid="x")
    with pytest.raises(Exception, match="organizations"):  # what it redirects to is another table
        warehouse.one(fake.sales, "organizations")
    assert fake.asked["token"] == 4


def test_plain_http_is_for_this_machine_only(fake: Fake, warehouse: Warehouse) -> None:
    """The secret would travel in clear."""
    plain = "http://org.crm4.dynamics.com"
    for wrong in (replace(fake.sales, url=plain), replace(fake.sales, token_url=f"{plain}/token")):
        with pytest.raises(UnsafeAddress, match=r"leads to http://org\.crm4"):
            warehouse.one(wrong, "uoms")
    assert not fake.secrets


def test_no_secret_in_a_text_or_in_a_file(fake: Fake, warehouse: Warehouse) -> None:
    """Neither in what Python shows of an object nor in the files of dlt."""
    fake.secret, fake.bearer = "hush-hush", "a-token"
    connection = replace(fake.sales, client_secret=fake.secret)
    client = ODataClient(connection)
    client.ask("WhoAmI")
    shown = f"{client._auth!r} {client._auth} {connection!r} {vars(client)}"
    assert fake.url in shown
    assert "hush-hush" not in shown
    assert "a-token" not in shown
    warehouse.one(connection, "uoms")
    files = [warehouse.path, *(path for path in warehouse.state.rglob("*") if path.is_file())]
    assert len(files) > 3
    for path in files:
        assert not any(word in path.read_bytes() for word in (b"hush-hush", b"a-token"))
