"""New records of F&O as data packages, under faults and kill -9.

A package has its rows in one place for as long as its job runs, so each step of a job is a case:
whatever becomes of the run, no job is begun twice and each row has its outcome.
"""

from __future__ import annotations

import os
import random

import pytest
from p2c_sandbox.faults.model import Fault

from tests.faults.chance import play
from tests.faults.stage import Case, Stage

WHOLE = "P2C_FAULT_CASES" in os.environ
MIXES = range(int(os.environ.get("P2C_FAULT_CASES", "8")) // 6)
ACTIONS = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
IMPORT, STATUS = "ImportFromPackage", "GetExecutionSummaryStatus"
# Where a run dies: the path of the request, which one of them, and on which side of it.
STEPS = {
    "before what is there is looked for": ("$batch", 1, "before"),
    "before the file is left": ("GetAzureWriteUrl", 1, "after"),
    "after the file is left": (IMPORT, 1, "before"),
    "after the job began": (IMPORT, 1, "after"),
    "before the first question": (STATUS, 1, "before"),
    "while the job runs": (STATUS, 1, "after"),
    "when the job has ended": (STATUS, 2, "after"),
    "when the rows are looked for": ("$batch", 2, "after"),
    "before the refusals are asked for": ("GetExecutionErrors", 1, "before"),
    "after the refusals were told": ("GetImportTargetErrorKeysFileUrl", 1, "after"),
}
SAMPLE = ("after the job began", "when the job has ended")
PLACES = STEPS if WHOLE else SAMPLE


def packaged(stage: Stage, name: str, bad: int = 2) -> Case:
    """Twenty customers to create in packages of nine, some of them there or refused."""
    case = stage.case(name.replace(" ", "-"), packages=True)
    case.want(sales=0, finops=20, there=2, bad=bad)
    return case


def written_twice(stage: Stage) -> int:
    """Rows that a package changed: each of them was there, from an earlier one."""
    details = stage.apis["finops"].rows("DataManagementExecutionJobDetails")
    return sum(row["TargetRecordsUpdatedCount"] for row in details)


@pytest.mark.parametrize("step", PLACES)
def test_killed_at_each_step(stage: Stage, step: str) -> None:
    path, number, when = STEPS[step]
    case = packaged(stage, step)
    answer = case.run({"at": "request", "path": path, "n": number, "when": when})
    assert answer["died"], answer
    case.end()
    assert written_twice(stage) == 0


@pytest.mark.parametrize("statement", range(20, 80, 5) if WHOLE else (40,))
def test_killed_before_a_statement_of_the_ledger(stage: Stage, statement: int) -> None:
    case = packaged(stage, f"statement-{statement}")
    case.run({"at": "statement", "n": statement})
    case.end()


KINDS = ("drop_before", "drop_after", "html_after", "html", "throttle", "truncated", "deadlock")
FAULTS = [(kind, action) for kind in KINDS for action in (IMPORT, STATUS, "GetExecutionErrors")]


@pytest.mark.parametrize(("kind", "action"), FAULTS if WHOLE else FAULTS[::8])
def test_each_fault_at_an_action(stage: Stage, kind: str, action: str) -> None:
    case = packaged(stage, f"{kind}-{action}")
    method = "POST" if kind == "truncated" else None
    case.faults(Fault(kind=kind, path=action, method=method, times=2, retry_after=1))
    answer = case.run()
    assert answer["status"] in ("ok", "partial", "aborted"), answer
    assert sum(case.stage.sandbox.faults.struck()) > 0
    case.end()


def test_a_package_that_is_cut_off(stage: Stage) -> None:
    case = packaged(stage, "cut-off")
    case.faults(Fault(kind="cut_upload", path="blobs", method="PUT", times=2))
    answer = case.run()
    assert (answer["status"], answer["written"]) == ("partial", 18), answer
    case.end()


@pytest.mark.parametrize("kind", ["truncated", "drop_midbody"] if WHOLE else ["truncated"])
def test_an_error_file_that_is_cut_off(stage: Stage, kind: str) -> None:
    case = packaged(stage, f"error-file-{kind}")
    lost = Fault(kind="html", path="GetExecutionErrors", times=9)
    case.faults(Fault(kind=kind, path="blobs", method="GET", times=9), lost)
    answer = case.run()
    assert (answer["status"], answer["written"]) == ("partial", 18), answer
    case.end()


def test_error_files_that_name_half_of_the_rows(half: Stage) -> None:
    """The others are refused one by one, in the service's own words."""
    case = packaged(half, "half-named", bad=10)
    answer = case.run()
    assert (answer["status"], answer["written"], answer["failed"]) == ("partial", 10, 10), answer
    [(count,)] = case.ledger("select count(*) from writes where error_message like '%nope%'")
    assert count == 10
    case.end()


def test_a_job_that_never_ends(stage: Stage) -> None:
    """The run says so, the next ones go on beside it, and its rows wait until it is gone."""
    case = packaged(stage, "never-ends", bad=0)
    case.faults(Fault(kind="job_never_ends", path=IMPORT))
    answer = case.run()
    assert (answer["status"], "is still Executing" in answer["error"]) == ("aborted", True), answer
    assert open_rows(case)
    case.faults()
    answer = case.run()
    assert answer["status"] == "ok", answer
    [execution] = {request_id for request_id, _ in open_rows(case)}
    held_back = {record_key for _, record_key in open_rows(case)}
    assert 0 < len(held_back) < 9
    stage.apis["finops"].create(
        f"{ACTIONS}DeleteExecutionHistoryJob", {"executionId": f"{execution}-usmf"}
    )
    case.end()


def open_rows(case: Case) -> list[tuple[str, str]]:
    """(id of its package, record key) of each row of which nobody knows what became."""
    return [
        (str(request_id), str(record_key))
        for request_id, record_key in case.ledger(
            "select request_id, record_key from writes where status in ('sent', 'unresolved')"
        )
    ]


@pytest.mark.parametrize("seed", MIXES)
def test_faults_and_kills_at_random(stage: Stage, seed: int) -> None:
    chance = random.Random(f"packages {seed}")
    case = stage.case(f"mix-packages-{seed}", packages=True)
    play(case, chance, sales=chance.choice((0, 6)))


@pytest.fixture(scope="module")
def half(sandboxes, runner, tmp_path_factory: pytest.TempPathFactory, figures) -> Stage:
    running = sandboxes.start("base", switches={"finops.package_named": "half"})
    return Stage(running, runner, tmp_path_factory.mktemp("half"), figures)
