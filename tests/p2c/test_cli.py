"""The command line as scripts and people meet it: exits, streams, JSON; the borders are fakes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

import loaders
from loaders import ApplyReport, Change, Ledger, Plan, RunReport, SyncGraph, TargetCounts
from loaders.errors import Finding, GuardStop, StalePlan
from loaders.models import Judge, WriteTarget
from p2c.cli import main
from p2c.commands import steps
from p2c.errors import BuildError
from p2c.lock import hold
from p2c.run import engine, flows

PLAN = Plan(
    plan_id="plan-1",
    run_id="run-1",
    created_at=datetime(2026, 1, 31, tzinfo=UTC),
    status="planned",
    mapping_version="v",
    snapshots=(),
    fingerprints={},
    flows=("accounts",),
    limit=None,
    counts={("accounts", "finops.CustomersV2"): {"create": 1, "update": 1}},
)
NOTHING = Plan(**{**PLAN.__dict__, "counts": {}})
FLOW = {
    "flow": "accounts",
    "target": "finops.CustomersV2",
    "source_rows": 5,
    "filtered": 1,
    "identical": 1,
    "create": 1,
    "update": 1,
    "deactivate": 0,
    "rejected": 1,
    "blocked": 0,
    "conflict": 0,
    "drift": 0,
    "written": 0,
    "failed": 0,
    "quarantined": 0,
    "stale": 0,
    "unverified": 0,
}


def change(**values: Any) -> Change:
    given = {
        "write_id": "w1",
        "change_id": "c1",
        "model": "changes_finops__customers",
        "flow": "accounts",
        "operation": "create",
        "source_key": "ACC-1",
        "record_key": "usmf/ACC-1",
        "record_id": None,
        "key_values": "{}",
        "etag": None,
        "changed_columns": "[]",
        "before": None,
        "after": '{"Name": "Ünal\\"s", "CreditLimit": 1234567890123456.78}',
        "parents": "[]",
    }
    return Change(**{**given, **values})


CHANGES = [
    change(),
    change(
        write_id="w2",
        operation="update",
        record_key="usmf/ACC-2",
        before='{"Name": "Old"}',
        after='{"Name": null}',
    ),
]


@dataclass
class World:
    """What the fakes answer, and what was asked of them."""

    plan: Plan = PLAN
    status: str = "ok"
    guard: str = ""
    stale: bool = False
    asked: list[str] = field(default_factory=list)

    def refresh(self, run: engine.Run, chosen: list[str]) -> None:
        self.asked.append(f"refresh {' '.join(chosen)}".strip())

    def make_plan(
        self, *_: object, select: list[str] | None, judge: Judge | None, **__: object
    ) -> Plan:
        if judge:
            judge(self.plan)
        return self.plan

    def check_guards(self, *values: Any) -> None:
        limits = values[-1]
        if self.guard and self.guard not in limits.allow:
            raise GuardStop([Finding(self.guard, "Too much.", "max_changes")])

    def apply_plan(self, *_: object, judge: Judge | None, **__: object) -> ApplyReport:
        if self.stale:
            raise StalePlan("plan-1", ["raw_sales.accounts was read again"])
        if judge:
            judge(self.plan)
        self.asked.append("apply")
        counts = {key: TargetCounts(written=2) for key in self.plan.counts}
        return ApplyReport("plan-1", self.status, 1.0, counts)

    def flow_report(self, *values: Any, run_id: str, seconds: float) -> RunReport:
        applied = values[-1]
        written = applied.written if applied else 0
        status = applied.status if applied else "ok"
        return RunReport(run_id, status, seconds, written, ({**FLOW, "written": written},))


@pytest.fixture
def world(project: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    plan = World()
    model = "changes_finops__customers"
    target = WriteTarget(model, model, "accounts", "finops", "CustomersV2", (), frozenset(), {})
    graph = SyncGraph((target,), "v")
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    monkeypatch.setattr(engine, "refresh", plan.refresh)
    monkeypatch.setattr(flows, "graph", lambda context, fresh=False: graph)
    monkeypatch.setattr(engine, "services", lambda context: {})
    monkeypatch.setattr(engine, "publish", lambda *_, **__: 0)
    monkeypatch.setattr(engine, "check_build", lambda *_: None)
    for name in ("make_plan", "check_guards", "apply_plan", "flow_report"):
        monkeypatch.setattr(engine, name, getattr(plan, name))
    changes = CHANGES if plan.plan.counts else []
    monkeypatch.setattr(loaders, "plan_changes", lambda ledger, plan_id: iter(changes))
    monkeypatch.setattr(loaders, "load_plan", lambda ledger, plan_id: plan.plan)
    return plan


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def p2c(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    def call(*words: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        code = ended.value.code
        said = capsys.readouterr()
        return Result(int(code or 0), said.out, said.err)

    return call


Call = Callable[..., Result]


def test_help_names_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "p2c", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in ("doctor", "extract", "build", "plan", "apply", "run", "status", "rejects"):
        assert f"\n  {name} " in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from p2c.cli import app; "
        "print([m for m in ('dlt', 'duckdb', 'pyarrow', 'pydantic', 'loaders', 'dbt') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pln"], "Did you mean 'plan'"),
        (["plan", "--lmit", "3"], "--limit"),
        (["plan", "--limit", "-1"], "greater than or equal to 0"),
        (["apply"], "Missing argument 'PLAN'"),
        (["run", "--select", "acounts"], "Did you mean accounts?"),
        (["run", "--allow", "everything"], "the guards are empty_source"),
        (["sandbox", "load", "/no/such/folder"], "does not exist"),
    ],
)
def test_wrong_usage_exits_2_and_helps(
    world: World, p2c: Call, words: list[str], said: str
) -> None:
    result = p2c(*words)
    assert result.code == 2
    assert said in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pln", "--json"], "Did you mean 'plan'"),
        (["plan", "--json", "--lmit", "3"], "--limit"),
        (["plan", "--limit", "-1", "--json"], "greater than or equal to 0"),
        (["apply", "--json"], "Missing argument 'PLAN'"),
        (["run", "--select", "acounts", "--json"], "Did you mean accounts?"),
        (["rejects", "--flow", "acounts", "--json"], "Did you mean accounts?"),
        (["explain", "", "--json"], "it is empty: give an account number"),
        (["sandbox", "do", "confirm-ordr", "--json"], "confirm-order"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_with_json_is_an_object(
    world: World, p2c: Call, words: list[str], said: str
) -> None:
    """typer's own errors and ours: exit 2, the sentence on stdout as JSON and on stderr."""
    result = p2c(*words)
    assert result.code == 2
    assert set(result.data) == {"status", "error"}
    assert result.data["status"] == "failed"
    assert said in result.data["error"]
    assert said.split(maxsplit=1)[0] in result.err


@pytest.mark.parametrize("option", ["--flow", "--select", "-s"])
@pytest.mark.parametrize("command", ["rejects", "explain", "plan", "run", "extract", "retry"])
def test_every_command_that_takes_flows_says_which_there_are(
    world: World, p2c: Call, command: str, option: str
) -> None:
    """`--flow nope` is answered by the flows that exist, whichever way it is written."""
    words = ["A-1"] if command == "explain" else []
    result = p2c(command, *words, option, "nope")
    assert result.code == 2
    assert "there is no flow 'nope'. The flows are accounts." in result.err
    assert option.replace("-s", "--select") in result.err or option == "--select"


@pytest.mark.parametrize("record", ["", "  "])
def test_explain_of_nothing_says_what_to_give(world: World, p2c: Call, record: str) -> None:
    """`p2c explain ""`, as a script with an empty variable calls it."""
    result = p2c("explain", record)
    assert result.code == 2
    assert "RECORD: it is empty: give an account number" in result.err


def refused(number: int, *names: str) -> OSError:
    return OSError(number, os.strerror(number), *names[:1], None, *names[1:])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            refused(errno.ENOSPC, "/data/x.parquet"),
            "No space left on device: /data/x.parquet: make",
        ),
        (
            refused(errno.EACCES, ".p2c/ledger.sqlite"),
            "Permission denied: .p2c/ledger.sqlite: give",
        ),
        (refused(errno.EROFS, "logs/dbt.log"), "Read-only file system: logs/dbt.log: make it"),
        (refused(errno.EXDEV, "/a", "/b"), "/a, /b"),
    ],
)
def test_the_machine_s_refusals_name_the_file(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
) -> None:
    """An error of the operating system is a sentence: what, which file, what to do."""

    def refresh(*_: object) -> None:
        raise error

    monkeypatch.setattr(engine, "refresh", refresh)
    result = p2c("run", "--json")
    assert result.code == 1
    assert said in result.data["error"]
    assert "Unexpected" not in result.data["error"]


def test_a_full_disk_that_names_no_file_is_told_by_its_folder(
    world: World, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing to an open file fails without its name: the folders without room are named."""

    def refresh(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    full = (project / ".p2c").resolve()

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if Path(path).resolve() == full else 10**9)

    monkeypatch.setattr(engine, "refresh", refresh)
    monkeypatch.setattr("p2c.os_errors.shutil.disk_usage", usage)
    error = p2c("run", "--json").data["error"]
    assert error.startswith(f"No space left on device: {full} (0.0 MB free): make room there")
    assert "warehouse.duckdb" not in error


@pytest.mark.parametrize(
    "error",
    [
        BuildError("dbt: [Errno 28] No space left on device. The full log is logs/dbt.log."),
        RuntimeError("database or disk is full"),
    ],
)
def test_a_full_disk_that_a_tool_beneath_met_is_named_too(
    world: World,
    project: Path,
    p2c: Call,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """dbt says no more than that there is no space; the folder is found and named."""

    def refresh(*_: object) -> None:
        raise error

    full = (project / "target").resolve()

    def usage(path: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if Path(path) == full else 10**9)

    full.mkdir()
    monkeypatch.setattr(engine, "refresh", refresh)
    monkeypatch.setattr("p2c.os_errors.shutil.disk_usage", usage)
    said = p2c("run", "--json").data["error"]
    assert str(error) in said
    assert said.endswith(f"There is no room left for {full} (0.0 MB free): make some first.")


def test_a_failure_is_one_sentence_without_a_trace(tmp_path: Path, p2c: Call) -> None:
    result = p2c("--project-dir", str(tmp_path), "status")
    assert result.code == 1
    assert result.err.startswith("Error: ")
    assert "has no dbt_project.yml" in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


def test_a_failure_with_json_is_an_object_too(tmp_path: Path, p2c: Call) -> None:
    result = p2c("--project-dir", str(tmp_path), "status", "--json")
    assert result.code == 1
    assert result.data["status"] == "failed"
    assert "dbt_project.yml" in result.data["error"]


def test_debug_shows_the_trace(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"has no dbt_project\.yml"):
        main(["--debug", "--project-dir", str(tmp_path), "status"])


def test_plan_shows_changes_field_by_field_and_writes_nothing(world: World, p2c: Call) -> None:
    result = p2c("plan")
    assert result.code == 0
    assert "+ usmf/ACC-1" in result.out
    assert "~ usmf/ACC-2" in result.out
    assert 'Name: "Old" -> null' in result.out
    assert "Plan: 1 to create, 1 to update." in result.out
    assert "p2c apply plan-1" in result.out
    assert world.asked == ["refresh"]


def test_plan_cuts_the_sample_and_says_so(world: World, p2c: Call) -> None:
    result = p2c("plan", "--limit", "1", "--no-refresh")
    assert "usmf/ACC-2" not in result.out
    assert "1 more; --limit 0 shows all" in result.out
    assert world.asked == []


def test_plan_json_has_the_design_s_shape_and_exact_numbers(world: World, p2c: Call) -> None:
    result = p2c("plan", "--json")
    assert result.data["plan_id"] == "plan-1"
    assert result.data["flows"][0]["source_rows"] == 5
    first, second = result.data["changes"]
    assert (first["flow"], first["operation"], first["key"]) == ("accounts", "create", "usmf/ACC-1")
    assert second["fields"] == {"Name": {"before": "Old", "after": None}}
    assert "1234567890123456.78" in result.out


@pytest.mark.parametrize(("plan", "code"), [(PLAN, 2), (NOTHING, 0)])
def test_detailed_exitcode_tells_changes(world: World, p2c: Call, plan: Plan, code: int) -> None:
    world.plan = plan
    assert p2c("plan", "--detailed-exitcode").code == code


def test_a_plan_without_changes_claims_no_more_than_is_known(world: World, p2c: Call) -> None:
    """One record is rejected, so the two systems are not said to agree."""
    world.plan = NOTHING
    said = p2c("plan").out
    assert "No changes to write, but 1 rejected: see p2c rejects." in said
    assert "equal" not in said


def test_plan_tells_what_a_guard_would_stop_and_still_shows_the_plan(
    world: World, p2c: Call
) -> None:
    world.guard = "too_many_changes"
    result = p2c("plan")
    assert result.code == 0
    assert "+ usmf/ACC-1" in result.out
    assert "A guard would stop this plan" in result.err


def test_run_writes_and_prints_the_report(world: World, p2c: Call) -> None:
    result = p2c("run", "--json")
    assert result.code == 0
    assert result.data["status"] == "ok"
    assert result.data["writes"] == 2
    assert world.asked == ["refresh", "apply"]


def test_run_as_text_says_where_to_look(world: World, p2c: Call) -> None:
    result = p2c("run", "--select", "accounts")
    assert "ok: 2 records written" in result.out
    assert "p2c rejects" in result.out
    assert world.asked == ["refresh accounts", "apply"]


class Person:
    """A terminal at stdin where somebody types an answer."""

    def __init__(self, answer: str) -> None:
        self.lines = [f"{answer}\n"]

    def isatty(self) -> bool:
        return True

    def readline(self, *_: object) -> str:
        return self.lines.pop(0) if self.lines else ""


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_run_s_question_shows_what_it_asks_about(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    """Counts by flow and the first changes, as the plan shows them, above the question."""
    monkeypatch.setattr(sys, "stdin", Person(answer))
    result = p2c("run")
    assert result.code == code
    asked = result.err.partition("Write this?")[0]
    head, row = (line.split() for line in asked.splitlines()[::2][:2])
    counts = dict(zip(head, row, strict=True))
    assert (counts["flow"], counts["create"], counts["update"]) == ("accounts", "1", "1")
    assert "+ usmf/ACC-1" in asked
    assert 'Name: "Old" -> null' in asked
    assert "Plan: 1 to create, 1 to update." in asked
    assert ("apply" in world.asked) == (answer == "y")
    assert ("p2c apply plan-1" in result.err) == (answer == "n")
    assert p2c("status", "--json").data["last"]["status"] == ("ok" if answer == "y" else "planned")


def test_run_stops_at_a_guard_before_writing(world: World, p2c: Call) -> None:
    world.guard = "too_many_changes"
    result = p2c("run")
    assert result.code == 1
    assert "--allow too_many_changes" in result.err
    assert world.asked == ["refresh"]
    assert p2c("run", "--allow", "too_many_changes").code == 0


def test_run_exits_1_when_rows_failed(world: World, p2c: Call) -> None:
    world.status = "partial"
    result = p2c("run", "--json")
    assert result.code == 1
    assert result.data["status"] == "partial"
    assert p2c("status", "--json").data["runs"][0]["status"] == "partial"


def test_apply_writes_the_plan_without_refreshing(world: World, p2c: Call) -> None:
    result = p2c("apply", "plan-1", "--json")
    assert result.code == 0
    assert world.asked == ["apply"]


def test_apply_refuses_a_plan_that_is_no_longer_true(world: World, p2c: Call) -> None:
    world.stale = True
    result = p2c("apply", "plan-1")
    assert result.code == 1
    assert "Plan plan-1 is no longer true: raw_sales.accounts was read again" in result.err
    assert world.asked == []


def test_a_second_run_is_refused_at_once(world: World, project: Path, p2c: Call) -> None:
    with hold(project / "warehouse.duckdb", "run"):
        result = p2c("run")
    assert result.code == 1
    assert "one run at a time" in result.err
    assert world.asked == []


def test_status_works_while_a_run_holds_the_warehouse(
    world: World, project: Path, p2c: Call
) -> None:
    p2c("run")
    with hold(project / "warehouse.duckdb", "run"):
        result = p2c("status", "--json")
    assert result.data["held_by"]["command"] == "run"
    assert [run["status"] for run in result.data["runs"]] == ["ok"]
    assert result.data["runs"][0]["report"]["writes"] == 2


def test_status_tells_a_run_whose_process_is_gone(world: World, project: Path, p2c: Call) -> None:
    with Ledger.open(project / ".p2c") as ledger:
        ledger.start_run("run")
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


def test_status_shows_why_the_last_run_failed(world: World, p2c: Call) -> None:
    world.guard = "too_many_changes"
    p2c("run")
    result = p2c("status")
    assert result.code == 0
    assert "Stopped before the first write" in result.out


@pytest.mark.parametrize("looked", [["plan", "--no-refresh"], ["status"], ["rejects"]])
def test_status_shows_the_last_run_s_error_whatever_was_looked_at_since(
    world: World, p2c: Call, looked: list[str]
) -> None:
    """A plan, a list or a status plan after a failed run does not hide it."""
    world.guard = "too_many_changes"
    p2c("run")
    p2c(*looked)
    found = p2c("status", "--json").data
    assert (found["last"]["command"], found["last"]["status"]) == ("run", "failed")
    said = p2c("status").out
    assert "Last run: run run-" in said
    assert "Stopped before the first write" in said


def test_status_shows_what_failed_of_a_plan_that_was_applied(
    world: World, project: Path, p2c: Call
) -> None:
    """The rows of an apply carry the run that planned them; they are found all the same."""
    with Ledger.open(project / ".p2c") as ledger:
        planner, applier = ledger.start_run("plan"), ledger.start_run("apply")
        row = {
            "write_id": "w1",
            "run_id": planner,
            "plan_id": "plan-7",
            "flow": "accounts",
            "system": "finops",
            "entity_set": "CustomersV2",
            "record_key": "usmf/ACC-1",
            "status": "rejected",
            "error_message": "Customer group 99 does not exist.",
        }
        ledger.add_plan(replace(PLAN, plan_id="plan-7", run_id=planner), [row])
        ledger.finish_run(planner, "planned", {"plan_id": "plan-7"})
        ledger.finish_run(applier, "partial", {"plan_id": "plan-7", "writes": 0})
    said = p2c("status").out
    assert "1 rejected in finops.CustomersV2, such as usmf/ACC-1: Customer group 99" in said


def test_an_apply_that_never_began_does_not_hide_the_last_run(
    world: World, project: Path, p2c: Call
) -> None:
    """`p2c apply` with a mistyped id after a failed run: both are told, each as what it is."""
    world.guard = "too_many_changes"
    p2c("run")
    with Ledger.open(project / ".p2c") as ledger:
        ledger.finish_run(ledger.start_run("apply"), "failed", {"error": "No plan plna-1."})
    found = p2c("status", "--json").data
    assert (found["last"]["command"], found["last"]["status"]) == ("run", "failed")
    said = p2c("status").out
    assert "Stopped before the first write" in said
    assert "Since then: apply run-" in said
    assert "No plan plna-1." in said


def test_an_apply_that_broke_off_is_the_last_run(world: World, project: Path, p2c: Call) -> None:
    """It had begun to write, whatever the reason that it ended for."""
    p2c("run")
    with Ledger.open(project / ".p2c") as ledger:
        begun = ledger.start_run("apply")
        ledger.add_plan(replace(PLAN, plan_id="plan-8"), [])
        ledger.set_plan_status("plan-8", "applying")
        ledger.finish_run(begun, "failed", {"error": "The disk is full."})
    found = p2c("status", "--json").data
    assert found["last"]["run_id"] == begun


def test_status_before_any_run(world: World, p2c: Call) -> None:
    assert "No run yet" in p2c("status").out


def test_a_plan_is_no_run_the_guards_compare_with(world: World, project: Path, p2c: Call) -> None:
    p2c("plan")
    with Ledger.open(project / ".p2c") as ledger:
        assert ledger.last_report() is None


def test_colour_is_off_where_asked(world: World, p2c: Call) -> None:
    assert "\x1b[" not in p2c("--no-color", "plan").out


@pytest.fixture
def interrupted(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    def refresh(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "refresh", refresh)
    return world


@pytest.mark.parametrize("command", ["run", "plan"])
def test_ctrl_c_leaves_the_run_marked_and_no_trace(
    interrupted: World, p2c: Call, command: str
) -> None:
    """Interrupted is what it is called everywhere, and JSON when asked."""
    result = p2c(command, "--json")
    assert result.code == 130
    assert result.data["status"] == "interrupted"
    assert "Traceback" not in result.err
    run = p2c("status", "--json").data["runs"][0]
    assert (run["status"], run["finished_at"] is not None) == ("interrupted", True)


def test_an_apply_that_was_interrupted_says_so_everywhere(world: World, p2c: Call) -> None:
    """In the report, in the JSON and in the ledger; the exit code is not 0."""
    world.status = "interrupted"
    result = p2c("run", "--json")
    assert result.code == 1
    assert result.data["status"] == "interrupted"
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


def test_ctrl_c_at_the_question_is_an_interruption(
    world: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:

    def abort(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr(steps, "ask", abort)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert p2c("run").code == 130
    assert p2c("status", "--json").data["runs"][0]["status"] == "interrupted"


# A project whose run never gets further than one stage, in a process of its own.
STUCK = """
import sys, threading, time
from pathlib import Path
from p2c import __main__
from p2c.run import engine

def stuck(*_):
    threading.Thread(target=time.sleep, args=(600,)).start()  # a reader that is not waited for
    print("stuck", file=sys.stderr, flush=True)
    threading.Event().wait()

engine.refresh = stuck
__main__.run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_ends_a_run_at_any_stage_with_its_json(project: Path, number: int) -> None:
    """Status, JSON and exit code, at once although a thread still reads."""
    with subprocess.Popen(
        [sys.executable, "-c", STUCK, "--project-dir", str(project), "run", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "stuck\n"
        process.send_signal(number)
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert json.loads(said)["status"] == "interrupted"
    assert "Interrupted;" in errors
    with Ledger.open(project / ".p2c") as ledger:
        [run] = ledger.connection.execute("select status, finished_at from runs").fetchall()
    assert run["status"] == "interrupted"
    assert run["finished_at"]


def test_what_is_installed_with_the_application_has_no_pandas() -> None:
    """Where it is installed pyarrow imports it with its first array, a second of each command."""
    pins = (Path(__file__).parents[2] / "requirements.txt").read_text(encoding="utf-8")
    assert "\npyarrow==" in pins
    assert "\npandas==" not in pins
