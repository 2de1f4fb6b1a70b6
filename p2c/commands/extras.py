"""Commands that other distributions bring, and what to install for those that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint

import typer

from p2c.errors import P2CError

# Words of the extras' commands and of `pip install`.
KNOWN = {"sandbox": "prospect-to-cash[sandbox]"}
ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


class NotInstalled(P2CError):
    """The command is part of an extra."""


def register(app: typer.Typer, found: Iterable[EntryPoint]) -> None:
    """Add the commands of what is installed; one that is not says how to install it."""
    names = set()
    for extra in found:
        app.add_typer(extra.load(), name=extra.name)
        names.add(extra.name)
    for name in KNOWN.keys() - names:
        app.command(name, hidden=True, context_settings=ANYTHING)(_missing(name))


def _missing(name: str) -> Callable[[], None]:
    def say() -> None:
        raise NotInstalled(f"`p2c {name}` is not installed: pip install '{KNOWN[name]}'.")

    return say
