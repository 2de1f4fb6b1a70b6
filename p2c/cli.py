"""`p2c`: the commands, and what happens when one of them fails.

Exit codes: 0 fine, 1 failed, 2 wrong usage (`plan --detailed-exitcode`: 2 means changes).
Heavy libraries are imported by the commands that need them, so that help comes at once.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from p2c import __version__
from p2c.commands import (
    check,
    corrections,
    extras,
    init,
    inspect,
    keys,
    ledger,
    new,
    notify,
    prune,
    publish,
    reconcile,
    report,
    setup,
    steps,
)
from p2c.commands.session import Session
from p2c.errors import StreamError, format_error, is_interrupt
from p2c.screen import streams
from p2c.screen.output import LogFormat, LogOptions

INTERRUPTED = 130
# Typer brings its own copy of click, or imports it: its errors are known by their family.
Misuse: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="p2c",
    help="Keep Dynamics 365 Sales and Dynamics 365 Finance and Operations equal.",
    epilog="Start with `p2c init` in an empty folder; it says what comes next.",
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
    log_format: Annotated[
        LogFormat,
        typer.Option(
            "--log-format",
            envvar="P2C_LOG_FORMAT",
            help="Notes and errors on stderr as text, or a JSON object on each line.",
        ),
    ] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Each step on stderr, with its seconds.")
    ] = False,
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it and end.")
    ] = False,
) -> None:
    """Keep Dynamics 365 Sales and Dynamics 365 Finance and Operations equal."""
    ctx.obj.project_dir, ctx.obj.no_color, ctx.obj.debug = project_dir, no_color, debug
    ctx.obj.log = LogOptions(log_format, quiet, verbose)


init.register(app)
check.register(app)
setup.register(app)
steps.register(app)
corrections.register(app)
inspect.register(app)
keys.register(app)
reconcile.register(app)
ledger.register(app)
prune.register(app)
report.register(app)
publish.register(app)
notify.register(app)
new.register(app)
extras.register(app, entry_points(group="p2c.commands"))


def main(arguments: list[str] | None = None) -> None:
    """Entry point: run a command; an error becomes a message, JSON when asked, and an exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    session = Session(json_mode="--json" in words, words=words, before=notify.before_command)
    streams.tolerate()
    try:
        code = _ended(session, words)
    except BrokenPipeError:
        code = _unread()
    except StreamError as error:
        session.out_now().note(f"Error: {error}")
        code = _unread()
    sys.exit(code)


def _ended(session: Session, words: list[str]) -> int:
    try:
        code = _run(session, words)
        if code == INTERRUPTED:
            return _interrupted(session)
        session.out_now().flush()
        return code
    except Misuse as error:
        return _misused(session, error)
    except (BrokenPipeError, StreamError):
        raise
    except Exception as error:
        if session.debug and not is_interrupt(error):
            raise
        return _failed(session, error)


def _run(session: Session, words: list[str]) -> int:
    """The command, and what its end has to say to others."""
    try:
        code = int(app(args=words, obj=session, standalone_mode=False) or 0)
    except BaseException as error:
        notify.after_command(session, None if isinstance(error, Misuse) else error)
        raise
    notify.after_command(session, None)
    return code


def _failed(session: Session, error: Exception) -> int:
    if is_interrupt(error):
        return _interrupted(session)
    session.out_now().fail(format_error(error, session.places()))
    return 1


def _interrupted(session: Session) -> int:
    """Ctrl-C or SIGTERM at any stage, a question included."""
    session.out_now().fail(format_error(KeyboardInterrupt()), "interrupted")
    session.out_now().flush()
    return INTERRUPTED


def _misused(session: Session, error: Exception) -> int:
    """Wrong usage: how the command is called, and what is wrong with this call."""
    out, ctx = session.out_now(), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()  # type: ignore[attr-defined]
    else:
        if ctx is not None:
            out.note(ctx.get_usage())
            out.note(f"Try '{ctx.command_path} -h' for help.\n")
        out.fail(" ".join(error.format_message().split()))  # type: ignore[attr-defined]
    return int(getattr(error, "exit_code", 2))


def _unread() -> int:
    """Nobody takes stdout any more, as after `| head`: what is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
