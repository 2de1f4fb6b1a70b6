"""Options of `p2c keys`, how its commands are found, and how they ask."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from p2c.errors import P2CError
from p2c.screen.output import Output

HELP = frozenset(("-h", "--help"))
SCORE = re.compile(r"\s*(\d{1,3})?\s*(\.\.)?\s*(\d{1,3})?\s*")


class Entity(StrEnum):
    """What is matched."""

    customers = "customers"
    contacts = "contacts"
    products = "products"


class Status(StrEnum):
    """What `p2c keys list` shows."""

    review = "review"
    taken = "taken"
    linked = "linked"
    unmatched = "unmatched"


class Open(StrEnum):
    """What a filter of `accept` and `reject` goes through."""

    review = "review"
    taken = "taken"
    linked = "linked"


EntityOption = Annotated[
    Entity | None, typer.Option("--entity", "-e", help="Only these.", show_default=False)
]
Rule = Annotated[
    str, typer.Option("--rule", metavar="RULE", help="Found by this rule.", show_default=False)
]
Score = Annotated[
    str,
    typer.Option(
        "--score",
        metavar="FROM..TO",
        help="With this score, both ends included: 70..90, 90.., ..80 or 96.",
        show_default=False,
    ),
]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="Why, for the next reader.", show_default=False),
]
Company = Annotated[
    str,
    typer.Option(
        "--company",
        metavar="COMPANY",
        help="Legal entity; without it all in which both records are.",
        show_default=False,
    ),
]


class ListFirst(TyperGroup):
    """`p2c keys` and `p2c keys --status taken` are `p2c keys list …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own click
        """Put the command in where none is named."""
        if not args or (args[0].startswith("-") and args[0] not in HELP):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def scores(text: str) -> tuple[int | None, int | None]:
    """`70..90` as its ends; typer.BadParameter when it is no such range."""
    found = SCORE.fullmatch(text)
    if not text.strip():
        return None, None
    if not found or not (found[1] or found[3]) or (found[1] and found[3] and not found[2]):
        raise typer.BadParameter(
            f"{text!r} is no range: write 70..90, 90.., ..80 or 96.", param_hint="--score"
        )
    low, high = (int(end) if end else None for end in (found[1], found[3]))
    if not found[2]:
        return low, low
    if low is not None and high is not None and low > high:
        raise typer.BadParameter(
            f"{text!r} is empty: the lower end comes first, as in 70..90.", param_hint="--score"
        )
    return low, high


def confirm(out: Output, yes: bool, question: str) -> None:
    """Go on, or raise P2CError: the answer was no, or nobody can be asked."""
    if yes:
        return
    if out.json_mode or not sys.stdin.isatty():
        raise P2CError("Nothing was written: nobody can be asked here, so give --yes.")
    if not typer.confirm(question, err=True):
        raise P2CError("Not confirmed, nothing was written.")


def refuse(out: Output, message: str, problems: Sequence[str]) -> None:
    """Name every problem, say that nothing was written, and end with exit code 1."""
    from rich.text import Text  # noqa: PLC0415 - help comes at once

    from p2c.screen.layout import Line  # noqa: PLC0415

    for problem in problems:
        out.note(Line(f"  {problem}", 2))
    out.note(Line(Text.assemble(("Error: ", "bold red"), message)))
    out.data({"status": "failed", "error": message, "problems": list(problems)})
    raise typer.Exit(1)
