"""Having packages of a table made: its data project, an export for each company, the files.

One call exports one company (protocols B8), one after the other: two jobs on one project refuse
each other.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..common.arrow import Row
from ..common.blobs import download
from ..common.client import ODataClient
from ..common.errors import ExtractError, ServiceRefused, UnknownTable
from ..common.http import address
from ..common.package_errors import ActionRefused, BlobExpired
from ..common.packages import GROUPS, NOT_STARTED, PackageActions
from ..common.paging import rows_of
from ..common.reading import Tally
from ..common.rows import Rows
from ..common.tables import Table
from .package_csv import rows_in
from .package_state import PackageState

DETAILS = "DataManagementDefinitionGroupDetails"
JOBS = "DataManagementExecutionJobDetails"
FULL_PUSH, INCREMENTAL_PUSH = "FullPush", "IncrementalPush"
COMPANIES = ("LegalEntities", "LegalEntityId")


@dataclass(frozen=True)
class Exporter:
    """Packages of one table. `tally` is told how many rows have come."""

    client: ODataClient
    table: Table
    actions: PackageActions
    tally: Tally

    def make_project(self, state: PackageState) -> None:
        """The data project that `state` names, with the entity as its only line."""
        packaged = self.table.packaged
        assert packaged is not None
        group: dict[str, object] = {
            "Name": state.project,
            "Description": f"prospect-to-cash reads {self.table.name}"[:60],
            "OperationType": "Export",
            "ProjectCategory": "Project",
            "GenerateDataPackage": "Yes",
        }
        line = {
            "DefinitionGroupId": state.project,
            "EntityName": packaged.label,
            "SourceFormat": "CSV-Unicode",
            "DefaultRefreshType": INCREMENTAL_PUSH if state.changes else FULL_PUSH,
            # Without a field map nothing is exported, and the job does not end (protocols B8).
            "AutoGenerateMapping": "Yes",
            "SkipStaging": "No",
            "ExecutionUnit": 1,
            "LevelInExecutionUnit": 1,
            "SequenceInLevel": 1,
        }
        self._post(GROUPS, group)
        self._post(DETAILS, line)

    def remove_project(self, state: PackageState) -> None:
        """Clear away a project of ours; it costs nothing where the service keeps it."""
        with suppress(ExtractError):
            self.client.delete(f"{GROUPS}('{state.project}')")

    def rows(self, state: PackageState, companies: list[str]) -> Rows:
        """The rows of one export of all companies. Raises PackageError."""
        found = Rows(self.table, self.client.folder)
        with tempfile.TemporaryDirectory(prefix="p2c-", dir=self.client.folder) as folder:
            for company in companies:
                package = self._package(state, company, Path(folder) / "package.zip")
                for part in rows_in(package, self.table, company) if package else ():
                    found.add(part)
                    self.tally(found.num_rows)
        found.keep_last()
        return found

    def companies(self) -> list[str]:
        """Legal entities, by the service's own list; a table without companies needs only one."""
        entity_set, field = COMPANIES
        found = self._read(entity_set, {"$select": field, "$orderby": field})
        names = sorted({str(row[field]).lower() for row in found if row.get(field)})
        return names if "data_area_id" in self.table.key else names[:1]

    def _package(self, state: PackageState, company: str, target: Path) -> Path | None:
        """The file of one company; None where an export of changes found none."""
        execution, about = state.execution(company), self.table.name
        if self.actions.status(execution, about) in NOT_STARTED:
            execution = self._begin(state, execution, company)
        # Of changes all have to be there; a full reading is compared with the service's count.
        self.actions.succeeded(execution, about, partly=not state.changes)
        url = self.actions.file_url_now(execution, about)
        # Whether an export without rows has a file nobody knows (protocols B8).
        if not url and state.changes and self._staged(execution) == 0:
            return None
        self._fetch(url or self.actions.file_url(execution, about), execution, target)
        return target

    def _begin(self, state: PackageState, execution: str, company: str) -> str:
        """Start the export; where the answer is lost, the id tells later what became of it."""
        try:
            return self.actions.export(state.project, execution, company, self.table.name)
        except ActionRefused:
            raise
        except ExtractError:
            return execution

    def _fetch(self, url: str, execution: str, target: Path) -> None:
        """An address lives for a while, the file for days: a second one may be asked for."""
        about, ca_file = self.table.name, self.client.connection.ca_file
        pause = self.actions.patience.pause
        try:
            download(url, target, about, ca_file, pause)
        except BlobExpired:
            download(self.actions.file_url(execution, about), target, about, ca_file, pause)

    def _staged(self, execution: str) -> int | None:
        """Rows of an export by the service's own record of it; None where it has none."""
        query = {"$filter": f"JobId eq '{execution}'"}
        with suppress(ExtractError):
            for row in self._read(JOBS, query):
                return int(row.get("StagingRecordsToBeProcessedCount", -1))
        return None

    def _read(self, entity_set: str, query: dict[str, str]) -> list[Row]:
        """Rows of a set that fits into one page."""
        document = self.client.ask(address(entity_set, {**self.client.connection.query, **query}))
        return rows_of(document, self.client.system, entity_set)

    def _post(self, entity_set: str, body: dict[str, object]) -> None:
        try:
            self.client.post(entity_set, body, again=False)
        except ServiceRefused as error:
            status, message = error.status, error.message
        except UnknownTable as error:
            status, message = 404, error.reason
        else:
            return
        raise ActionRefused(
            self.client.system, self.table.name, f"a data project ({entity_set})", status, message
        )
