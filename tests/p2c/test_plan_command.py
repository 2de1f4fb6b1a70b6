"""plan's options, and the question before a run, an apply and a retry; the borders are fakes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import loaders
from p2c.run import retry as retrying

from .cli_world import PLAN, Call, World

KEYS = ("usmf/ACC-1", "usmf/ACC-2")


class Person:
    """A terminal at stdin where somebody types answers."""

    def __init__(self, *answers: str) -> None:
        self.lines = [f"{answer}\n" for answer in answers]

    def isatty(self) -> bool:
        return True

    def readline(self, *_: object) -> str:
        return self.lines.pop(0) if self.lines else ""


def body(text: str) -> list[str]:
    """Counts and changes of a plan as it was printed, without what is around them."""
    lines = text.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("flow "))
    last = next(n for n, line in enumerate(lines) if line.startswith("Plan: "))
    return lines[first : last + 1]


@pytest.fixture
def saved(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A plan that apply and retry find, and that is still true."""
    monkeypatch.setattr(loaders, "check_plan", lambda *_: world.asked.append("check"))
    monkeypatch.setattr(retrying, "plan_retry", lambda *_, **__: (None, PLAN))
    return world


COMMANDS = (("--quiet", "run"), ("run",), ("apply", "plan-1"), ("retry",))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_question_shows_what_the_plan_shows(
    saved: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    saved.created = 30
    plan = p2c("plan", "--no-refresh")
    monkeypatch.setattr(sys, "stdin", Person("n"))
    result = p2c(*command)
    assert result.code == 1
    shown = [line.replace("answer a to see all", "--all shows all") for line in body(result.err)]
    assert shown == body(plan.out)
    assert any("29 more; --all shows all" in line for line in shown)
    assert "apply" not in saved.asked
    assert "To write it after all: p2c apply plan-1" in result.err


@pytest.mark.parametrize("command", COMMANDS)
def test_yes_and_a_pipe_are_not_asked(
    saved: World, p2c: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    assert p2c(*command).code == 0
    monkeypatch.setattr(sys, "stdin", Person())
    result = p2c(*command, "--yes")
    assert result.code == 0
    assert "Write this?" not in result.err
    assert saved.asked.count("apply") == 2


def test_a_shows_all_of_it_and_asks_again(
    saved: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Person("a", "y"))
    result = p2c("run")
    assert result.code == 0
    assert result.err.count("Write this?") == 2
    assert "CreditLimit: 1234567890123456.78" in result.err.split("Write this?")[1]
    assert "apply" in saved.asked


def test_what_would_refuse_a_saved_plan_comes_before_the_question(
    saved: World, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved.guard = "too_many_changes"
    monkeypatch.setattr(sys, "stdin", Person("y"))
    result = p2c("apply", "plan-1")
    assert result.code == 1
    assert "--allow too_many_changes" in result.err
    assert "Write this?" not in result.err
    assert saved.asked == ["check"]


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        ("plan.txt", (), "flow "),
        ("plan.md", (), "### Plan: 1 to create, 1 to update."),
        ("plan.JSON", (), "{"),
        ("plan", ("--format", "markdown"), "### Plan"),
        ("plan.md", ("--format", "text"), "flow "),
    ],
)
def test_a_file_gets_the_form_of_its_ending_or_the_one_asked_for(
    world: World, project: Path, p2c: Call, name: str, options: tuple[str, ...], start: str
) -> None:
    (project / name).write_text("what was there")
    result = p2c("plan", "--out", name, *options)
    text = (project / name).read_text()
    assert result.code == 0
    assert text.startswith(start)
    assert [key for key in KEYS if key not in text] == []
    assert f"Written: {project / name}" in result.out
    assert "p2c apply plan-1" in result.out
    assert KEYS[0] not in result.out
    assert sorted(path.name for path in project.iterdir() if path.name.endswith("tmp")) == []


def test_json_is_the_same_by_either_name_and_in_a_file(
    world: World, project: Path, p2c: Call
) -> None:
    def shown(text: str) -> Any:
        return {
            k: v for k, v in json.loads(text).items() if k not in ("run_id", "seconds", "stages")
        }

    plain = shown(p2c("plan", "--json").out)
    assert shown(p2c("plan", "--format", "json").out) == plain
    both = p2c("plan", "--json", "--out", "plan.json")
    assert shown(both.out) == plain == shown((project / "plan.json").read_text())
    assert [change["key"] for change in plain["changes"]] == list(KEYS)


def test_json_on_stdout_and_markdown_in_the_file(world: World, project: Path, p2c: Call) -> None:
    result = p2c("plan", "--json", "--out", "plan.md")
    assert result.data["plan_id"] is None or result.data["changes"]
    assert (project / "plan.md").read_text().startswith("### Plan")


def test_markdown_on_stdout_is_nothing_else(world: World, p2c: Call) -> None:
    result = p2c("plan", "--format", "markdown", "--out", "-")
    assert result.out.startswith("### Plan")
    assert "Nothing is written yet" not in result.out


def test_the_guard_s_word_is_in_the_file_too(world: World, project: Path, p2c: Call) -> None:
    world.guard = "too_many_changes"
    for name in ("plan.txt", "plan.md"):
        assert p2c("plan", "--out", name).code == 0
        assert "A guard would stop this plan" in (project / name).read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere/plan.txt", "There is no folder"), (".dlt", "is there and is no file")],
)
def test_a_place_that_cannot_be_written_is_named_before_anything_is_read(
    world: World, p2c: Call, name: str, message: str
) -> None:
    result = p2c("plan", "--out", name)
    assert result.code == 1
    assert message in result.err
    assert "--out" in result.err
    assert world.asked == []


def test_a_full_disk_leaves_the_old_file(
    world: World, project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "plan.txt").write_text("what was there")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = p2c("plan", "--out", "plan.txt")
    assert result.code == 1
    assert "No space left" in result.err
    assert (project / "plan.txt").read_text() == "what was there"
    assert list(project.glob(".plan.txt.*")) == []


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_redact_hides_keys_and_values_of_all_forms(world: World, p2c: Call, form: str) -> None:
    result = p2c("plan", "--redact", "--format", form, "--all")
    assert result.code == 0
    for secret in (*KEYS, "Ünal", "1234567890123456.78", "Old"):
        assert secret not in result.out
    assert "CreditLimit" in result.out
