"""p2c sandbox: the local Sales and F&O services."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit
from uuid import uuid4

import typer

from p2c.commands.options import Json, Yes, examples
from p2c_sandbox.commands import do as sandbox_do
from p2c_sandbox.commands import edit as sandbox_edit
from p2c_sandbox.commands import faults as sandbox_faults
from p2c_sandbox.commands import story as sandbox_story
from p2c_sandbox.commands.place import SandboxError, choose, running_one, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from p2c.screen.output import Output
    from p2c_sandbox.process import Running

app = typer.Typer(no_args_is_help=True, callback=choose)
app.add_typer(sandbox_do.app, name="do")
app.add_typer(sandbox_faults.app, name="faults")
app.command(epilog=sandbox_edit.EPILOG)(sandbox_edit.edit)
app.command(epilog=sandbox_story.EPILOG)(sandbox_story.story)


class Demo(StrEnum):
    """What a fresh sandbox holds: only the base tables, or the whole demo company."""

    base = "base"
    demo = "demo"


SALES_PORT, FINOPS_PORT = 8365, 8366
PORTS = {"sales": SALES_PORT, "finops": FINOPS_PORT}
TITLES = {"sales": "Sales", "finops": "F&O"}
DemoOption = Annotated[Demo, typer.Option("--demo", help="What to fill a fresh sandbox with.")]
_PORT = "Port of {}; 0 takes any. By default {}, or any when it is taken."
SalesPort = Annotated[
    int | None, typer.Option("--sales-port", help=_PORT.format("Sales", SALES_PORT))
]
FinopsPort = Annotated[
    int | None, typer.Option("--finops-port", help=_PORT.format("F&O", FINOPS_PORT))
]


@app.command(epilog=examples("p2c sandbox up", "p2c sandbox up --demo base --sales-port 0"))
def up(
    ctx: typer.Context,
    demo: DemoOption = Demo.demo,
    sales_port: SalesPort = None,
    finops_port: FinopsPort = None,
    tls: Annotated[bool, typer.Option("--tls", help="https, with its own certificate.")] = False,
    json_mode: Json = False,
) -> None:
    """Start the sandbox in the background and point the settings at it."""
    from p2c_sandbox.commands import project as sandboxing

    context, out, folder = start(ctx, json_mode)
    ports = {"sales": sales_port, "finops": finops_port}
    running = _start(out, folder, demo, ports, tls=tls)
    sandboxing.point_settings_at(running, context.project_dir)
    _tell(out, running, "Next: p2c run")


@app.command(epilog=examples("p2c sandbox down"))
def down(ctx: typer.Context, json_mode: Json = False) -> None:
    """Stop the sandbox; its data stays."""
    from p2c_sandbox import process

    _, out, folder = start(ctx, json_mode)
    stopped = process.stop(folder)
    out.data({"stopped": stopped})
    out.show("The sandbox is stopped." if stopped else "No sandbox was running.")


@app.command(epilog=examples("p2c sandbox status", "p2c sandbox status --json"))
def status(ctx: typer.Context, json_mode: Json = False) -> None:
    """Whether it runs, and where."""
    from p2c_sandbox import process

    _, out, folder = start(ctx, json_mode)
    running = process.status(folder)
    if running:
        _tell(out, running, "Stop it with: p2c sandbox down")
        return
    out.data({"running": False})
    out.show("No sandbox is running. Start one with: p2c sandbox up")


@app.command(epilog=examples("p2c sandbox reset --yes", "p2c sandbox reset --demo base"))
def reset(
    ctx: typer.Context,
    demo: DemoOption = Demo.demo,
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """Start over: fill the sandbox again and remove everything staged from it."""
    from p2c_sandbox import process
    from p2c_sandbox.commands import project as sandboxing

    context, out, folder = start(ctx, json_mode)
    _confirm(f"Delete the data in {folder} and the warehouse {context.warehouse}?", yes)
    sandboxing.forget_staged(context)
    running = process.reset(folder, demo, switches=_own_organisation()) or _start(
        out, folder, demo, {}
    )
    sandboxing.point_settings_at(running, context.project_dir)
    _tell(out, running, "Next: p2c run")


@app.command(epilog=examples("p2c sandbox load my-data/", "p2c sandbox load my-data/ --json"))
def load(
    ctx: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of CSV.")
    ],
    json_mode: Json = False,
) -> None:
    """Send CSV files (`sales.accounts.csv`) through the services' own APIs."""
    from p2c.screen import lookup_text
    from p2c_sandbox import load as loading

    _, out, folder = start(ctx, json_mode)
    running = running_one(folder)
    try:
        found = loading.load(directory, running)
    except FileNotFoundError as error:
        raise SandboxError(str(error)) from None
    problems = [asdict(problem) for problem in found.problems]
    out.data({"status": "ok" if found.ok else "failed", "rows": found.rows, "problems": problems})
    out.show(lookup_text.files_table(found.rows))
    for problem in found.problems:
        out.note(str(problem))
    if not found.ok:
        raise typer.Exit(1)


def _start(
    out: Output, directory: Path, demo: Demo, ports: Mapping[str, int | None], *, tls: bool = False
) -> Running:
    """Start it, or find it running. A port that nobody asked for may be another one: it is said."""
    from p2c_sandbox import process

    found = process.status(directory)
    if found is not None:
        return found
    free = [name for name in PORTS if ports.get(name) is None]
    wanted = PORTS | {name: port for name, port in ports.items() if port is not None}
    try:
        running = process.start(
            directory,
            demo=demo,
            sales_port=wanted["sales"],
            finops_port=wanted["finops"],
            switches=None if process.is_filled(directory) else _own_organisation(),
            tls=tls,
            elsewhere=free,
        )
    except process.SandboxError as error:
        hint = " Leave the option out, or give 0, and it takes a free one."
        raise SandboxError(f"{error}{hint if 'is taken' in str(error) else ''}") from None
    for name in free:
        _say_where(out, TITLES[name], PORTS[name], getattr(running, name).url)
    return running


def _own_organisation() -> dict[str, str | int | float]:
    """A sandbox that is filled anew is an organisation of its own: what was staged of another one
    must not be continued with it (decision 0011)."""
    return {"sales.organization_id": str(uuid4())}


def _say_where(out: Output, title: str, usual: int, url: str) -> None:
    port = urlsplit(url).port
    if port != usual:
        out.note(f"Port {usual} is taken by another program: {title} listens on {port}.")


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise SandboxError("This deletes data and nobody can be asked here: give --yes.")
    if not typer.confirm(question, err=True):
        raise SandboxError("Not confirmed, nothing was deleted.")


def _tell(out: Output, running: Running, after: str) -> None:
    found: dict[str, Any] = {
        "running": True,
        "pid": running.pid,
        "sales": running.sales.url,
        "finops": running.finops.url,
        "directory": str(running.directory),
    }
    out.data(found)
    out.show(
        f"Sales  {running.sales.url}/api/data/v9.2/",
        f"F&O    {running.finops.url}/data/",
        f"Data, log and credentials are in {running.directory}; it stops after an idle hour.",
        after,
    )
