"""Protocols B8: what is taken for an answer of the package API, and how long it is waited for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pipelines.common.package_errors import (
    ActionRefused,
    PackageError,
    PackageFailed,
    PackageNeverEnds,
    PackageNeverStarted,
    PackageWithoutFile,
    UnusablePackageAnswer,
)
from pipelines.common.packages import PackageActions, Patience, RowError, WriteAddress

NOT_FOUND = "…: Execution details were not found for execution id: job-1"


class Clock:
    """Time that passes by pausing alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Service:
    """Answers an action with the next of its answers, the last one for ever."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {name: list(found) for name, found in answers.items()}
        self.sent: list[tuple[str, Mapping[str, object], bool]] = []
        self.clock = Clock()

    def send(self, action: str, body: Mapping[str, object], again: bool) -> Any:
        self.sent.append((action, body, again))
        left = self.answers[action]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def actions(self) -> PackageActions:
        clock = self.clock
        patience = Patience(60, 600, 30, pause=clock.pause, clock=lambda: clock.now)
        return PackageActions(self.send, patience)


def values(*found: object) -> list[dict[str, object]]:
    return [{"value": value} for value in found]


def refused(status: int, message: str) -> ActionRefused:
    return ActionRefused("finops", "customers", "GetExecutionSummaryStatus", status, message)


@pytest.mark.parametrize("value", ["job-7", {"value": "job-7"}])
def test_both_forms_of_a_value_are_taken(value: object) -> None:
    service = Service(ExportToPackage=values(value))
    assert service.actions.export("p", "job-1", "usmf", "customers") == "job-7"
    ((_, body, again),) = service.sent
    assert (body["executionId"], body["legalEntityId"], again) == ("job-1", "usmf", False)


def test_a_job_is_waited_for_ever_more_patiently() -> None:
    early = refused(400, NOT_FOUND)
    statuses = values("Unknown", "NotRun", "Executing", "Executing", "Succeeded")
    service = Service(GetExecutionSummaryStatus=[early, *statuses])
    assert service.actions.succeeded("job-1", "customers") == "Succeeded"
    assert service.clock.pauses == [0.5, 1, 2, 4, 5]


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        (refused(400, NOT_FOUND), PackageNeverStarted, 60),
        ({"value": "Unknown"}, PackageNeverStarted, 60),
        ({"value": "Executing"}, PackageNeverEnds, 600),
        ({"value": "NotRun"}, PackageNeverEnds, 600),
    ],
)
def test_a_job_that_does_not_end_is_told_with_its_id(
    answer: Any, error: type[PackageError], seconds: float
) -> None:
    service = Service(GetExecutionSummaryStatus=[answer])
    with pytest.raises(error, match="job-1") as caught:
        service.actions.succeeded("job-1", "customers")
    assert seconds <= service.clock.now < seconds + 5
    assert (caught.value.about, caught.value.execution) == ("customers", "job-1")
    assert "nothing of it was loaded" in str(caught.value)


def test_any_other_refusal_ends_the_waiting() -> None:
    service = Service(GetExecutionSummaryStatus=[refused(403, "no rights")])
    with pytest.raises(ActionRefused, match="HTTP 403: no rights"):
        service.actions.ended("job-1", "customers")


@pytest.mark.parametrize("status", ["Failed", "Canceled", "PartiallySucceeded"])
def test_a_job_that_ends_badly_is_told_in_the_services_words(status: str) -> None:
    errors = json.dumps([{"ErrorMessage": f"row {number} is bad"} for number in range(5)])
    service = Service(GetExecutionSummaryStatus=values(status), GetExecutionErrors=values(errors))
    with pytest.raises(PackageFailed, match=f"{status}.*row 0 is bad; .*and 2 more") as caught:
        service.actions.succeeded("job-1", "customers")
    assert len(caught.value.reasons) == 5


def test_a_job_can_be_good_enough_in_part() -> None:
    service = Service(GetExecutionSummaryStatus=values("PartiallySucceeded"))
    assert service.actions.succeeded("job-1", "customers", partly=True) == "PartiallySucceeded"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[]", ()),
        ("", ()),
        (None, ()),
        ('[{"RecordId": "1", "Field": "Name", "ErrorMessage": "a\\nb"}]', (("1", "Name", "a b"),)),
        ([{"RECORDID": 7, "ErrorMessage": None}], (("7", "", ""),)),
        ('["only words"]', (("", "", "only words"),)),
    ],
)
def test_errors_in_every_form_seen(value: object, expected: tuple[RowError, ...]) -> None:
    assert Service(GetExecutionErrors=values(value)).actions.errors("j", "customers") == expected


def test_the_file_is_asked_for_until_it_is_there() -> None:
    service = Service(GetExportedPackageUrl=values("", None, "https://x.example/f?sig=1"))
    assert service.actions.file_url("job-1", "customers") == "https://x.example/f?sig=1"
    never = Service(GetExportedPackageUrl=values(""))
    with pytest.raises(PackageWithoutFile, match="job-1"):
        never.actions.file_url("job-1", "customers")
    assert 30 <= never.clock.now < 35


def test_where_to_write_stands_as_json_in_a_text() -> None:
    text = json.dumps({"BlobId": "b", "BlobUrl": "https://x.example/b?sig=1"})
    service = Service(GetAzureWriteUrl=values(text))
    found = service.actions.write_address("x.zip", "customers")
    assert found == WriteAddress("b", "https://x.example/b?sig=1")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda actions: actions.write_address("x.zip", "customers"), {"value": "{}"}),
        (lambda actions: actions.write_address("x.zip", "customers"), {"value": "no json"}),
        (lambda actions: actions.errors("job-1", "customers"), {"value": '{"a": 1}'}),
        (lambda actions: actions.file_url("job-1", "customers"), {"error": {}}),
        (lambda actions: actions.file_url("job-1", "customers"), []),
    ],
)
def test_anything_else_is_no_answer(call: Callable[[PackageActions], Any], answer: Any) -> None:
    names = ("GetAzureWriteUrl", "GetExecutionErrors", "GetExportedPackageUrl")
    service = Service(**{name: [answer] for name in names})
    with pytest.raises(UnusablePackageAnswer, match="customers"):
        call(service.actions)
