"""The data management package API of F&O (protocols B8): its actions, and waiting for their end.

How a request is sent is the caller's: `Send` takes an action's name and its body and gives the
JSON of the answer. Nothing here knows an HTTP client; files are moved by `blobs`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .package_errors import (
    ActionRefused,
    PackageFailed,
    PackageNeverEnds,
    PackageNeverStarted,
    PackageWithoutFile,
    UnusablePackageAnswer,
)

SYSTEM = "finops"
GROUPS = "DataManagementDefinitionGroups"
ACTIONS = f"{GROUPS}/Microsoft.Dynamics.DataEntities."  # POST below /data, the action's name after
SUCCEEDED, PARTLY, FAILED, CANCELED = "Succeeded", "PartiallySucceeded", "Failed", "Canceled"
ENDED = frozenset({SUCCEEDED, PARTLY, FAILED, CANCELED})
NOT_STARTED = frozenset({"Unknown", ""})
NOT_FOUND = "Execution details were not found"  # 400: asked too early, or never begun

# An action and its body in, the answer's JSON out. Raises ActionRefused where the service refuses
# it, and whatever it likes where there is no answer. `again`: whether it may be sent twice.
Send = Callable[[str, Mapping[str, object], bool], Any]


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: until a job is known, until it ends, until its file is there.

    Questions come at first after `first` seconds and then ever more rarely, up to `most` apart;
    Microsoft's own example asks 100 times, every 5 seconds.
    """

    start: float = 180
    end: float = 3600
    file: float = 300
    first: float = 0.5
    most: float = 5
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class RowError(NamedTuple):
    """One line of GetExecutionErrors, as far as the service fills it."""

    record: str
    field: str
    message: str


class WriteAddress(NamedTuple):
    """Where a package to import is left: the name of the file, and an address that is a key."""

    blob_id: str
    url: str


@dataclass(frozen=True)
class PackageActions:
    """The actions; `about` in each is the table or project that messages name."""

    send: Send
    patience: Patience = Patience()

    def act(
        self, action: str, body: Mapping[str, object], about: str, *, again: bool = True
    ) -> Any:  # noqa: ANN401 - JSON
        """The `value` of an action: plain, or in an object of its own; both forms are seen."""
        document = self.send(action, body, again)
        if not isinstance(document, dict) or "value" not in document:
            raise UnusablePackageAnswer(SYSTEM, about, action, "there is no value in it")
        value = document["value"]
        return value["value"] if isinstance(value, dict) and "value" in value else value

    def export(self, project: str, execution: str, company: str, about: str) -> str:
        """Have a package made; the execution's id, the one given unless the service has its own.

        Never sent twice: of a project that exports changes, the second one would hold those after
        the first. Where the answer is lost, asking for the status by the id tells what became of
        it.
        """
        body = {
            "definitionGroupId": project,
            "packageName": execution,
            "executionId": execution,
            "reExecute": False,
            "legalEntityId": company,
        }
        return self._begin("ExportToPackage", body, about)

    def begin_import(
        self, url: str, project: str, execution: str, company: str, about: str, *, overwrite: bool
    ) -> str:
        """Have the package at `url` imported; the execution's id. Never sent twice: a slow answer
        is a job that runs (protocols B8)."""
        body = {
            "packageUrl": url,
            "definitionGroupId": project,
            "executionId": execution,
            "execute": True,
            "overwrite": overwrite,
            "legalEntityId": company,
        }
        return self._begin("ImportFromPackage", body, about)

    def _begin(self, action: str, body: Mapping[str, Any], about: str) -> str:
        """Start an execution; its id, the one that was asked for where the service says none."""
        found = self.act(action, body, about, again=False)
        return found if isinstance(found, str) and found else str(body["executionId"])

    def status(self, execution: str, about: str) -> str:
        """How an execution stands; '' where the service does not know it (yet)."""
        try:
            body = {"executionId": execution}
            return str(self.act("GetExecutionSummaryStatus", body, about) or "")
        except ActionRefused as error:
            if error.status == 400 and NOT_FOUND in error.message:
                return ""
            raise

    def ended(self, execution: str, about: str) -> str:
        """Wait for the end; its status. Raises PackageNeverStarted or PackageNeverEnds."""
        seen = {"status": ""}

        def look() -> str | None:
            seen["status"] = self.status(execution, about)
            return seen["status"] if seen["status"] in ENDED else None

        def is_over(seconds: float) -> bool:
            unknown = seen["status"] in NOT_STARTED
            return seconds >= (self.patience.start if unknown else self.patience.end)

        found = self._until(look, is_over)
        if found is not None:
            return found
        if seen["status"] in NOT_STARTED:
            raise PackageNeverStarted(SYSTEM, about, execution, self.patience.start)
        raise PackageNeverEnds(SYSTEM, about, execution, seen["status"], self.patience.end)

    def succeeded(self, execution: str, about: str, *, partly: bool = False) -> str:
        """Wait for a good end; PackageFailed otherwise. partly: whether PartiallySucceeded is."""
        status = self.ended(execution, about)
        if status == SUCCEEDED or (partly and status == PARTLY):
            return status
        reasons = [error.message for error in self.errors(execution, about)]
        raise PackageFailed(SYSTEM, about, execution, status, reasons)

    def file_url_now(self, execution: str, about: str) -> str:
        """Where an exported package is, '' until it is ready."""
        return str(self.act("GetExportedPackageUrl", {"executionId": execution}, about) or "")

    def file_url(self, execution: str, about: str) -> str:
        """The same, waited for. Raises PackageWithoutFile."""
        found = self._until(
            lambda: self.file_url_now(execution, about) or None,
            lambda seconds: seconds >= self.patience.file,
        )
        if found is None:
            raise PackageWithoutFile(SYSTEM, about, execution, self.patience.file)
        return found

    def error_file_url(self, action: str, execution: str, entity: str, about: str) -> str:
        """Address of an import's error file, '' where there is none.

        action: GetImportStagingErrorFileUrl, or GetImportTargetErrorKeysFileUrl after
        GenerateImportTargetErrorKeysFile said true.
        """
        return str(self.act(action, {"executionId": execution, "entityName": entity}, about) or "")

    def errors(self, execution: str, about: str) -> tuple[RowError, ...]:
        """What the service says of an execution's errors; often nothing, even of a failed one."""
        value = self.act("GetExecutionErrors", {"executionId": execution}, about)
        found = self._json(value or "[]", "GetExecutionErrors", about)
        if not isinstance(found, list):
            reason = "the errors are no list"
            raise UnusablePackageAnswer(SYSTEM, about, "GetExecutionErrors", reason)
        return tuple(_row_error(item) for item in found)

    def write_address(self, file_name: str, about: str) -> WriteAddress:
        """Where to leave a package to import."""
        value = self.act("GetAzureWriteUrl", {"uniqueFileName": file_name}, about)
        found = self._json(value, "GetAzureWriteUrl", about)
        if not isinstance(found, dict) or not found.get("BlobUrl"):
            raise UnusablePackageAnswer(SYSTEM, about, "GetAzureWriteUrl", "there is no BlobUrl")
        return WriteAddress(str(found.get("BlobId", "")), str(found["BlobUrl"]))

    def _until(
        self, look: Callable[[], str | None], is_over: Callable[[float], bool]
    ) -> str | None:
        """What `look` finds at last, or None when it is over."""
        patience = self.patience
        began, pause = patience.clock(), patience.first
        while (found := look()) is None:
            if is_over(patience.clock() - began):
                return None
            patience.pause(pause)
            pause = min(pause * 2, patience.most)
        return found

    @staticmethod
    def _json(value: object, action: str, about: str) -> object:
        """These two actions answer with JSON in a text; a client has seen it plain."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise UnusablePackageAnswer(
                SYSTEM, about, action, "the text in it is no JSON"
            ) from None


def _row_error(item: object) -> RowError:
    if not isinstance(item, Mapping):
        return RowError("", "", str(item))
    named = {str(key).lower(): value for key, value in item.items()}
    words = (named.get(name) for name in ("recordid", "field", "errormessage"))
    return RowError(*("" if word is None else " ".join(str(word).split()) for word in words))
