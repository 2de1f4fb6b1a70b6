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
    """Check settings, versions, warehouse and both services, and say what to do."""
    from p2c.checks import doctor as checks
    from p2c.checks.service_request import probing
    from p2c.run.extraction import tracked_tables
    from p2c.screen import lookup_text

    context, out = session(ctx).start(json_mode)
    with probing(context) as probe:
        found = [
            check.as_dict()
            for check in checks.examine(context, probe, lambda: tracked_tables(context))
        ]
    failed = sum(check["status"] == "fail" for check in found)
    out.data({"status": "failed" if failed else "ok", "checks": found})
    out.show(lookup_text.checks_table(found))
    if failed:
        out.note(f"{failed} of {len(found)} checks failed.")
        raise typer.Exit(1)
