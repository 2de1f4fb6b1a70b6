"""F&O in a sandbox, with what people do there, for tests of packages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from p2c_sandbox.faults.model import Fault
from p2c_sandbox.process import Running

from pipelines.common.loading import open_pipeline
from pipelines.run import FinopsConnection

from .conftest import Warehouse
from .test_sandbox import Pair

DECLARED = Path(__file__).parents[2] / "pipelines/finops/tables.yml"
CUSTOMER = {"dataAreaId": "usmf", "OrganizationName": "Adventure Works", "CustomerGroupId": "10",
            "SalesCurrencyCode": "USD"}  # fmt: skip


class Finops:
    """A sandbox whose jobs end at once, and what people do there."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.running, self.pair = running, Pair(running)
        declared = folder / "pipelines/finops/tables.yml"
        declared.parent.mkdir(parents=True)
        label = "package: {label: Customers V2"
        text = DECLARED.read_text()
        assert label in text
        declared.write_text(text.replace(label, f"{label}, changes: true"))
        self.project = folder

    def connection(self, **settings: Any) -> FinopsConnection:
        """Read by packages; the keys are not due."""
        fields = {"read_by": "package", "project_dir": self.project, **settings}
        return replace(self.pair.finops, **fields)

    def create(self, account: str, **more: Any) -> None:
        self.post("CustomersV2", **{**CUSTOMER, "CustomerAccount": account, **more})

    def post(self, path: str, **body: Any) -> None:
        self.pair.ask("finops", "POST", path, body)

    def change(self, account: str, **values: Any) -> None:
        self.pair.ask("finops", "PATCH", self._at(account), values)

    def delete(self, account: str) -> None:
        self.pair.ask("finops", "DELETE", self._at(account))

    def accounts(self) -> list[str]:
        """Those of the tests."""
        path = "CustomersV2?$filter=CustomerAccount eq 'P-*'"
        found = self.pair.ask("finops", "GET", path).json()["value"]
        return [row["CustomerAccount"] for row in found]

    def projects(self) -> list[str]:
        found = self.pair.ask("finops", "GET", "DataManagementDefinitionGroups").json()["value"]
        return [row["Name"] for row in found]

    def fault(self, kind: str, **more: Any) -> None:
        fault: Any = {"kind": kind, "service": "finops", **more}
        self.running.faults.set(Fault(**fault))

    def steal(self) -> None:
        """Somebody else exports the project: what changed is told to him."""
        (project,) = self.projects()
        actions = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities"
        for company in ("usmf", "demf", "usrt"):
            body = {"definitionGroupId": project, "executionId": "", "legalEntityId": company}
            self.pair.ask("finops", "POST", f"{actions}.ExportToPackage", body)

    @staticmethod
    def _at(account: str) -> str:
        return f"CustomersV2(dataAreaId='usmf',CustomerAccount='{account}')?cross-company=true"


def state_of(finops: Finops, warehouse: Warehouse) -> str:
    """The state that the next run of this warehouse starts from."""
    pipeline = open_pipeline("finops", warehouse.path, warehouse.state)
    state: dict[str, Any] = pipeline.state["sources"]["finops"]["resources"]["customers"]
    link: str = state["delta_link"]
    assert finops.projects()[0] in link
    return link
