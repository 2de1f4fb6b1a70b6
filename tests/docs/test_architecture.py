"""docs/architecture.md fits one screen, and each file and folder it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ROOMS = re.findall(
    r"`((?:p2c|loaders|pipelines|sandbox|models|macros|seeds|tests)(?:/[\w*./]+)?)`", PAGE
)
STEPS = re.findall(r"^\| (\d+) \| \[[^\]]+\]\(\.\./(loaders/[\w/]+\.py)\)", PAGE, re.MULTILINE)


def test_the_page_is_one_screen() -> None:
    assert len(PAGE.splitlines()) <= 80


@pytest.mark.parametrize("room", sorted(set(ROOMS)))
def test_rooms_are_there(room: str) -> None:
    assert list(ROOT.glob(room))


@pytest.mark.parametrize("package", ["p2c", "loaders", "sandbox/p2c_sandbox"])
def test_every_room_is_named(package: str) -> None:
    folders = {path.parent for path in (ROOT / package).glob("*/__init__.py")}
    named = {ROOT / room for room in ROOMS}
    assert folders <= named or ROOT / package in named


def test_a_record_passes_nine_modules_of_the_loaders() -> None:
    """Counted as the page does, each of them once."""
    assert [int(number) for number, _ in STEPS] == list(range(1, len(STEPS) + 1))
    assert len({file for _, file in STEPS}) == len(STEPS) <= 9
    assert [file for _, file in STEPS if not (ROOT / file).exists()] == []


def test_each_module_of_the_way_handles_rows() -> None:
    """What the page names works on changes, or on the rows that become them."""
    handle = re.compile(r"\b(Change|PlannedRow|Part|rows)\b")
    assert [file for _, file in STEPS if not handle.search((ROOT / file).read_text())] == []
