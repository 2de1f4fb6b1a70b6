"""`p2c`: the commands, and what happens when one of them fails.

Exit codes: 0 fine, 1 failed, 2 wrong usage (`plan --detailed-exitcode`: 2 means changes).
Heavy libraries are imported by the commands that need them, so that help comes at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from p2c import __version__
from p2c.commands import again, check, inspect, steps
from p2c.commands import sandbox as sandbox_commands
from p2c.errors import sentence
from p2c.session import Session

app = typer.Typer(
    name="p2c",
    help="Keep Dynamics 365 Sales and Dynamics 365 Finance and Operations equal.",
    epilog="Start with `p2c sandbox up` and `p2c run`, or with `p2c doctor` on your own tenants.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"p2c {__version__}")
        raise typer.Exit


@app.callback()
def start(
    ctx: typer.Context,
    project_dir: Annotated[
        Path | None,
        typer.Option(
            "--project-dir",
            envvar="P2C_PROJECT_DIR",
            help="Folder with dbt_project.yml; otherwise looked for upwards from here.",
        ),
    ] = None,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and end.")
    ] = False,
) -> None:
    """Keep Dynamics 365 Sales and Dynamics 365 Finance and Operations equal."""
    ctx.obj.project_dir, ctx.obj.no_color, ctx.obj.debug = project_dir, no_color, debug


check.register(app)
steps.register(app)
again.register(app)
inspect.register(app)
app.add_typer(sandbox_commands.app, name="sandbox")


def main(arguments: list[str] | None = None) -> None:
    """Entry point: run a command, turn what goes wrong into a sentence and exit code 1."""
    session = Session()
    try:
        app(args=arguments, obj=session)
    except Exception as error:
        if session.debug:
            raise
        (session.output or session.out()).fail(sentence(error))
        sys.exit(1)
