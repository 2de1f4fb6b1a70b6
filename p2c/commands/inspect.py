"""status, rejects, unmatched, explain: what a person looks at; nothing is changed."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands.keys_file import SIGNS, Separator, SeparatorOption, check_place
from p2c.commands.options import Json, Limit, Select, examples
from p2c.commands.session import session

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.screen.output import Output


Csv = Annotated[
    bool, typer.Option("--csv", help="All of them as CSV for a spreadsheet, with names and links.")
]
CsvFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="Where --csv goes; otherwise stdout.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog=examples("p2c status", "p2c status --limit 1 --json"))(status)
    app.command(
        epilog=examples(
            "p2c rejects", "p2c rejects --flow accounts --json", "p2c rejects --csv rejects.csv"
        )
    )(rejects)
    app.command(epilog=examples("p2c unmatched", "p2c unmatched --select accounts --limit 0"))(
        unmatched
    )
    app.command(
        epilog=examples(
            "p2c explain ACC-01000-ZSEGFL", "p2c explain 'gould foster' --select accounts"
        )
    )(explain)


def status(ctx: typer.Context, limit: Limit = 5, json_mode: Json = False) -> None:
    """The last runs and what they wrote. Works while a run holds the warehouse."""
    from p2c.lookup import status as ledger
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode)
    found = ledger.read(context, limit)
    out.data(found)
    out.show(*lookup_text.status_text(found))


def rejects(
    ctx: typer.Context,
    file: CsvFile = None,
    select: Select = None,
    csv: Csv = False,
    separator: SeparatorOption = Separator.comma,
    limit: Limit = 20,
    json_mode: Json = False,
) -> None:
    """What cannot be written, why, and what to do about each."""
    from p2c.lookup import quality
    from p2c.run import flows
    from p2c.screen import lookup_text

    if file and not csv:
        raise typer.BadParameter("a file is written with --csv.", param_hint="FILE")
    if csv and json_mode:
        raise typer.BadParameter("give one of them.", param_hint="--csv / --json")
    context, out = session(ctx).start(json_mode)
    chosen = flows.checked(context, select)
    if csv:
        _write_csv(context, out, chosen, file, SIGNS[separator])
        return
    found = quality.rejects(context, chosen)
    out.data(found)
    out.show(*lookup_text.rejects_text(found, limit))


def _write_csv(
    context: Context, out: Output, flows: Sequence[str], file: Path | None, separator: str
) -> None:
    """To the file, in place of what was there, or to stdout."""
    from p2c.lookup import rejects_file
    from p2c.lookup.keys_file import save
    from pipelines.common.private import owner_only

    if file:
        check_place(context, file)
    rows = rejects_file.listed(context, flows)
    data = rejects_file.content(rows, separator)
    if file is None:
        out.raw(data)
        return
    with owner_only():
        save(file, data)
    out.show(f"{file}: {len(rows):,} reasons why a record is not written. Times are in UTC.")


def unmatched(
    ctx: typer.Context, select: Select = None, limit: Limit = 20, json_mode: Json = False
) -> None:
    """Records that only one system has. They are left alone."""
    from p2c.lookup import unmatched as records
    from p2c.run import flows
    from p2c.screen import unmatched_text as text

    context, out = session(ctx).start(json_mode)
    found = records.unmatched(context, flows.checked(context, select))
    out.data(found)
    out.show(*text.unmatched_text(found, limit))


def explain(
    ctx: typer.Context,
    record: Annotated[
        str, typer.Argument(help="Number, id, key, name, or part of one, in either system.")
    ],
    select: Select = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="Also its rows, layer by layer.")
    ] = False,
    limit: Limit = 3,
    json_mode: Json = False,
) -> None:
    """Where one record stands, why, and what you can do next."""
    from p2c.lookup import record as records
    from p2c.run import flows
    from p2c.screen import explain_text as text

    context, out = session(ctx).start(json_mode)
    found = records.explain(
        context,
        _named(record),
        flows.checked(context, select),
        limit,
        layers=layers or json_mode,
        held=lambda names: _held(context, names),
    )
    out.data(found)
    out.show(*text.explain_text(found))


def _named(record: str) -> str:
    """The name asked for, without blanks around it; wrong usage when it is none."""
    name = record.strip()
    if not name.strip("{}"):
        raise typer.BadParameter(
            "it is empty: give an account number, product number, id, key or name.",
            param_hint="RECORD",
        )
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        raise typer.BadParameter("it is no text in UTF-8.", param_hint="RECORD")
    return name


def _held(context: Context, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Flow → why it is held back; all of them where a seed cannot be read."""
    from p2c.checks import held_flows
    from p2c.errors import SeedError

    try:
        return held_flows.holds(context, names)
    except SeedError as error:
        return {name: [str(error)] for name in names}
