"""What `p2c setup` is about to do to a tenant, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import Grid, Line

if TYPE_CHECKING:
    from p2c.tenant.role import RolePlan

TRACKING = "Power Apps > Tables > the table > Advanced options > Track changes"
RIGHTS = (
    "Making and assigning a role takes System Administrator in this environment. If the application"
    " was given it for this command, take it away afterwards."
)


def plan_text(plan: RolePlan, left_out: Mapping[str, list[str]]) -> list[RenderableType]:
    """What is to be done, then what is left for a person; `left_out`: reason → privileges."""
    rights: list[RenderableType] = [] if plan.is_done else [Line(RIGHTS)]
    what = done_text(plan) if plan.is_done else [*_role(plan), *_assignment(plan)]
    return [*what, *_left(plan, left_out), *rights]


def done_text(plan: RolePlan) -> list[RenderableType]:
    """What is so now; or, after a write, what the service does not show yet."""
    if plan.is_done:
        words = f"The role {plan.role!r} has all {plan.held} privileges that are needed, and"
        return [Line(Text(f"{words} {plan.user.name} has the role.", "bold"))]
    names = ", ".join(grant.name for grant in plan.grants) or "the assignment of the role"
    return [Line(f"Sales took it, and does not show it yet: {names}. Look again in a minute.")]


def plan_json(plan: RolePlan, left_out: Mapping[str, list[str]]) -> dict[str, object]:
    """The plan for a script."""
    return {
        "role": plan.role,
        "role_id": plan.role_id,
        "create_role": plan.role_id is None,
        "user": {"id": plan.user.user_id, "name": plan.user.name},
        "assign": not plan.assigned,
        "held": plan.held,
        "add": [{"privilege": one.name, "tables": list(one.tables)} for one in plan.grants],
        "absent": list(plan.absent),
        "untracked": list(plan.untracked),
        "left_out": {reason: list(names) for reason, names in left_out.items()},
        "nothing_to_do": plan.is_done,
    }


def _role(plan: RolePlan) -> list[RenderableType]:
    if not plan.grants and plan.role_id:
        return [Line(f"The role {plan.role!r} has all {plan.held} privileges that are needed.")]
    verb = f"has {plan.held} of these and gets" if plan.role_id else "will be made, with"
    count = f"{len(plan.grants)} privileges for the organization"
    subjects: dict[str, list[str]] = {}
    for grant in plan.grants:
        subjects.setdefault(grant.subject, []).append(grant.access)
    rows = [[f"+ {subject}", ", ".join(accesses)] for subject, accesses in subjects.items()]
    return [
        Line(Text(f"The role {plan.role!r} {verb} {count}:", "bold")),
        Grid(["table group", "privileges"], rows),
    ]


def _assignment(plan: RolePlan) -> list[RenderableType]:
    who = f"{plan.user.name} ({plan.user.user_id})"
    words = "has the role already" if plan.assigned else "will have the role"
    return [Line(f"The application user {who} {words}.")]


def _left(plan: RolePlan, left_out: Mapping[str, list[str]]) -> list[RenderableType]:
    lines = [
        f"Left out, as only {reason} needs it: {', '.join(names)}. --all adds it."
        for reason, names in left_out.items()
    ]
    lines += [f"{text} What reads or writes it will fail." for text in plan.absent]
    if plan.untracked:
        names = ", ".join(plan.untracked)
        lines.append(f"Read in full each time, as changes are not tracked: {names}. {TRACKING}.")
    return [Line(line, 2) for line in lines]
