"""Actions of `DataManagementDefinitionGroups` (protocols B8)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.packages import exporting
from p2c_sandbox.finops.packages.blobs import Blobs
from p2c_sandbox.finops.packages.history import History
from p2c_sandbox.finops.packages.import_actions import Imports
from p2c_sandbox.finops.packages.jobs import UNKNOWN, Execution, not_found
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.http import Json, Request

SET = "DataManagementDefinitionGroups"
_NAMESPACE = "Microsoft.Dynamics.DataEntities."
# Set on a request by a fault: its job never ends, or fails.
FAULT, NEVER_ENDS, FAILS = "x-sandbox-job", "job_never_ends", "job_fails"


class Packages:
    """Jobs live in memory, as long as the sandbox runs; watermarks and projects in the store."""

    def __init__(self, writings: Writings) -> None:
        self.writings, self.settings = writings, writings.settings
        self.blobs = Blobs(self.settings.package_url_seconds)
        self.history = History(writings.store)
        self._jobs: dict[str, Execution] = {}
        self.imports = Imports(writings, self.blobs, self._jobs)

    def run(self, action: str, request: Request) -> object:
        """The `value` of an action's answer. Raises NotOffered, FinopsError."""
        actions: dict[str, Callable[[Json, Request], object]] = {
            "ExportToPackage": self._export,
            "ExportToPackageAsync": self._export,
            "GetExportedPackageUrl": self._package_url,
            "ResetVersionToken": lambda body, _: self._reset(body),
            "GetExecutionSummaryStatus": lambda body, _: self._status(body),
            "GetExecutionErrors": lambda body, _: self.imports.errors(self._job(body)),
            "DeleteExecutionHistoryJob": lambda body, _: self._forget(body),
            **self._of_imports(),
        }
        name = action.removeprefix(_NAMESPACE)
        if name not in actions:
            raise NotOffered(f"The sandbox does not offer the action '{name}' of {SET}.")
        value = actions[name](request.json(), request)
        if name.startswith("ExportToPackage") and self.settings.package_value == "nested":
            return {"value": value}
        return value

    def _of_imports(self) -> dict[str, Callable[[Json, Request], object]]:
        imports = self.imports
        return {
            "GetAzureWriteUrl": lambda body, at: imports.write_url(body, _host(at)),
            "ImportFromPackage": lambda body, at: imports.start(
                body, never_ends=at.headers.get(FAULT) == NEVER_ENDS
            ),
            "GetImportStagingErrorFileUrl": lambda body, at: imports.staging_url(
                self._job(body), _entity(body), _host(at)
            ),
            "GenerateImportTargetErrorKeysFile": lambda body, _: imports.has_keys(
                self._job(body), _entity(body)
            ),
            "GetImportTargetErrorKeysFileUrl": lambda body, at: imports.keys_url(
                self._job(body), _entity(body), _host(at)
            ),
        }

    # -- export -----------------------------------------------------------------------------------

    def _export(self, body: Json, request: Request) -> str:
        store, project = self.writings.store, str(body.get("definitionGroupId", ""))
        exporting.project_of(store, project)
        name = str(body.get("executionId") or f"{project}-{uuid.uuid4()}")
        known = self._jobs.get(name)
        if known is not None and not body.get("reExecute"):
            raise FinopsError(f"The execution '{name}' already exists.")
        busy = any(job.project == project and job.runs for job in self._jobs.values())
        for job in self._jobs.values():
            job.move()
        self._jobs[name] = self._new(project)
        if request.headers.get(FAULT) == NEVER_ENDS:
            self._jobs[name].stuck = True
        elif request.headers.get(FAULT) == FAILS:
            self._jobs[name].problem = "The job was aborted on request."
        elif busy:
            self._jobs[name].problem = f"DMF2025: another job runs on the data project '{project}'."
        else:
            self._fill(name, body, known)
        return name

    def _new(self, project: str) -> Execution:
        settings = self.settings
        slow = settings.package_runs == "asynchronous"
        return Execution(
            polls=settings.package_polls if slow else 0,
            unseen=settings.package_unseen if slow else 0,
            url_polls=settings.package_url_polls,
            project=project,
            is_export=True,
        )

    def _fill(self, name: str, body: Json, known: Execution | None) -> None:
        job, company = self._jobs[name], str(body.get("legalEntityId", "")).lower()
        again = known.since if known else None
        store = self.writings.store
        try:
            found = exporting.export(store, self.settings, job.project, company, again)
        except exporting.ExportError as error:
            job.problem = str(error)
            return
        job.package, job.since, job.stuck = found.package, found.since, not found.mapped
        self.history.exported(name, job.project, found.rows, ended=found.mapped)

    def _package_url(self, body: Json, request: Request) -> str:
        job = self._job(body)
        if job.runs or job.stuck or job.problem is not None or job.package is None:
            return ""
        if job.url_polls > 0:
            job.url_polls -= 1
            return ""
        name = f"{uuid.uuid4()}.zip"
        self.blobs.put(name, job.package)
        return self.blobs.url(_host(request), name)

    def _reset(self, body: Json) -> bool:
        project, label = (str(body.get(key, "")) for key in ("definitionGroupId", "entityName"))
        return exporting.reset(self.writings.store, project, label)

    # -- both -------------------------------------------------------------------------------------

    def _status(self, body: Json) -> str:
        wanted = str(body.get("executionId", ""))
        job = self._jobs.get(wanted)
        if job is None and self.settings.package_unknown == "unknown":
            return UNKNOWN
        if job is None or job.unseen > 0:
            if job is not None:
                job.move()
            raise not_found(wanted)
        status = job.status()
        job.move()
        return status

    def _job(self, body: Json) -> Execution:
        wanted = str(body.get("executionId", ""))
        if wanted not in self._jobs:
            raise FinopsError(f"The execution '{wanted}' does not exist.")
        return self._jobs[wanted]

    def _forget(self, body: Json) -> None:
        """What a person does who ends a job and deletes its history."""
        self._job(body)
        del self._jobs[str(body["executionId"])]


def _entity(body: Json) -> str:
    return str(body.get("entityName", ""))


def _host(request: Request) -> str:
    parts = urlsplit(request.root)
    return f"{parts.scheme}://{parts.netloc}"
