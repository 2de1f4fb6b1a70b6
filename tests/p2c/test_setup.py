"""`p2c setup sales` against the sandbox's Sales, in memory: planned, done once, taking nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from p2c_sandbox.odata.model import load_service
from p2c_sandbox.sales.base import METADATA

from loaders.models import Column, SyncGraph, WriteTarget
from loaders.services.http import ServiceClient
from p2c.run import flows
from p2c.tenant import dataverse as module
from p2c.tenant.dataverse import Dataverse
from tests.sandbox.sales.conftest import ROOT, Sales

from .cli_world import Result

USER = "00000001-0000-0000-0000-000000000000"
UNIT = "00000003-0000-0000-0000-000000000000"
ROLE = "Prospect to cash integration"
ORDERS = WriteTarget(
    model="changes_sales__salesorders",
    relation="x",
    flow="orders_back",
    system="sales",
    entity_set="salesorders",
    key=("salesorderid",),
    operations=frozenset(("create", "update")),
    columns={"pricelevelid": Column("pricelevelid", "varchar", lookup="pricelevels")},
)
# What the targets above and the tables of tables.yml need, written out by hand.
READ = (
    "Account", "Contact", "Product", "TransactionCurrency", "BusinessUnit", "Organization", "Quote",
    "Order", "Invoice", "Entity", "Attribute", "Relationship", "SdkMessage", "Solution",
)  # fmt: skip
NEEDED = {f"prvRead{name}" for name in READ} | {
    "prvCreateOrder", "prvWriteOrder", "prvAppendOrder", "prvAppendToProduct", "prvReadTeam",
}  # fmt: skip
UNDO = "prvDeleteOrder"

P2C = Callable[..., Result]


@pytest.fixture
def sales() -> Iterator[Sales]:
    service = Sales(load_service(METADATA))
    yield service
    service.close()


@pytest.fixture(autouse=True)
def setup(sales: Sales, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def request(method: str, url: str, **sent: Any) -> httpx.Response:
        sent["headers"] = {**sent["headers"], "Authorization": f"Bearer {sales.token}"}
        return sales.raw(method, url, **sent)

    @contextmanager
    def opened(context: object) -> Iterator[Dataverse]:
        yield Dataverse(cast(ServiceClient, SimpleNamespace(request=request)), ROOT)

    monkeypatch.setattr(module, "dataverse", opened)
    monkeypatch.setattr(flows, "graph", lambda context, fresh=False: SyncGraph((ORDERS,), "v"))
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))


def held(sales: Sales, name: str = ROLE) -> dict[str, str]:
    [role] = sales.read(f"roles?$select=roleid&$filter=name eq '{name}'")["value"]
    path = f"RetrieveRolePrivilegesRole(RoleId={role['roleid']})"
    return {one["PrivilegeName"]: one["Depth"] for one in sales.read(path)["RolePrivileges"]}


def assigned(sales: Sales) -> set[str]:
    rows = sales.read(f"systemusers({USER})/systemuserroles_association?$select=name")["value"]
    return {row["name"] for row in rows}


def grant(sales: Sales, role: str, name: str, depth: str) -> None:
    [row] = sales.read(f"privileges?$filter=name eq '{name}'")["value"]
    body = {"Privileges": [{"PrivilegeId": row["privilegeid"], "Depth": depth}]}
    path = f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
    assert sales.request("POST", path, body).status_code == 204


def administrator_taken(sales: Sales) -> None:
    path = f"systemusers({USER})/systemuserroles_association"
    for row in sales.read(f"{path}?$select=roleid")["value"]:
        sales.request("DELETE", f"{path}({row['roleid']})/$ref")


def test_a_dry_run_shows_the_plan_and_writes_nothing(p2c: P2C, sales: Sales) -> None:
    result = p2c("setup", "sales", "--dry-run")
    assert result.code == 0
    assert f"The role '{ROLE}' will be made, with {len(NEEDED)} privileges" in result.out
    assert "only p2c undo needs it: prvDeleteOrder" in result.out
    assert "System Administrator" in result.out
    assert sales.read(f"roles?$filter=name eq '{ROLE}'")["value"] == []


def test_the_role_is_made_filled_and_assigned_and_then_nothing_is_to_be_done(
    p2c: P2C, sales: Sales
) -> None:
    assert p2c("setup", "sales", "--yes").code == 0
    assert held(sales) == dict.fromkeys(NEEDED, "Global")
    assert ROLE in assigned(sales)
    again = p2c("setup", "sales")  # nobody is asked
    assert (again.code, again.err) == (0, "Nothing is to be done.\n")
    shown = json.loads(p2c("setup", "sales", "--json").out)
    assert (shown["nothing_to_do"], shown["add"], shown["held"]) == (True, [], len(NEEDED))


def test_what_a_role_holds_besides_stays_and_what_is_not_deep_enough_is_widened(
    p2c: P2C, sales: Sales
) -> None:
    role = sales.create("roles", name=ROLE, businessunitid__bind=f"/businessunits({UNIT})")
    grant(sales, role, "prvDeleteAccount", "Basic")
    grant(sales, role, "prvReadAccount", "Basic")
    grant(sales, role, "prvReadQuote", "Global")
    shown = json.loads(p2c("setup", "sales", "--dry-run", "--json").out)
    assert {one["privilege"] for one in shown["add"]} == NEEDED - {"prvReadQuote"}
    assert (shown["create_role"], shown["held"]) == (False, 1)
    assert p2c("setup", "sales", "--yes").code == 0
    assert held(sales) == dict.fromkeys(NEEDED, "Global") | {"prvDeleteAccount": "Basic"}


def test_undo_is_asked_for_by_name(p2c: P2C, sales: Sales) -> None:
    assert p2c("setup", "sales", "--all", "--yes", "--role", "Wide").code == 0
    assert held(sales, "Wide").keys() == NEEDED | {UNDO}


def test_nobody_can_be_asked_so_nothing_is_written(p2c: P2C, sales: Sales) -> None:
    result = p2c("setup", "sales")
    assert result.code == 1
    assert "give --yes" in result.err
    assert sales.read(f"roles?$filter=name eq '{ROLE}'")["value"] == []


def test_what_sales_refuses_is_said_with_its_words_and_what_to_do(p2c: P2C, sales: Sales) -> None:
    administrator_taken(sales)
    result = p2c("setup", "sales", "--yes")
    assert result.code == 1
    assert "prvReadUser privilege" in result.err
    assert "System Administrator" in result.err


def test_an_application_without_a_user_is_named_with_the_way_to_one(p2c: P2C) -> None:
    client = "12345678-0000-0000-0000-00000000000a"
    result = p2c("setup", "sales", "--yes", "--application", client)
    assert result.code == 1
    assert client in result.err
    assert "New app user" in result.err
    assert p2c("setup", "sales", "--application", "x' or 1 eq 1").code == 2


def test_a_user_of_another_business_unit_gets_the_copy_of_the_role(p2c: P2C, sales: Sales) -> None:
    unit = sales.create(
        "businessunits", name="East", parentbusinessunitid__bind=f"/businessunits({UNIT})"
    )
    client = "12345678-0000-0000-0000-00000000000b"
    user = sales.create(
        "systemusers", applicationid=client, businessunitid__bind=f"/businessunits({unit})"
    )
    assert p2c("setup", "sales", "--yes", "--application", client).code == 0
    path = f"systemusers({user})/systemuserroles_association?$select=_businessunitid_value"
    assert [row["_businessunitid_value"] for row in sales.read(path)["value"]] == [unit]
    assert p2c("setup", "sales", "--application", client).err == "Nothing is to be done.\n"


def test_a_table_that_the_tenant_lacks_is_named(p2c: P2C, project: Path) -> None:
    path = project / "pipelines/sales/tables.yml"
    more = "\nmsdyn_warehouses:\n  key: [msdyn_warehouseid]\n  columns: {msdyn_warehouseid: text}\n"
    path.write_text(path.read_text() + more)
    shown = json.loads(p2c("setup", "sales", "--dry-run", "--json").out)
    assert shown["absent"] == ["The table msdyn_warehouse is not in this environment."]


def test_a_table_whose_changes_are_not_tracked_is_named_with_the_place(
    p2c: P2C, sales: Sales
) -> None:
    assert json.loads(p2c("setup", "sales", "--dry-run", "--json").out)["untracked"] == []
    tables = sales.store.service.tables
    tables["quotes"] = tables["quotes"].model_copy(update={"change_tracking": False})
    assert "quotes. Power Apps" in " ".join(p2c("setup", "sales", "--dry-run").out.split())


@pytest.mark.parametrize("suffix", ["md", "csv", "json"])
def test_the_role_as_a_file(p2c: P2C, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"role.{suffix}"
    assert p2c("setup", "sales", "--role-file", str(path)).code == 0
    text = path.read_text()
    if suffix == "json":
        rows = json.loads(text)
        assert {one["privilege"] for one in rows} == NEEDED | {UNDO}
        assert {one["privilege"] for one in rows if one["optional"] == "yes"} == {UNDO}
    elif suffix == "csv":
        assert "prvAppendToProduct,pricelevel,AppendTo,Organization,orders_back,no\n" in text
    else:
        line = "| `salesorder` | `prv…Order` | yes | yes | yes | undo | yes |  |\n"
        assert line in text
    refused = p2c("setup", "sales", "--role-file", str(path))
    assert refused.code == 1
    assert path.read_text() == text


def test_a_role_file_of_no_known_kind_is_refused(p2c: P2C, tmp_path: Path) -> None:
    result = p2c("setup", "sales", "--role-file", str(tmp_path / "role.zip"))
    assert result.code == 1
    assert ".md, .csv, .json" in result.err
    assert not (tmp_path / "role.zip").exists()
