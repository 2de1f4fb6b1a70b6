"""p2c new: the files of something that a project does not have yet."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from typing import Annotated

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session

EXAMPLE = (
    "p2c new flow warehouses --from finops.Warehouses --to sales.msdyn_warehouses"
    " --map WarehouseId=msdyn_name"
)
NEXT = """\
Next:
  dbt build --selector {flow}
  p2c plan --select {flow}
Then make it yours: scope and rules in the target model, who wins in the changes model's meta."""


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="Begin a flow of your own.", epilog=examples(EXAMPLE), no_args_is_help=True
    )
    group.command(epilog=examples(EXAMPLE))(flow)
    app.add_typer(group, name="new")


def flow(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name, in lower case.")],
    source: Annotated[
        str, typer.Option("--from", metavar="TABLE", help="What it reads: system.EntitySet.")
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="TABLE", help="What it writes: system.EntitySet.")
    ],
    maps: Annotated[
        list[str],
        typer.Option(
            "--map", metavar="FIELD=FIELD", help="Source and target field; the first finds pairs."
        ),
    ],
    json_mode: Json = False,
) -> None:
    """Write the models of a flow between two tables that tables.yml declares."""
    from p2c.config.new_flow import new_flow
    from p2c.config.project import find_project

    out = session(ctx).out(json_mode)
    new, added = new_flow(find_project(session(ctx).project_dir), name, source, target, maps)
    files = {"new": [path.as_posix() for path in new], "added": [p.as_posix() for p in added]}
    out.data({"status": "ok", **files})
    out.show("\n".join([*files["new"], *(f"{path} (added to)" for path in files["added"])]))
    out.note(NEXT.format(flow=name))
