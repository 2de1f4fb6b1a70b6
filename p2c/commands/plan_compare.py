"""plan --compare: what the mapping of another revision would write, beside that of now."""

# ruff: noqa: PLC0415 - imports inside the functions keep `p2c --help` quick

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from p2c.commands.plan_options import Forms, Wanted, hashes, place, present
from p2c.commands.session import session

if TYPE_CHECKING:
    from p2c.config.context import Context
    from p2c.lookup.plan_difference import Build
    from p2c.run.compare.builds import Version, Versions
    from p2c.screen.output import Output

SHOWN = 5  # of each target and kind; --all shows all


@dataclass(frozen=True)
class Asked:
    """What the command was asked for: the revision and flows."""

    ref: str
    select: Sequence[str] | None
    with_needed: bool
    first: int | None


def run(
    ctx: typer.Context, asked: Asked, wanted: Wanted, detailed_exitcode: bool, wait: float
) -> None:
    """Show the difference; exit 1 where the new version holds back what the old one does not."""
    from p2c.run import flows
    from p2c.run.compare.copies import FOLDER

    if asked.first is not None:
        raise typer.BadParameter("a comparison is of whole plans.", param_hint="--first")
    context, out = session(ctx).start(wanted.on_stdout, wait)
    place(context, wanted)
    session(ctx).more_places.append(context.path("state_dir") / FOLDER)
    is_short = wanted.each is not None and wanted.limit is None
    chosen = flows.checked(context, asked.select, asked.with_needed)
    data = compared(context, out, asked.ref, chosen, SHOWN if is_short else wanted.each)
    shown = _show(out, context, data, wanted)
    if newly := _newly_held(shown, out):
        out.note(f"Held back by new and not by old, for the reasons above: {', '.join(newly)}.")
        raise typer.Exit(1)
    if detailed_exitcode and differs(data):
        raise typer.Exit(2)


def _show(out: Output, context: Context, data: dict[str, Any], wanted: Wanted) -> Mapping[str, Any]:
    """Print it or write it; gives it as it may be shown."""
    from p2c.report.redact_comparison import redacted_comparison
    from p2c.screen.comparison_markdown import comparison_markdown
    from p2c.screen.comparison_text import comparison_text, summary

    shown = redacted_comparison(data, hashes(context)) if wanted.redact else data
    forms = Forms(
        lambda: shown,
        partial(comparison_markdown, shown),
        partial(comparison_text, shown),
        lambda: [summary(shown)],
    )
    present(out, context, forms, wanted)
    return shown


def _newly_held(data: Mapping[str, Any], out: Output) -> list[str]:
    from p2c.checks import held_flows

    held = data["held_back"]
    newly = {flow: why for flow, why in held.get("new", {}).items() if flow not in held["old"]}
    held_flows.show(newly, out)
    return list(newly)


def compared(
    context: Context, out: Output, ref: str, flows: Sequence[str], limit: int | None
) -> dict[str, Any]:
    """Both versions built and their plans compared, as docs/json.md has it.

    limit: changes of each target and kind that are listed (None, 0: all). Raises P2CError and its
    kin; nothing of the project is changed, and nothing noted in the ledger.
    """
    from p2c.lookup.plan_difference import difference
    from p2c.run.compare.builds import built

    with built(context, out, ref) as versions:
        about = _about(versions, flows)
        if versions.both is None:
            return about | {"flows": [], "columns": [], "changes": []}
        old, new = (_build(version, flows) for version in versions.both)
        return about | difference(old, new, limit)


def differs(data: dict[str, Any]) -> bool:
    """Whether anything would be written otherwise."""
    return any(row[name] for row in data["flows"] for name in ("only_old", "only_new", "different"))


def _about(versions: Versions, flows: Sequence[str]) -> dict[str, Any]:
    from p2c.run.compare.builds import HERE

    held = {
        side: {flow: why for flow, why in version.held.items() if not flows or flow in flows}
        for side, version in zip(("old", "new"), versions.both or (), strict=False)
    }
    return {
        "status": "ok",
        "old": versions.revision.name,
        "new": HERE,
        "commit": versions.revision.commit,
        "same_mapping": versions.both is None,
        "held_back": held,
    }


def _build(version: Version, flows: Sequence[str]) -> Build:
    """The layer of one version; of the flows asked for, or of all that run by themselves."""
    from loaders import select_targets
    from p2c.lookup.plan_difference import Build

    known = [flow for flow in flows if flow in version.graph.flows]
    chosen = select_targets(version.graph, known or None) if known or not flows else ()
    relations = [(one.flow, f"{one.system}.{one.entity_set}", one.relation) for one in chosen]
    return Build(version.context.warehouse, relations)
