"""Counts of flows and targets as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2c.screen.layout import Grid

PLANNED = ("identical", "create", "update", "deactivate", "rejected", "blocked", "conflict")
SHOWN = ("filtered", *PLANNED, "drift", "first_contact")


def flow_table(report: Mapping[str, Any], columns: Sequence[str]) -> Grid:
    """One line for each flow and target that has records, with the counts named."""
    busy = [f for f in report["flows"] if any(f.get(name) for name in ("source_rows", *columns))]
    used = [name for name in columns if any(flow.get(name) for flow in busy)]
    rows = [
        [flow["flow"], flow["target"], *(flow.get(name, 0) for name in ("source_rows", *used))]
        for flow in busy
    ]
    grid = Grid(["flow", "target", "rows", *used], rows, numbers=len(used) + 1)
    if quiet := len(report["flows"]) - len(busy):
        grid.caption = f"{quiet} more targets have no records."
    return grid
