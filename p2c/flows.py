"""Names of flows given on the command line, checked against dbt's manifest."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import typer

from loaders import SyncGraph, read_targets
from p2c import dbt
from p2c.settings import Loaded


def graph(loaded: Loaded, *, fresh: bool = False) -> SyncGraph:
    """The write targets in dbt's manifest; without a manifest, or with `fresh`, dbt makes one."""
    path = loaded.path("target_dir") / "manifest.json"
    if fresh or not path.is_file():
        dbt.parse(loaded)
    return read_targets(path)


def checked(loaded: Loaded, select: Sequence[str] | None) -> list[str]:
    """The flows selected; wrong usage when one is unknown, even to a manifest made anew."""
    wanted = list(select or ())
    if not wanted:
        return []
    if set(wanted) <= set(graph(loaded).flows):
        return wanted
    known = graph(loaded, fresh=True).flows
    for flow in wanted:
        if flow not in known:
            raise typer.BadParameter(_unknown(flow, known), param_hint="--select")
    return wanted


def _unknown(flow: str, known: Sequence[str]) -> str:
    close = get_close_matches(flow, known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"there is no flow {flow!r}.{hint} The flows are {', '.join(sorted(known))}."
