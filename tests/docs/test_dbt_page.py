"""The page for those who know dbt: its selections, its job for CI, what it says of tests."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml
from dbt.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/dbt.md").read_text()
PROJECT = yaml.safe_load((ROOT / "dbt_project.yml").read_text())


def job() -> dict[str, Any]:
    [text] = [
        block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "jobs:" in block
    ]
    found: dict[str, Any] = yaml.safe_load(text)
    assert found["permissions"] == {"contents": "read"}
    return dict(found["jobs"]["quality"])


def commands() -> list[list[str]]:
    """Every call of dbt on the page, in blocks and in the job."""
    blocks = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += [step["run"] for step in job()["steps"] if "run" in step]
    inline = re.findall(r"`(dbt [a-z][^`]*)`", PAGE)
    return [shlex.split(line)[1:] for line in (*lines, *inline) if line.startswith("dbt ")]


def test_dbt_knows_each_command_and_option() -> None:
    assert len(commands()) > 6
    for words in commands():
        command: Any = cli
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command is not cli, words
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_selectors_tags_and_groups_that_are_named_are_there() -> None:
    selectors = {
        s["name"] for s in yaml.safe_load((ROOT / "selectors.yml").read_text())["selectors"]
    }
    named = set(re.findall(r"--selector (\w+)", PAGE))
    assert named
    assert named <= selectors
    groups = {
        g["name"] for g in yaml.safe_load((ROOT / "models/_groups.yml").read_text())["groups"]
    }
    assert set(re.findall(r"group:(\w+)", PAGE)) <= groups
    tags = selectors | {"gate", "reconciliation"}  # each flow has a selector of its name
    assert set(re.findall(r"tag:(\w+)", PAGE)) <= tags


def test_the_schema_and_the_copy_are_the_ones_of_the_project() -> None:
    schema = PROJECT["data_tests"]["prospect_to_cash"]["+schema"]
    assert f"`{schema}`" in PAGE
    assert f"drop schema {schema} cascade" in PAGE
    [copied] = [step["run"] for step in job()["steps"] if " cp " in step.get("run", "")]
    assert copied.endswith(job()["env"]["P2C_WAREHOUSE"])
    assert '"$WAREHOUSE.lock"' in copied


def test_every_layer_that_subjects_share_has_the_group_of_the_page() -> None:
    layers = PROJECT["models"]["prospect_to_cash"].values()
    shared = {layer["+group"] for layer in layers if "+group" in layer}
    [line] = re.findall(r"a layer that all share \(([^)]*)\)", PAGE)
    assert set(line.split(", ")) == shared
