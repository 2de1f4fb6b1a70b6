"""Privileges follow from what is declared: what is read, what is written, which lookups are set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loaders.models import Column, SyncGraph, WriteTarget
from p2c.config.context import Context, load
from p2c.tenant.privileges import UNDO, finops_entities, sales_privileges

SALES = """
things: {key: [thingid], columns: {thingid: text, ownerof: lookup}}
salesorders: {key: [salesorderid], columns: {salesorderid: text}}
unread: {key: [unreadid], columns: {unreadid: text}}
"""
FINOPS = """
CustomersV2: {table: customers, key: [dataAreaId], columns: {dataAreaId: text}}
Widgets: {key: [dataAreaId], columns: {dataAreaId: text}}
"""
ORDERS = Column("salesorderid", "varchar", lookup="salesorders")
THINGS = WriteTarget(
    model="changes_sales__things",
    relation="x",
    flow="things",
    system="sales",
    entity_set="things",
    key=("thingid",),
    operations=frozenset(("create", "update", "delete")),
    columns={"salesorderid": ORDERS},
    sources=("raw_finops.widgets",),
)
WIDGETS = WriteTarget(
    model="changes_finops__widgets",
    relation="x",
    flow="widgets",
    system="finops",
    entity_set="Widgets",
    key=("dataAreaId",),
    operations=frozenset(("create", "deactivate")),
    columns={},
    sources=("raw_sales.things",),
    on_delete="deactivate",
)


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("SOURCES__FINOPS__CUSTOMERS_ENTITY_SET", "CustomersV3")
    for system, declared in (("sales", SALES), ("finops", FINOPS)):
        folder = tmp_path / "pipelines" / system
        folder.mkdir(parents=True)
        (folder / "tables.yml").write_text(declared)
    (tmp_path / "dbt_project.yml").touch()
    return load(tmp_path)


def found(context: Context, *targets: WriteTarget) -> dict[str, tuple[tuple[str, ...], bool]]:
    privileges = sales_privileges(context, SyncGraph(targets, "v"))
    assert {one.depth for one in privileges} == {"Global"}
    return {f"{one.table} {one.access}": (one.why, one.optional) for one in privileges}


def test_what_is_declared_is_read(context: Context) -> None:
    privileges = found(context, WIDGETS)
    assert privileges["thing Read"] == (("widgets",), False)
    assert privileges["unread Read"] == (("p2c extract",), False)
    assert not [name for name in privileges if name.split()[1] != "Read"]


def test_what_is_written_and_its_lookups(context: Context) -> None:
    privileges = found(context, THINGS)
    assert {name: one for name, one in privileges.items() if name.startswith("thing ")} == {
        "thing Create": (("things",), False),
        "thing Read": (("p2c extract", "things"), False),
        "thing Write": (("things",), False),
        "thing Delete": ((UNDO,), True),
        "thing Append": (("things",), False),
    }
    assert privileges["salesorder AppendTo"] == (("things",), False)
    assert "things" in privileges["salesorder Read"][0]


def test_deleting_is_needed_where_the_policy_deletes(context: Context) -> None:
    target = replace(THINGS, on_delete="delete")
    assert found(context, target)["thing Delete"] == (("things", UNDO), False)
    kept = replace(THINGS, undo="none")
    assert "thing Delete" not in found(context, kept)


def test_a_flow_on_demand_asks_for_nothing_that_a_run_needs(context: Context) -> None:
    assert found(context, replace(THINGS, on_demand=True))["thing Write"] == (("things",), True)


def test_an_owner_that_is_written_is_assigned(context: Context) -> None:
    target = replace(THINGS, columns={"ownerid": Column("ownerid", "varchar")})
    assert found(context, target)["thing Assign"] == (("things",), False)
    assert "thing Append" not in found(context, target)


def test_names_are_those_of_dataverse(context: Context) -> None:
    privileges = sales_privileges(context, SyncGraph((THINGS,), "v"))
    names = {one.name: one.is_name_known for one in privileges}
    assert names["prvAppendToOrder"]
    assert not names["prvCreatething"]


def test_entities_of_finops(context: Context) -> None:
    entities = finops_entities(context, SyncGraph((WIDGETS, THINGS), "v"))
    customers, widgets = entities
    assert customers.entity_set == "CustomersV3"
    assert (customers.read, customers.create) == (("p2c extract",), ())
    assert widgets.read == ("things", "widgets")
    assert (widgets.create, widgets.update) == (("widgets",), ("widgets",))
    assert (widgets.delete, widgets.delete_for_undo) == ((UNDO,), True)
