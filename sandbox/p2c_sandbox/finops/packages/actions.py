"""Actions of `DataManagementDefinitionGroups` (protocols B8)."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.packages.blobs import Blobs
from p2c_sandbox.finops.packages.importing import Outcome, PackageError, run
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.http import Json, Request

SET = "DataManagementDefinitionGroups"
_NAMESPACE = "Microsoft.Dynamics.DataEntities."
UNKNOWN, NOT_RUN, EXECUTING, FAILED = "Unknown", "NotRun", "Executing", "Failed"


@dataclass
class Execution:
    """One import job. `polls` is how often its status is still asked in vain."""

    outcome: Outcome | None
    polls: int = 0
    problem: str | None = None

    def status(self) -> str:
        if self.polls > 0:
            self.polls -= 1
            return EXECUTING
        if self.problem is not None:
            return FAILED
        return NOT_RUN if self.outcome is None else self.outcome.status

    def errors(self) -> list[dict[str, str]]:
        if self.problem is not None:
            return [{"RecordId": "", "Field": "", "ErrorMessage": self.problem}]
        failed = self.outcome.failed if self.outcome else []
        return [{"RecordId": key, "Field": "", "ErrorMessage": why} for _, key, why in failed]


class Packages:
    """Jobs live in memory, as long as the sandbox runs."""

    def __init__(self, writings: Writings, polls: int) -> None:
        self.writings = writings
        self.polls = polls
        self.blobs = Blobs()
        self._jobs: dict[str, Execution] = {}

    def run(self, action: str, request: Request) -> object:
        """The `value` of an action's answer. Raises NotOffered, FinopsError."""
        actions: dict[str, Callable[[Json, Request], object]] = {
            "GetAzureWriteUrl": self._write_url,
            "ImportFromPackage": self._import,
            "GetExecutionSummaryStatus": lambda body, _: self._status(body),
            "GetExecutionErrors": lambda body, _: json.dumps(self._job(body).errors()),
            "GetImportStagingErrorFileUrl": lambda *_: "",
            "GenerateImportTargetErrorKeysFile": lambda body, _: bool(self._keys(body)),
            "GetImportTargetErrorKeysFileUrl": self._keys_url,
        }
        name = action.removeprefix(_NAMESPACE)
        if name not in actions:
            raise NotOffered(f"The sandbox does not offer the action '{name}' of {SET}.")
        return actions[name](request.json(), request)

    def _write_url(self, body: Json, request: Request) -> str:
        """A string that holds JSON, not an object."""
        name = f"{uuid.uuid4()}-{body.get('uniqueFileName', '')}".replace("/", "-")
        return json.dumps({"BlobId": name, "BlobUrl": self.blobs.url(_host(request), name)})

    def _import(self, body: Json, _: Request) -> str:
        job = str(body.get("executionId") or f"{body.get('definitionGroupId', '')}-{uuid.uuid4()}")
        company = str(body.get("legalEntityId", "")).lower()
        self._jobs[job] = self._executed(body, company)
        return job

    def _executed(self, body: Json, company: str) -> Execution:
        if not body.get("execute", True):
            return Execution(None)
        package = self.blobs.read(str(body.get("packageUrl", "")))
        if package is None:
            return Execution(None, self.polls, "The package was not found at its address.")
        try:
            return Execution(run(self.writings, package, company), self.polls)
        except PackageError as error:
            return Execution(None, self.polls, str(error))

    def _status(self, body: Json) -> str:
        job = self._jobs.get(str(body.get("executionId", "")))
        return UNKNOWN if job is None else job.status()

    def _job(self, body: Json) -> Execution:
        wanted = str(body.get("executionId", ""))
        if wanted not in self._jobs:
            raise FinopsError(f"The execution '{wanted}' does not exist.")
        return self._jobs[wanted]

    def _keys(self, body: Json) -> list[tuple[str, str]]:
        """(entity, key) of the rows that did not go in."""
        outcome, wanted = self._job(body).outcome, str(body.get("entityName", "")).lower()
        failed = outcome.failed if outcome else []
        return [(name, key) for name, key, _ in failed if wanted in ("", name.lower())]

    def _keys_url(self, body: Json, request: Request) -> str:
        found = self._keys(body)
        if not found:
            return ""
        text = io.StringIO()
        csv.writer(text).writerows([("Entity", "Key"), *found])
        name = f"{uuid.uuid4()}.csv"
        self.blobs.put(name, text.getvalue().encode())
        return self.blobs.url(_host(request), name)


def _host(request: Request) -> str:
    parts = urlsplit(request.root)
    return f"{parts.scheme}://{parts.netloc}"
