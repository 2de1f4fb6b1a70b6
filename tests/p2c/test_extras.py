"""Commands of extras: there when they are installed, otherwise a sentence says what to install."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest
import typer
from typer.testing import CliRunner

from p2c.commands import extras


def app(*, installed: bool) -> typer.Typer:
    created = typer.Typer()
    created.command("plan")(lambda: None)
    extras.register(created, entry_points(group="p2c.commands") if installed else ())
    return created


@pytest.mark.parametrize("words", [["sandbox"], ["sandbox", "up", "--tls"], ["sandbox", "--help"]])
def test_a_command_of_an_extra_says_what_to_install(words: list[str]) -> None:
    result = CliRunner().invoke(app(installed=False), words)
    assert isinstance(result.exception, extras.NotInstalled)
    assert str(result.exception) == (
        "`p2c sandbox` is not installed: pip install 'prospect-to-cash[sandbox]'."
    )


def test_it_is_not_listed_until_it_is_there() -> None:
    assert "sandbox" not in CliRunner().invoke(app(installed=False), ["--help"]).output
    assert "sandbox" in CliRunner().invoke(app(installed=True), ["--help"]).output
