"""Import jobs of the data management package API (protocols B8), over the client that writes.

A job has an id of ours, chosen and kept in the ledger before anything is sent: whatever becomes of
an answer, asking by this id tells whether the job is there, and it is never sent a second time.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import httpx
import stamina

from loaders.clock import Clock
from loaders.errors import AbortRun, AmbiguousAnswer, RetryLater, ServiceError, Stopped
from loaders.exact_json import dumps, loads
from loaders.models import ApplySettings
from loaders.services.answer import own_error, request_id
from loaders.services.http import ServiceClient
from loaders.services.package_refusals import Named
from loaders.services.responses import FINOPS_RETRY, finops_error
from loaders.services.writer import WAIT_INITIAL, WAIT_MAX
from pipelines.common.blobs import download, upload
from pipelines.common.package_errors import (
    ActionRefused,
    PackageError,
    PackageNeverEnds,
    PackageNeverStarted,
)
from pipelines.common.packages import ACTIONS, PackageActions, Patience

JSON = {"Accept": "application/json", "Content-Type": "application/json"}
SLICE = 0.5  # seconds after which a wait looks whether the run stops
# How a job stands: at its end, not yet, or unknown to the service as long as was waited.
Standing = Literal["ended", "running", "unknown"]


class PackageJobs:
    """The import jobs of one environment, one at a time (protocols B8)."""

    def __init__(
        self, client: ServiceClient, settings: ApplySettings, stop: threading.Event, clock: Clock
    ) -> None:
        self._client, self._settings = client, settings
        self._stop, self._clock = stop, clock
        self._turn, self._pausing = threading.Lock(), threading.Condition()
        self.notes: list[str] = []  # what a person should know of jobs that did not take their rows
        self.stuck = False  # a job has not ended: another one would wait behind it

    @property
    def stopping(self) -> bool:
        """Whether the run is to end."""
        return self._stop.is_set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the job before this one. Raises Stopped while stopping."""
        while not self._turn.acquire(timeout=SLICE):
            if self._stop.is_set():
                raise Stopped
        try:
            yield
        finally:
            self._turn.release()

    def leave(self, execution: str, entity: str, content: bytes) -> str:
        """Leave the package's file where the service will fetch it; its address.

        Raises RetryLater (nothing was begun), AbortRun.
        """
        try:
            address = self._actions().write_address(f"{execution}.zip", entity)
            with _file(content) as path:
                upload(address.url, path, entity, self._client.service.ca_file, self._pause)
        except ActionRefused as error:
            raise AbortRun(str(error), http_status=error.status) from error
        except AmbiguousAnswer as error:
            raise RetryLater(str(error), http_status=error.http_status) from error
        except PackageError as error:
            raise RetryLater(str(error)) from error
        return address.url

    def begin(self, execution: str, project: str, company: str, url: str, entity: str) -> None:
        """Have the service import a package. Whether it does where no answer comes, `standing`
        tells.

        Raises RetryLater (not begun, it may be sent again), AbortRun (refused).
        """
        body = {
            "packageUrl": url,
            "definitionGroupId": project,
            "executionId": execution,
            "execute": True,
            "overwrite": True,
            "legalEntityId": company,
        }
        try:
            self._actions().act("ImportFromPackage", body, entity, again=False)
        except ActionRefused as error:
            if not self._is_known(execution, entity):
                raise AbortRun(str(error), http_status=error.status) from error
        except (AmbiguousAnswer, PackageError):
            pass

    def standing(self, execution: str, entity: str, waited: float = 0) -> tuple[Standing, str]:
        """Wait for the end of a job: how it stands, and its status or why that is not known.

        `waited`: seconds since it was sent. Raises ServiceError when the service cannot be asked.
        """
        try:
            return "ended", self._actions(waited).ended(execution, entity)
        except PackageNeverEnds as error:
            self.stuck = True
            return "running", str(error)
        except PackageNeverStarted as error:
            return "unknown", str(error)
        except Stopped:
            return "running", f"The run stopped while the package job {execution} was running."
        except PackageError as error:
            raise RetryLater(str(error)) from error

    def note_refusals(self, execution: str, entity: str, named: Named) -> None:
        """Take in what a job's error list and error files name, as far as they can be had."""
        actions = self._actions()
        with _as_far_as_told():
            named.take_errors(actions.errors(execution, entity))
        asked = {"executionId": execution, "entityName": entity}
        with _as_far_as_told():
            self._take_file("GetImportStagingErrorFileUrl", execution, entity, named)
        with _as_far_as_told():
            if actions.act("GenerateImportTargetErrorKeysFile", asked, entity):
                self._take_file("GetImportTargetErrorKeysFileUrl", execution, entity, named)

    def _take_file(self, action: str, execution: str, entity: str, named: Named) -> None:
        """The address may be empty until the file is ready, or because there is none."""
        url = self._actions().error_file_url(action, execution, entity, entity)
        if not url:
            return
        with _file() as path:
            download(url, path, entity, self._client.service.ca_file, self._pause)
            named.take_file(path.read_bytes())

    def _is_known(self, execution: str, entity: str) -> bool:
        with _as_far_as_told():
            return self._actions().status(execution, entity) not in ("", "Unknown")
        return False

    def _actions(self, waited: float = 0) -> PackageActions:
        settings = self._settings
        patience = Patience(
            start=max(0.0, settings.finops_package_start - waited),
            end=max(0.0, settings.finops_package_seconds - waited),
            pause=self._pause,
            clock=self._clock.monotonic,
        )
        return PackageActions(self._send, patience)

    def _pause(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            if self._stop.is_set():
                raise Stopped
            with self._pausing:
                self._clock.wait(self._pausing, min(left, SLICE))

    def _send(self, action: str, body: Mapping[str, object], again: bool) -> Any:  # noqa: ANN401 - the protocol of PackageActions
        if not again:
            return self._once(action, body)
        for attempt in stamina.retry_context(
            on=self._may_pass,
            attempts=self._settings.attempts,
            timeout=None,
            wait_initial=WAIT_INITIAL,
            wait_max=WAIT_MAX,
        ):
            with attempt:
                return self._once(action, body)
        raise AssertionError  # the last attempt raises

    def _may_pass(self, error: Exception) -> bool:
        passing = isinstance(error, (RetryLater, AmbiguousAnswer))
        return passing and not self._stop.is_set()

    def _once(self, action: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        url = f"{self._client.service.url.rstrip('/')}/data/{ACTIONS}{action}"
        response = self._client.request("POST", url, content=dumps(body), headers=JSON)
        if response.is_success:
            try:
                return loads(response.content)
            except ValueError as error:
                raise AmbiguousAnswer(
                    f"The answer of {self._client.title} to {action} was cut off."
                ) from error
        raise self._refusal(action, response)

    def _refusal(self, action: str, response: httpx.Response) -> Exception:
        """Only the service's own words say that nothing was done (docs/decisions/0016)."""
        status = response.status_code
        if response.is_client_error and own_error(response.content):
            message = finops_error(response.content)[1] or ""
            if FINOPS_RETRY.search(message):
                return RetryLater(message, http_status=status)
            return ActionRefused("finops", str(action), action, status, message)
        return AmbiguousAnswer(
            f"{self._client.title} answered {action} with {status}.",
            http_status=status,
            request_id=request_id(response.headers),
        )


@contextmanager
def _file(content: bytes = b"") -> Iterator[Path]:
    """A file of its own, for its owner only, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="p2c-package-") as folder:
        path = Path(folder) / "package"
        path.write_bytes(content)
        yield path


@contextmanager
def _as_far_as_told() -> Iterator[None]:
    """An error file that cannot be had names nobody: its rows are looked for one by one."""
    with suppress(PackageError, ServiceError, Stopped):
        yield
