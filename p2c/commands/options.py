"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Select = Annotated[
    list[str] | None,
    typer.Option("--select", "--flow", "-s", metavar="FLOW", help="Only this flow; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        help="Wait so long for a warehouse that another run, or a program that reads it, holds.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=0, help="Rows to show; 0 shows all.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="GUARD",
        help="Allow what this guard stops, once; repeatable. Its message has the name.",
    ),
]
Needed = Annotated[
    bool, typer.Option("--with-needed", help="Also the flows that the selected ones refer to.")
]
First = Annotated[
    int | None,
    typer.Option(
        "--first",
        metavar="N",
        min=1,
        help="Plan at most N changes; a new document is planned with all its lines.",
    ),
]


def _interval(value: str | None) -> str | None:
    from p2c.run.every import seconds_of  # noqa: PLC0415 - help is quick without it

    try:
        return None if value is None else str(seconds_of(value))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Every = Annotated[
    str | None,
    typer.Option(
        "--every",
        metavar="INTERVAL",
        callback=_interval,
        help="Run again and again, 30s, 5m or 1h from start to start; does not ask.",
    ),
]


def examples(*lines: str) -> str:
    """The epilog of a command's help: example lines, never wrapped."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
