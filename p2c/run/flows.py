"""Names of flows given on the command line, checked against dbt's manifest."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import typer

from loaders import GUARDS, SyncGraph, read_targets, select_targets
from p2c.config.context import Context
from p2c.run import dbt


def graph(context: Context, *, fresh: bool = False) -> SyncGraph:
    """The write targets in dbt's manifest; without a manifest, or with `fresh`, dbt makes one."""
    path = context.path("target_dir") / "manifest.json"
    if fresh or not path.is_file():
        dbt.parse(context)
    return read_targets(path)


def checked(context: Context, select: Sequence[str] | None, with_needed: bool = False) -> list[str]:
    """The flows selected, and those they refer to; wrong usage when one is unknown.

    A name the manifest lacks may be a model just written: it is unknown only to a new manifest.
    """
    wanted = list(select or ())
    if not wanted:
        return []
    known = graph(context)
    if not set(wanted) <= set(known.flows):
        known = graph(context, fresh=True)
    for flow in wanted:
        if flow not in known.flows:
            raise typer.BadParameter(_unknown(flow, known.flows), param_hint="--select / --flow")
    targets = select_targets(known, wanted, with_needed=with_needed)
    return list(dict.fromkeys(target.flow for target in targets))


def allowed(guards: Sequence[str] | None) -> frozenset[str]:
    """The guards to let pass; wrong usage when one is unknown."""
    for name in guards or ():
        if name not in GUARDS:
            raise typer.BadParameter(
                f"there is no guard {name!r}; the guards are {', '.join(GUARDS)}.",
                param_hint="--allow",
            )
    return frozenset(guards or ())


def _unknown(flow: str, known: Sequence[str]) -> str:
    close = get_close_matches(flow, known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"there is no flow {flow!r}.{hint} The flows are {', '.join(sorted(known))}."
