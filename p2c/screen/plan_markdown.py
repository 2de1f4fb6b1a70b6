"""A plan for a pull request: counts in a table, changes folded, never longer than a comment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from p2c.screen.changes_text import plain_lines
from p2c.screen.flow_table import SHOWN, flow_table
from p2c.screen.layout import Grid
from p2c.screen.markdown import COMMENT, cell, code, details, length, table
from p2c.screen.plan_text import ALL, heading, left_out, plan_summary, remarks
from p2c.screen.plan_view import PlanView, Section

# Kept free for the last note, and for what a section needs beside its records.
NOTE, AROUND = 600, 400
LEFT_OUT = (
    "*{count} more records are not shown: a comment on GitHub has at most {limit:,} characters. "
    "In a terminal `p2c plan --all` shows them.*\n"
)


def plan_markdown(view: PlanView, *, entire: bool = False, limit: int = COMMENT) -> str:
    """The whole text, at most `limit` characters long, with a note on what there was no room for.

    entire: every column of new records, and values as they are.
    """
    head, foot = _head(view), _foot(view)
    room = _Room(limit - NOTE - length(head) - length(foot))
    parts = [part for section in view.sections for part in room.section(section, entire=entire)]
    if room.left_out:
        parts.append(LEFT_OUT.format(count=f"{room.left_out:,}", limit=limit))
    return "\n".join([head, *parts, foot])


@dataclass
class _Room:
    """How many characters are left, and how many records had no room."""

    left: int
    left_out: int = 0

    def section(self, section: Section, *, entire: bool) -> Iterator[str]:
        """Its heading folded over what has room of it; nothing where not even that has."""
        title = heading(section)
        grid = _grid(section.grid) if section.grid else ""
        self.left -= AROUND + length(title) + length(grid)
        if self.left < 0:
            self.left_out += section.total
            return
        lines, count = self._lines(section, entire=entire)
        more = left_out(section, count, ALL) if self.left >= 0 else ""
        yield details(title, grid, code(lines, "diff") if lines else "", more)

    def _lines(self, section: Section, *, entire: bool) -> tuple[list[str], int]:
        lines: list[str] = []
        count = 0
        for row in section.rows:
            more = [line.removeprefix("  ") for line in plain_lines(row, entire=entire)]
            size = sum(length(line) + 1 for line in more)
            if size > self.left:
                self.left = -1
                self.left_out += section.total - count
                break
            self.left -= size
            count += 1
            lines += more
        return lines, count


def _head(view: PlanView) -> str:
    parts = [f"### {plan_summary(view.plan, view.flows, view.beside)}\n"]
    if view.plan.plan_id:
        parts.append(f"`{view.plan.plan_id}` of {view.plan.created_at:%Y-%m-%d %H:%M} UTC\n")
    if view.guard:
        parts.append(f"> **A guard would stop this plan:** {cell(view.guard)}\n")
    for flow, reasons in view.beside["held_back"].items():
        parts.append(f"> **{cell(flow)} is held back:** {cell(' '.join(reasons))[:2_000]}\n")
    return "\n".join([*parts, _grid(flow_table(view.report, SHOWN))])


def _foot(view: PlanView) -> str:
    return "\n".join(f"{cell(text)}\n" for text in remarks(view))


def _grid(grid: Grid) -> str:
    rows = [[value or "·" for value in row] for row in grid.rows]
    return table(grid.columns, rows, grid.numbers) + (
        f"\n{cell(grid.caption)}\n" if grid.caption else ""
    )
