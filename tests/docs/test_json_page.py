"""docs/json.md lists the fields that `--json` prints, no more and no fewer."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders import Alike, Change, Plan, Pruned, PrunedHistory, RunReport, Verified
from loaders.models import TargetCounts
from loaders.report import FATES
from p2c.checks.doctor import Check
from p2c.config.context import load
from p2c.lookup import status
from p2c.run.backup import BackedUp
from p2c.run.read_copy import Copied
from p2c.run.retention import Dropped
from p2c.screen import lookup_text, steps_text
from p2c.screen.plan_json import plan_data
from p2c.screen.plan_view import NOTHING_BESIDE, PlanView, sections
from p2c.screen.prune_text import WHY
from pipelines.common.prune import PrunedReads
from pipelines.common.report import ExtractReport, TableReport

PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text()
REPORT = RunReport("run-1", "ok", 1.0, 0, ({"flow": "accounts", "target": "t"},), "plan-1")
PLAN = Plan("plan-1", "run-1", datetime.now(UTC), "planned", "v", (), {}, ("accounts",), None, {})
CHANGE = Change(**{f.name: "" for f in fields(Change) if f.name not in ("before", "after", "status")}, before=None, after='{"a": 1}')  # fmt: skip  # noqa: E501


def listed(heading: str, column: int = 0) -> set[str]:
    """Names in code, in one column of all tables of a section."""
    found = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert found, heading
    rows = [line.strip("| ").split("|") for line in found[1].splitlines() if line[:3] == "| `"]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row[column])}


def documented(heading: str, field: str) -> set[str]:
    """Names in code in the cells after a field's own."""
    section = re.search(rf"^## [\w, ]*{heading}.*?$(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert section, heading
    (row,) = [line for line in section[1].splitlines() if line.startswith(f"| `{field}`")]
    return set(re.findall(r"`(\w+)`", row.partition(" | ")[2]))


def plan_found() -> dict[str, Any]:
    kinds = [Alike("m", "accounts", "t", "create", "planned", False, 1, [CHANGE])]
    different = {"column": "a", "kind": "drift", "action": "keep", "records": 1}
    row = {"flow": "accounts", "target": "t", "kind": "drift", "key": "k", "records": 1}
    apart = [{**row, "columns": [["a", "1", "2", "keep"]]}]
    beside = {**NOTHING_BESIDE, "differences": [{**row, **different}]}
    report = REPORT.as_dict()
    return plan_data(PlanView(PLAN, report, sections(kinds, report, beside, apart), beside))


def test_plan() -> None:
    found = plan_found()
    [change], [one] = found["changes"], found["apart"]
    assert set(found) | set(change) | set(one) == listed("plan")
    example = re.search(r"```json\n(\{\"flow\".*?)```", PAGE, re.S)
    assert example
    assert set(json.loads(example[1])) == set(change)


def test_flows() -> None:
    at_write = {field.name for field in fields(TargetCounts)}
    own = {"flow", "target", "source_rows", "drift", "first_contact", "blocked_at_write"}
    assert listed("flows") == own | set(FATES) | at_write


def test_run_has_what_plan_has_but_for_guard_and_changes() -> None:
    found = plan_found()
    records = {*found["changes"][0], *found["apart"][0]} - set(REPORT.as_dict())
    own = {"guard", "deletions", "changes", "apart"}
    assert set(REPORT.as_dict()) | set(NOTHING_BESIDE) == listed("plan") - records - own


def test_status(project_folder: Path) -> None:
    assert set(status.read(load(project_folder), 5)) == listed("status")


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: test\n")
    return tmp_path


def test_verify() -> None:
    statuses = {("accounts", "t"): {"failed": 1}}
    found = lookup_text.verified_data("plan-1", Verified(), statuses, "run-1", 1.0)
    assert set(found) == listed("verify")
    (target,) = found["targets"]
    assert set(target) == documented("verify", "targets")


def test_extract() -> None:
    table = TableReport("sales", "accounts", "full", 1, 0, 1, 0.1)
    found = steps_text.extract_data(ExtractReport((table,), (), 1.0))
    names = documented("extract", "extract") - {"partial"}
    assert names == set(found) | set(found["tables"][0])


def test_prune() -> None:
    rows = Pruned(1, 2, {"agreed": 1}, 3, 4, "2026")
    dropped = Dropped(rows, PrunedHistory(1, 2, 3), PrunedReads(), 5, 6).as_dict()
    assert set(dropped) | {"status", "dry_run"} == listed("prune")
    for name, also in (("ledger", set(WHY)), ("history", set()), ("reads", set())):
        assert set(dropped[name]) | also == documented("prune", name)


def test_backup() -> None:
    assert {field.name for field in fields(BackedUp)} | {"status"} == listed("ledger backup")


def test_publish() -> None:
    assert {field.name for field in fields(Copied)} == listed("publish")


def test_doctor() -> None:
    names = documented("doctor", "doctor")
    check = set(Check("a", "ok", "b").as_dict())
    assert names - {"ok", "note", "problem", "failed"} == check | {"status", "requests", "checks"}
