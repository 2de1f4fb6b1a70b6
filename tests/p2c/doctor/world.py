"""A tenant for the doctor: both services of the sandbox in this process, as switches have them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from p2c_sandbox.demo.seeding import Size
from p2c_sandbox.finops.lacking import lacking as finops_lacking
from p2c_sandbox.finops.lacking import list_sequences
from p2c_sandbox.finops.service import Finops, finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Headers, Request
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.base import list_messages, model, open_store
from p2c_sandbox.sales.call import USER_ID
from p2c_sandbox.sales.lacking import list_solutions
from p2c_sandbox.sales.security import roles
from p2c_sandbox.sales.security.catalogue import every
from p2c_sandbox.sales.service import SalesService
from p2c_sandbox.sales.settings import SalesSettings
from p2c_sandbox.services import FINOPS_DATA, SALES_DATA, Filling, fill

from loaders import SyncGraph
from loaders.models import Column, WriteTarget
from loaders.services.responses import finops_error, sales_error
from p2c.checks.doctor import Check, Refused, examine
from p2c.config.context import load

Make = Callable[..., "Tenant"]  # of its switches
ROLE = "0000000b-0000-0000-0000-00000000000f"
ROOTS = {"sales": "http://sales.test/api/data/v9.2", "finops": "http://finops.test/data"}


def graph() -> SyncGraph:
    """Orders come back to Sales, accounts go to F&O."""
    orders = WriteTarget(
        model="changes_sales__salesorders",
        relation="changes.changes_sales__salesorders",
        flow="orders_back",
        system="sales",
        entity_set="salesorders",
        key=("salesorderid",),
        operations=frozenset({"create", "update"}),
        columns={"customerid": Column("customerid", "varchar", lookup="accounts")},
        sources=("raw_finops.cds_sales_order_headers", "raw_sales.salesorders"),
    )
    customers = WriteTarget(
        model="changes_finops__customers",
        relation="changes.changes_finops__customers",
        flow="accounts",
        system="finops",
        entity_set="CustomersV2",
        key=("dataAreaId", "CustomerAccount"),
        operations=frozenset({"create", "update"}),
        columns={},
        sources=("raw_sales.accounts", "raw_finops.customers"),
    )
    return SyncGraph((orders, customers), "1")


@dataclass
class Tenant:
    """Answers as the services do; `asked` are the paths. `answers` go before the services."""

    sales: SalesService
    finops: Finops
    skew: float = 0.0
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, system: str, path: str) -> Mapping[str, Any]:
        self.asked.append(f"{system} {path}")
        for start, answer in self.answers.items():
            if f"{system} {path}".startswith(start):
                if isinstance(answer, Exception):
                    raise answer
                assert isinstance(answer, dict)
                return answer
        return self._served(system, path)

    def _served(self, system: str, path: str) -> Mapping[str, Any]:
        name, _, query = path.partition("?")
        request = Request("GET", ROOTS[system], name, query, Headers.of({}), b"")
        response = (self.sales if system == "sales" else self.finops).answer(request)
        if response.status != 200:
            words = sales_error if system == "sales" else finops_error
            raise Refused(response.status, words(response.body)[1] or "")
        found: Mapping[str, Any] = json.loads(response.body)
        return found

    def give_role(self, without: Sequence[str], basic: Sequence[str]) -> None:
        """Instead of System Administrator: every privilege but these, some for own rows only."""
        store = self.sales.store
        (assigned,) = store.find("systemuserrolescollection", {"systemuserid": USER_ID})
        roles.take(store, USER_ID, str(assigned["roleid"]))
        role = {**store.find("roles", {"roleid": assigned["roleid"]})[0], "roletemplateid": None}
        role = {n: v for n, v in role.items() if not n.startswith("_")} | {"roleid": ROLE}
        store.insert("roles", [role])
        held = [one for one in every(store.service).values() if one.name not in without]
        depths = {one.privilege_id: "Basic" if one.name in basic else "Global" for one in held}
        roles.add(store, role, depths)
        roles.give(store, USER_ID, ROLE)

    def ahead(self, system: str) -> float | None:
        return self.skew


def filled(folder: Path) -> Path:
    """The databases of the demo, small."""
    folder.mkdir()
    fill(folder, Filling("demo", Size(accounts=10, products=10)))
    return folder


def tenant(data: Path, folder: Path, **switches: object) -> Tenant:
    """A tenant over a copy of these databases; switches as `sales__columns_missing`."""
    shutil.copytree(data, folder)
    named: dict[str, dict[str, object]] = {"sales": {}, "finops": {}}
    for name, value in switches.items():
        system, _, switch = name.partition("__")
        named[system][switch] = value
    sales = SalesSettings.model_validate(named["sales"])
    finops = FinopsSettings.model_validate(named["finops"])
    sales_store = open_store(folder / SALES_DATA, service=model(sales))
    list_messages(sales_store, sales)
    list_solutions(sales_store, sales)
    finops_store = Store(finops_lacking(finops_model(), finops), folder / FINOPS_DATA)
    list_sequences(finops_store, finops)
    return Tenant(SalesService(sales_store, sales), Finops(finops_store, finops))


def examined(project: Path, probe: Tenant) -> list[Check]:
    """All that the doctor finds in a project with this tenant."""
    return list(examine(load(project), probe, graph))


def wrong(found: list[Check]) -> set[tuple[str, str]]:
    """(status, check) of all that is not ok."""
    return {(check.status, check.check) for check in found if check.status != "ok"}


def of(found: list[Check], name: str) -> list[Check]:
    """Those of one name."""
    return [check for check in found if check.check == name]
