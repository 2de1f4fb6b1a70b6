"""The actions that import a package, and tell which of its rows were refused (protocols B8)."""

from __future__ import annotations

import json
import uuid
from collections.abc import MutableMapping

from p2c_sandbox.finops.company import Company
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.packages.blobs import Blobs
from p2c_sandbox.finops.packages.error_files import (
    keys_file,
    listed,
    named,
    of_entity,
    staging_file,
)
from p2c_sandbox.finops.packages.history import History
from p2c_sandbox.finops.packages.importing import Outcome, PackageError, Refusal, run
from p2c_sandbox.finops.packages.jobs import Execution
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.http import Json

PROJECTS = "DataManagementDefinitionGroups"


class Imports:
    """Import jobs, beside the exports in `jobs`."""

    def __init__(
        self, writings: Writings, blobs: Blobs, jobs: MutableMapping[str, Execution]
    ) -> None:
        self.writings, self.settings = writings, writings.settings
        self.blobs, self.jobs = blobs, jobs
        self.history = History(writings.store)

    def write_url(self, body: Json, host: str) -> str:
        """A string that holds JSON, not an object."""
        name = f"{uuid.uuid4()}-{body.get('uniqueFileName', '')}".replace("/", "-")
        return json.dumps({"BlobId": name, "BlobUrl": self.blobs.url(host, name)})

    def start(self, body: Json, *, never_ends: bool) -> str:
        """Run an import; its execution id. One that never ends stays in the midst of its rows."""
        project = str(body.get("definitionGroupId", ""))
        name = str(body.get("executionId") or f"{project}-{uuid.uuid4()}")
        if name in self.jobs:
            raise FinopsError(f"The execution '{name}' already exists.")
        self._project(project, overwrite=bool(body.get("overwrite")))
        busy = any(job.project == project and job.runs for job in self.jobs.values())
        for job in self.jobs.values():
            job.move()
        settings = self.settings
        job = self.jobs[name] = Execution(
            polls=settings.package_polls,
            unseen=settings.package_unseen,
            project=project,
            stuck=never_ends,
        )
        if busy:
            job.problem = f"DMF2025: another job runs on the data project '{project}'."
        elif body.get("execute", True):
            self._execute(name, body)
        return name

    def errors(self, job: Execution) -> str:
        """A string that holds a list."""
        if job.problem is not None:
            return json.dumps([{"RecordId": "", "Field": "", "ErrorMessage": job.problem}])
        return json.dumps(listed(named(job.outcome, self.settings)))

    def staging_url(self, job: Execution, entity: str, host: str) -> str:
        """Where the lines are that were not staged; empty without any."""
        return self._kept(staging_file(self._told(job), entity), host)

    def has_keys(self, job: Execution, entity: str) -> bool:
        """Whether the target refused rows of an entity."""
        return any(not one.staging for one in of_entity(self._told(job), entity))

    def keys_url(self, job: Execution, entity: str, host: str) -> str:
        """Where their keys are; empty without any."""
        return self._kept(keys_file(self._told(job), entity), host)

    def _told(self, job: Execution) -> list[Refusal]:
        return [] if job.stuck else named(job.outcome, self.settings)

    def _kept(self, content: bytes | None, host: str) -> str:
        if content is None:
            return ""
        name = f"{uuid.uuid4()}.csv"
        self.blobs.put(name, content)
        return self.blobs.url(host, name)

    def _project(self, name: str, *, overwrite: bool) -> None:
        """The project of an import is made with it, or replaced when that is asked for."""
        store = self.writings.store
        if store.get(PROJECTS, {"Name": name}) is None:
            project = {"Name": name, "OperationType": "Import"}
            table = store.service.tables[PROJECTS]
            self.writings.insert(table, project, Company("", cross=True))
        elif not overwrite:
            raise FinopsError(
                f"The data project '{name}' exists and overwrite has not been specified."
            )

    def _execute(self, name: str, body: Json) -> None:
        job, company = self.jobs[name], str(body.get("legalEntityId", "")).lower()
        package = self.blobs.read(str(body.get("packageUrl", "")))
        if package is None:
            job.problem = "The package was not found at its address."
            return
        try:
            job.outcome = run(self.writings, package, company, half=job.stuck)
        except PackageError as error:
            job.problem = str(error)
            return
        self._note(name, job.project, job.outcome)

    def _note(self, name: str, project: str, outcome: Outcome) -> None:
        for label in outcome.written:
            created, written = outcome.created[label], outcome.written[label]
            self.history.imported(name, project, label, created=created, updated=written - created)
