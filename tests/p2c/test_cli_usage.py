"""The command line as it is called: help, wrong usage, colour; nothing heavy is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .cli_world import Call, World


def test_help_names_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "p2c", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in ("doctor", "extract", "build", "plan", "apply", "run", "status", "rejects"):
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize(
    ("start", "heavy"),
    [
        ("from p2c.cli import app", ("pydantic", "loaders", "dlt", "duckdb", "pyarrow", "dbt")),
        ("import p2c.config.context", ("loaders", "dlt", "duckdb", "pyarrow", "httpx", "dbt")),
    ],
)
def test_help_and_settings_import_nothing_heavy(start: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys; {start}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "message"),
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
    world: World, p2c: Call, words: list[str], message: str
) -> None:
    result = p2c(*words)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("words", "message"),
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
    world: World, p2c: Call, words: list[str], message: str
) -> None:
    """typer's own errors and ours: exit 2, the sentence on stdout as JSON and on stderr."""
    result = p2c(*words)
    assert result.code == 2
    assert set(result.data) == {"status", "error"}
    assert result.data["status"] == "failed"
    assert message in result.data["error"]
    assert message.split(maxsplit=1)[0] in result.err


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


def test_colour_is_off_where_asked(world: World, p2c: Call) -> None:
    assert "\x1b[" not in p2c("--no-color", "plan").out


def test_what_is_installed_with_the_application_has_no_pandas() -> None:
    """Where it is installed pyarrow imports it with its first array, a second of each command."""
    pins = (Path(__file__).parents[2] / "requirements.txt").read_text(encoding="utf-8")
    assert "\npyarrow==" in pins
    assert "\npandas==" not in pins
