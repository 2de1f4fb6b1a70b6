"""`p2c sandbox edit`: one record of one service changed, as a person would."""

# ruff: noqa: PLC0415 - imports inside the command keep `p2c --help` quick

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands.options import Json, examples
from p2c_sandbox.commands.place import SandboxError, running_one, start

if TYPE_CHECKING:
    from p2c_sandbox.editing import Edited

EPILOG = examples(
    "p2c sandbox edit sales.accounts ACC-01000-ZSEGFL name='Adventure Works'",
    "p2c sandbox edit finops.CustomersV2 usmf/ACC-01000-ZSEGFL CreditLimit=5000",
)


def edit(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="As sales.accounts.")],
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Number, id, key or name.")],
    values: Annotated[
        list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Nothing after = empties it.")
    ],
    json_mode: Json = False,
) -> None:
    """Change a record in Sales or F&O, as a person would in its user interface."""
    from p2c_sandbox import editing

    wanted = _wanted(values)
    _, out, folder = start(ctx, json_mode)
    try:
        found = editing.edit(running_one(folder), table, record, wanted)
    except editing.EditRefused as error:
        raise SandboxError(f"{error} Nothing was changed.") from None
    columns = {name: {"before": old, "after": new} for name, (old, new) in found.columns.items()}
    out.data({"status": "ok", "table": found.table, "record": found.record, "columns": columns})
    out.show(*_text(found))


def _wanted(values: list[str]) -> dict[str, str]:
    """Column → value; wrong usage where there is no `=`, or a column stands twice."""
    found: dict[str, str] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or not name or name in found:
            reason = "stands twice" if name in found else "is no COLUMN=VALUE"
            raise typer.BadParameter(f"'{value}' {reason}.", param_hint="COLUMN=VALUE")
        found[name] = text
    return found


def _text(found: Edited) -> Iterator[str]:
    yield f"{found.table} {found.record}"
    for name, (old, new) in found.columns.items():
        same = " (as it was)" if old == new else ""
        yield f"  {name}: {_shown(old)} → {_shown(new)}{same}"
    yield "See it travel: p2c plan, then p2c run."


def _shown(value: object) -> str:
    if value is None or value == "":
        return "empty"
    return f'"{value}"' if isinstance(value, str) else str(value)
