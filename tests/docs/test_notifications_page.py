"""docs/notifications.md: its settings are read, its commands are there, its fields are sent."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from p2c.cli import app
from p2c.commands.session import Session
from p2c.config.context import Context, load
from p2c.config.notify_settings import Notify
from p2c.notify.conditions import conditions
from p2c.notify.facts import Facts
from p2c.notify.message import News, Standing, message

PAGE = (Path(__file__).parents[2] / "docs/notifications.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def settings(folder: Path, text: str) -> Context:
    (folder / ".dlt").mkdir()
    (folder / ".dlt/secrets.toml").write_text(text)
    return load(folder)


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "toml"])
def test_the_settings_of_the_page_are_settings(tmp_path: Path, text: str) -> None:
    assert settings(tmp_path, text).settings.p2c.notify != Notify()


def test_the_script_of_the_page_is_one(tmp_path: Path) -> None:
    [script] = [text for kind, text in BLOCKS if kind == "sh"]
    if shutil.which("sh") is None:
        pytest.skip("there is no sh on this machine")
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_the_line_of_the_crontab_calls_a_command(tmp_path: Path) -> None:
    [line] = [text for kind, text in BLOCKS if not kind]
    words = line.partition(".venv/bin/p2c ")[2].split()
    result = CliRunner().invoke(app, [*words, "--help"], obj=Session())
    assert result.exit_code == 0
    assert {word for word in words if word.startswith("--")} <= set(
        re.findall(r"--[a-z-]+", result.output)
    )


def test_every_field_of_a_message_is_on_the_page(tmp_path: Path) -> None:
    flow = {"flow": "accounts", "target": "t", "source_rows": 1, "rejected": 1}
    run = {"status": "failed", "report": {}}
    found = conditions(Facts(run=run, flows=[flow]), Notify(hours_since_run=1), NOW)
    cause = {"kind": "rejected", "flow": "accounts", "code": "x", "records": 1, "since": NOW}
    since = {one.key: NOW.isoformat() for one in found}
    change = News([one.key for one in found], ["held:orders_out"])
    sent = message(settings(tmp_path, ""), Standing(NOW, found, [cause], since, run), change)
    table = PAGE.partition("## What it says")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert {one.kind for one in found} == {"run", "rejected", "hours_since_run"}
    assert fields(sent) - named == set()


def fields(value: Any) -> set[str]:
    """All names in a message, at whatever depth."""
    if isinstance(value, dict):
        return set(value).union(*map(fields, value.values()))
    return set().union(*map(fields, value)) if isinstance(value, list) else set()
