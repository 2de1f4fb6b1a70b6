"""p2c keys export, import: candidates to a spreadsheet, decisions back from it."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands import keys_options
from p2c.commands.keys_options import Company, EntityOption, Open, Rule, Score
from p2c.commands.options import Json, Yes, examples
from p2c.commands.session import session
from p2c.errors import P2CError

if TYPE_CHECKING:
    from p2c.config.context import Context


class Separator(StrEnum):
    """What stands between the values of a line."""

    comma = "comma"
    semicolon = "semicolon"
    tab = "tab"


SIGNS = {Separator.comma: ",", Separator.semicolon: ";", Separator.tab: "\t"}
File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file.")]
SeparatorOption = Annotated[
    Separator,
    typer.Option("--separator", help="Between values; import finds out by itself."),
]


def register(group: typer.Typer) -> None:
    """Add the commands of this file."""
    group.command(
        epilog=examples("p2c keys export review.csv", "p2c keys export all.csv --status linked")
    )(export)
    group.command("import", epilog=examples("p2c keys import review.csv"))(import_)


def export(
    ctx: typer.Context,
    file: File,
    entity: EntityOption = None,
    status: Annotated[
        Open | None,
        typer.Option(
            "--status", help="Only these; without it review and taken.", show_default=False
        ),
    ] = None,
    rule: Rule = "",
    score: Score = "",
    company: Company = "",
    separator: SeparatorOption = Separator.comma,
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """Write candidates to a CSV file, with a column `decision` to fill in."""
    from p2c.commands.keys_seed import Overrides
    from p2c.lookup import keys, keys_file
    from p2c.warehouse import reading

    context, out = session(ctx).start(json_mode)
    states = (status.value,) if status else ("review", "taken")
    wanted = keys.Filter(states, entity or "", rule, *keys_options.scores(score), company)
    check_place(context, file)
    rows = Overrides(context).rows
    with reading(context.warehouse) as warehouse:
        found = keys.candidates(warehouse, rows, wanted, None)
    if not found:
        raise P2CError("No candidate is as asked for, so that no file was written.")
    if file.exists():
        keys_options.confirm(out, yes, f"{file} is there already. Write over it?")
    keys_file.save(file, keys_file.content(found, SIGNS[separator]))
    out.data({"status": "ok", "file": str(file), "candidates": len(found)})
    out.show(
        f"{file}: {len(found):,} candidates.",
        "Write pair or different into the column decision, leave the others as they are and save "
        f"as CSV. Then: p2c keys import {file}",
    )


def import_(
    ctx: typer.Context,
    file: File,
    json_mode: Json = False,
) -> None:
    """Take the decisions of a filled-in file, all of them or, when a line is wrong, none."""
    from p2c.commands.keys_seed import Overrides, decision_of
    from p2c.lookup import keys_file
    from p2c.lookup.keys_import import Import
    from p2c.screen import keys_text
    from p2c.warehouse import reading

    context, out = session(ctx).start(json_mode)
    overrides = Overrides(context)
    lines, problems = keys_file.read(file)
    with reading(context.warehouse) as warehouse:
        taken = Import(warehouse, overrides.rows, file.name)
        taken.take(lines)
    if wrong := sorted([*problems, *taken.problems], key=lambda problem: problem.line):
        lines_wrong = len({problem.line for problem in wrong})
        count = "1 line is" if lines_wrong == 1 else f"{lines_wrong:,} lines are"
        message = f"{file}: {count} wrong, as named above; nothing of the file was taken."
        keys_options.refuse(out, message, [str(problem) for problem in wrong])
    empty = sum(not line.cells["decision"] for line in lines)
    if not taken.decisions:
        raise P2CError(
            f"{file} has no decision in its {len(lines):,} lines: write pair or different into "
            "the column decision."
        )
    found = overrides.write(
        [decision_of(one.pair, one.decision, reason=one.reason) for one in taken.decisions]
    )
    found |= {"undecided": empty}
    out.data(found)
    out.show(*keys_text.written_text(found))
    if empty:
        out.show(f"{empty:,} lines are undecided and stay for another time.")


def check_place(context: Context, file: Path) -> None:
    """A file beside the seeds would be taken for one, by dbt."""
    folder = (context.project_dir / "seeds").resolve()
    if folder in file.resolve().parents:
        raise P2CError(
            f"{file} is in the folder of the seeds, where every CSV file is loaded as one: write "
            "it somewhere else."
        )
    if not file.resolve().parent.is_dir():
        raise P2CError(f"There is no folder {file.resolve().parent}: make it, or choose another.")
