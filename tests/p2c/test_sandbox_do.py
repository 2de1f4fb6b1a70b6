"""`p2c sandbox do`: every action of the registry is a command that explains itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from p2c_sandbox import process
from p2c_sandbox.actions import actions
from typer.testing import CliRunner, Result

from p2c.cli import app, main
from p2c.commands.session import Session


def do(*words: str) -> Result:
    return CliRunner().invoke(app, ["sandbox", "do", *words], obj=Session())


@pytest.fixture
def home(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a sandbox that runs."""
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    (project / ".dlt/secrets.toml").unlink()
    process.start(project / ".sandbox", demo="base")
    yield project
    process.stop(project / ".sandbox")


def test_without_an_action_they_are_listed() -> None:
    result = do().output
    assert all(name in result for name in actions())


@pytest.mark.parametrize("name", list(actions()))
def test_every_action_says_what_it_needs(name: str) -> None:
    result = do(name, "--help")
    assert result.exit_code == 0, result.output
    for option in actions()[name].options:
        assert f"--{option.name.replace('_', '-')}" in result.output
        assert option.help
    assert f"p2c sandbox do {name}" in result.output


def test_the_system_may_be_left_out_where_only_one_has_the_action() -> None:
    assert do("pick", "--help").exit_code == 0
    result = do("add-line")
    assert result.exit_code == 2
    assert "say sales.add-line or finops.add-line" in result.output


def test_a_slip_of_the_pen_gets_a_suggestion() -> None:
    result = do("confrim-order")
    assert result.exit_code == 2
    assert "Did you mean 'confirm-order'?" in result.output
    assert "lists them" in do("dance").output


def test_wrong_arguments_are_named() -> None:
    assert (
        "'many' is not a number"
        in do("finops.add-charge", "--order", "X", "--amount", "many").output
    )
    assert "--order" in do("pick").output


def test_an_order_from_both_sides(home: Path) -> None:
    def answer(*words: str) -> dict[str, object]:
        result = do(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    answer("release-product", "--product", "T-1", "--name", "Tent", "--price", "100")
    assert answer("populate-distinct-products")["products"] == 1
    number = answer("add-account", "--name", "Adventure", "--currency", "USD")["account"]
    assert str(number).startswith("ACC-")


def test_a_refusal_is_the_services_sentence_and_exit_code_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["sandbox", "do", "confirm-order", "--order", "X"])
    assert capsys.readouterr().err == "Error: There is no sales order X in company usmf.\n"
    with pytest.raises(SystemExit, match="1"):
        main(["sandbox", "do", "activate-order", "--order", "X"])
    assert "There is no order 'X' in Sales." in capsys.readouterr().err
    result = do("packing-slip", "--order", "X", "--quantities", "1")
    assert "is not LINE=QUANTITY" in result.output


def test_without_a_sandbox_it_says_how_to_start_one(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    with pytest.raises(SystemExit, match="1"):
        main(["sandbox", "do", "pick", "--order", "X"])
    assert "p2c sandbox up" in capsys.readouterr().err
