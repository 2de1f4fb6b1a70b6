"""p2c setup sales: the security role of the application, planned and then made."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2c.commands.keys_options import confirm
from p2c.commands.options import Json, Yes, examples
from p2c.commands.session import session
from p2c.screen.output import Output

if TYPE_CHECKING:
    from p2c.tenant.dataverse import Dataverse
    from p2c.tenant.privileges import Privilege
    from p2c.tenant.role import RolePlan

ROLE = "Prospect to cash integration"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
EXAMPLES = (
    "p2c setup sales --dry-run",
    "p2c setup sales",
    "p2c setup sales --role-file role.md",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(
        help="What a tenant needs before the first run.",
        no_args_is_help=True,
        epilog=examples(*EXAMPLES),
    )
    group.callback()(lambda: None)
    group.command("sales", epilog=examples(*EXAMPLES))(sales)
    app.add_typer(group, name="setup")


def _guid(value: str | None) -> str | None:
    if value is not None and not GUID.fullmatch(value):
        raise typer.BadParameter(f"{value!r} is no application (client) ID.")
    return value


Role = Annotated[str, typer.Option("--role", metavar="NAME", help="Name of the role.")]
Application = Annotated[
    str | None,
    typer.Option(
        "--application",
        metavar="ID",
        callback=_guid,
        help="Application (client) ID whose user gets the role; without it, the one of the"
        " settings.",
    ),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Also what only undo and flows that run on demand need.")
]
RoleFile = Annotated[
    Path | None,
    typer.Option(
        "--role-file",
        metavar="FILE",
        help="Only write the privileges to a .md, .csv or .json file; Sales is not asked.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


def sales(  # noqa: PLR0913, PLR0917 - each is an option of the command
    ctx: typer.Context,
    role: Role = ROLE,
    application: Application = None,
    everything: Everything = False,
    role_file: RoleFile = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    json_mode: Json = False,
) -> None:
    """Make the security role in Sales, add what it lacks, assign it. Takes nothing away."""
    from p2c.run.flows import graph
    from p2c.tenant.privileges import sales_privileges

    context, out = session(ctx).start(json_mode)
    privileges = sales_privileges(context, graph(context, fresh=True))
    if role_file is not None:
        _to_file(out, role_file, privileges, yes)
        return
    from p2c.tenant.dataverse import dataverse

    wanted = [one for one in privileges if everything or not one.optional]
    with dataverse(context) as service:
        asked = Asked(service, role, application, wanted, _left_out(privileges, wanted))
        asked.carry_out(out, dry_run=dry_run, yes=yes)


@dataclass(frozen=True)
class Asked:
    """What the command was asked to see to, and of which service."""

    service: Dataverse
    role: str
    application: str | None
    privileges: Sequence[Privilege]
    left_out: dict[str, list[str]]

    def carry_out(self, out: Output, *, dry_run: bool, yes: bool) -> None:
        """Show the plan, ask, do it, and look again."""
        from p2c.screen import setup_text
        from p2c.tenant.role import apply_role

        plan = self.plan()
        result = {"status": "ok", "dry_run": dry_run, **setup_text.plan_json(plan, self.left_out)}
        if plan.is_done or dry_run:
            out.show(*setup_text.plan_text(plan, self.left_out))
            out.data(result)
        if plan.is_done:
            out.note("Nothing is to be done.")
        if plan.is_done or dry_run:
            return
        out.note(*setup_text.plan_text(plan, self.left_out))
        confirm(out, yes, "Do this in Sales?")
        apply_role(self.service, plan)
        out.show(*setup_text.done_text(self.plan()))
        out.data(result)

    def plan(self) -> RolePlan:
        """What is missing now."""
        from p2c.tenant.role import plan_role

        return plan_role(self.service, self.role, self.privileges, self.application)


def _left_out(every: Sequence[Privilege], wanted: Sequence[Privilege]) -> dict[str, list[str]]:
    """What alone needs it → names of privileges that no wanted one shares."""
    names = {one.name for one in wanted}
    found: dict[str, list[str]] = {}
    for one in every:
        if one.name not in names:
            kept = found.setdefault(" and ".join(one.why), [])
            if one.name not in kept:
                kept.append(one.name)
    return found


def _to_file(out: Output, path: Path, privileges: Sequence[Privilege], yes: bool) -> None:
    from p2c.tenant.role_file import write_role_file

    if path.exists():
        confirm(out, yes, f"{path} is there already. Write over it?")
    write_role_file(path, privileges)
    out.data({"status": "ok", "file": str(path), "privileges": len(privileges)})
    out.show(f"{path}: {len(privileges)} privileges, each with the flows that need it.")
