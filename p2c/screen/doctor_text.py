"""What `p2c doctor` shows to a person: by subject, problems with what to do, one last sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from p2c.screen.layout import Line

Checks = Sequence[Mapping[str, Any]]
COLOURS = {"ok": "green", "note": "yellow", "problem": "bold red"}
AT_DEFAULT = "(default)"
SETTINGS = "settings"
SHORT = 200


def doctor_text(checks: Checks) -> RenderableType:
    """All findings, and how many problems there are with what to do first."""
    return Group(*_subjects(checks), Line(last_sentence(checks)))


def last_sentence(checks: Checks) -> str:
    """Counts, and the first thing to do."""
    problems = [check for check in checks if check["status"] == "problem"]
    notes = sum(check["status"] == "note" for check in checks)
    beside = f", {notes} {'note' if notes == 1 else 'notes'}" if notes else ""
    if not problems:
        count = "1 check" if len(checks) == 1 else f"{len(checks)} checks"
        return f"No problem found in {count}{beside}."
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"{count}{beside}. First: {_in_short(problems[0])}."


def _in_short(problem: Mapping[str, Any]) -> str:
    """What is wrong, without its reasons, and what to do; what is long is above, once."""
    found = str(problem["found"]).partition(" (")[0].rstrip(".")
    todo = str(problem["todo"]).rstrip(".")
    short = f"{problem['check']}: {found}" + (f" → {todo}" if todo else "")
    return short if len(short) <= SHORT else f"{problem['check']}, see above"


def _subjects(checks: Checks) -> Iterator[RenderableType]:
    for subject, found in groupby(checks, key=lambda check: check["subject"]):
        yield Line(Text(subject, "bold"))
        rows = list(found)
        shown = [row for row in rows if subject != SETTINGS or not _is_default(row)]
        for row in shown:
            yield from _check(row)
        if len(shown) < len(rows):
            yield Line(f"  {'ok':8}{len(rows) - len(shown)} more at their default: --json has them")
        yield Text("")


def _is_default(row: Mapping[str, Any]) -> bool:
    return row["status"] == "ok" and str(row["found"]).endswith(AT_DEFAULT)


def _check(row: Mapping[str, Any]) -> Iterator[Line]:
    status = row["status"]
    head = Text.assemble("  ", (f"{status:8}", COLOURS[status]), f"{row['check']}: {row['found']}")
    yield Line(head, 8)
    if row["todo"]:
        yield Line(f"{'':10}→ {row['todo']}", 2)
