"""A failing gate names records, seeds and remedy, and holds back only its own flows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from p2c.checks import held_flows
from p2c.checks.gates import failed_gates
from p2c.config.context import Context, load
from p2c.errors import BuildError, FlowsHeld
from p2c.run import dbt
from p2c.screen.output import Output
from tests.p2c.test_dbt import PROFILE

ROOT = Path(__file__).parents[2]
PROJECT = """
name: prospect_to_cash
version: "1.0"
profile: test
on-run-end: "{{ remember_gates(results) }}"
data_tests:
  prospect_to_cash:
    +tags: [gate]
    +severity: "{{ env_var('P2C_GATES', 'error') }}"
"""
COLUMNS = [{"name": "thing", "data_tests": ["not_null"]}]


def model(name: str, flow: str = "", **more: object) -> dict[str, object]:
    meta = {"meta": {"flow": flow, "writes": {}}} if flow else {}
    return {"name": name, "config": meta, **more}


@pytest.fixture
def context(project: Path) -> Context:
    """Two flows, each from its keys; those of the first are wrong twice, and one count."""
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "profiles.yml").write_text(PROFILE)
    shutil.copytree(ROOT / "macros/tests", project / "macros")
    (project / "seeds").mkdir()
    (project / "seeds/key_overrides.csv").write_text("thing\nA-1\n")
    models = {
        "stg_seeds__key_overrides": "select * from {{ ref('key_overrides') }}",
        "keys_bad": "select thing from {{ ref('stg_seeds__key_overrides') }} "
        "cross join range(3) union all select null",
        "keys_good": "select 'B-1' as thing",
        "changes_bad": "select * from {{ ref('keys_bad') }}",
        "changes_good": "select * from {{ ref('keys_good') }}",
        "counts": "select 'third' as flow, 2 as source_rows, 1 as fates",
    }
    (project / "models").mkdir()
    for name, sql in models.items():
        (project / f"models/{name}.sql").write_text(sql)
    unique = [{"key": {"arguments": {"columns": ["thing"]}}}]
    alike = {"expression_is_true": {"arguments": {"expression": "source_rows = fates"}}}
    declared = [
        model("keys_bad", columns=COLUMNS, data_tests=unique),
        model("keys_good", columns=COLUMNS, data_tests=unique),
        model("changes_bad", "first"),
        model("changes_good", "second"),
        model("counts", data_tests=[alike]),
    ]
    (project / "models/models.yml").write_text(json.dumps({"models": declared}))
    return load(project)


def test_a_failed_gate_names_records_seeds_and_remedy_and_holds_its_flows(context: Context) -> None:
    dbt.build(context)
    by_flows = {frozenset(gate.flows): gate.message for gate in failed_gates(context)}
    assert set(by_flows) == {frozenset({"first"}), frozenset({"third"})}
    held = held_flows.holds(context, ["first", "second", "third"])
    assert set(held) == {"first", "third"}
    reasons = " ".join(held["first"])
    assert "keys_bad must have one row for each key: thing A-1 (3 rows)" in reasons
    assert "`p2c explain A-1 --layers`" in reasons
    assert "seed key_overrides" in reasons
    assert "keys_bad must have a thing in every row" in reasons
    assert "flow third, source_rows 2, fates 1" in held["third"][0]
    for word in ("test.", "configured to fail", "Got "):
        assert word not in reasons


def test_the_other_flows_go_on_and_a_mended_gate_is_forgotten(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    dbt.build(context)
    out = Output()
    flows = ["first", "second"]
    assert held_flows.free(flows, held_flows.holds(context, flows), out) == ["second"]
    messages = capsys.readouterr().err
    assert "Held back: first. keys_bad must have" in messages
    with pytest.raises(FlowsHeld, match="keys_bad must have one row for each key"):
        held_flows.free(["first"], held_flows.holds(context, ["first"]), out)
    (context.project_dir / "models/keys_bad.sql").write_text("select 'A-1' as thing")
    dbt.build(context)
    assert held_flows.holds(context, flows) == {}


def test_dbt_by_itself_fails_at_a_gate(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = dbt.environment
    without = {"P2C_GATES": "error"}
    monkeypatch.setattr(dbt, "environment", lambda value: environment(value) | without)
    with pytest.raises(BuildError, match="keys_bad"):
        dbt.build(context)
    assert failed_gates(context)
