"""p2c doctor: is everything in place?"""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog=examples("p2c doctor", "p2c doctor --json"))(doctor)


def doctor(ctx: typer.Context, json_mode: Json = False) -> None:
    """Say before the first run what it would hit: settings, both services, seeds, disk.

    Nothing is written to either service. Exit code 1 where there is a problem.
    """
    from p2c.checks.doctor import examine
    from p2c.checks.service_request import probing
    from p2c.run.flows import graph
    from p2c.screen.doctor_text import doctor_text

    context, out = session(ctx).start(json_mode)
    found: list[dict[str, str]] = []
    with probing(context) as probe, out.progress("doctor") as progress:
        for check in examine(context, probe, lambda: graph(context)):
            found.append(check.as_dict())
            progress(len(found), 0, check.subject)
        requests = probe.requests
    failed = any(check["status"] == "problem" for check in found)
    status = "failed" if failed else "ok"
    out.data({"status": status, "requests": requests, "checks": found})
    out.show(doctor_text(found))
    if failed:
        raise typer.Exit(1)
