"""A plan in a terminal, in a pipe and above a question: what is shown, counted and cut."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len

from p2c.screen.output import file_lines
from p2c.screen.plan_json import plan_data
from p2c.screen.plan_text import plan_text

from .plan_world import WAITS, apart, every_kind, key, planned, terminal

KINDS = ("NEW", "LINE", "CHANGED", "FIRST", "GONE", "DELETED", "WAITS")
APART = ("DRIFT", "CONFLICT", "BLOCKED", "REJECTED")
KEY = re.compile(r"\S*/CON-\d{5}-([A-Z]+)/ACC-\d{5}-DCAAXV(?= |$)")
SIGNS = {"NEW": "+", "LINE": "+", "CHANGED": "~", "FIRST": "~", "GONE": "-", "DELETED": "-"}


@pytest.mark.parametrize("entire", [False, True])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_every_key_is_whole(
    tmp_path: Path, width: int, entire: bool
) -> None:
    view = planned(tmp_path, every_kind(3)).view(None, list(apart(3)))
    lines = terminal(width, *plan_text(view, entire=entire))
    assert max(map(cell_len, lines)) <= width
    found_keys = Counter(found[1] for line in lines for found in KEY.finditer(line))
    assert found_keys == dict.fromkeys((*KINDS, *APART), 3)


def test_each_record_has_its_sign_and_what_is_not_written_has_another(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(2)).view(None, list(apart(2)))
    lines = list(file_lines(plan_text(view)))
    signs = {found[1]: line.split()[0] for line in lines if (found := KEY.search(line))}
    assert signs == {**dict.fromkeys((*KINDS, *APART), "!"), **SIGNS}
    assert '      OrganizationName: "Old 1" -> "New 1"' in lines
    assert '      CreditLimit (kept): "1.10" -> "1.20"' in lines
    assert '      CreditLimit (kept): "1.10" <> "1.20"' in lines


def test_counts_are_those_of_the_plan_s_rows(tmp_path: Path) -> None:
    """Counted here from the rows themselves, by their operation."""
    rows = every_kind(30)
    text = "\n".join(file_lines(plan_text(planned(tmp_path, rows).view(4, list(apart(9))))))
    operations = Counter(row["operation"] for row in rows)
    [summary] = re.findall(r"^Plan: (.*)\.$", text, re.M)
    assert {name: int(n) for n, name in re.findall(r"(\d+) to (\w+)", summary)} == operations
    found_keys = Counter(found[1] for found in KEY.finditer(text.replace("\n", " ")))
    assert found_keys == dict.fromkeys((*KINDS, *APART), 4)
    more = [int(n) for n in re.findall(r"… (\d+) more; --all shows all", text)]
    # New and changed records of a target are under one heading; 5 kinds of it and the lines.
    assert sorted(more) == sorted([52, 26, 26, 26, 26, 26, 5, 5, 5, 5])


def test_a_pipe_gets_no_colour_and_no_padding(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(2)).view(None, list(apart(2)))
    lines = list(file_lines(plan_text(view, entire=True)))
    assert "\x1b" not in "".join(lines)
    assert [line for line in lines if line != line.rstrip()] == []


def test_all_shows_every_column_of_a_new_record(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(1)).view(None)
    whole = list(file_lines(plan_text(view, entire=True)))
    short = list(file_lines(plan_text(view)))
    assert '      Id: "00000000-0000-0000-0000-000000000000"' in whole
    assert '      OrganizationName: "Née 0 東京"' in whole
    assert len(short) < len(whole)


def test_what_a_deactivation_writes_stands_beside_its_count(tmp_path: Path) -> None:
    text = "\n".join(file_lines(plan_text(planned(tmp_path, every_kind(2)).view(1))))
    assert '2 to deactivate: OnHoldStatus: "All"' in text
    assert "2 to delete\n" in text


def test_what_an_undo_cannot_take_back_stands_apart_with_the_reason(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(2)).view(None, kind="undo")
    lines = list(file_lines(plan_text(view)))
    [title] = [n for n, line in enumerate(lines) if line.startswith("Not taken back: accounts")]
    assert lines[title].endswith("2 blocked")
    assert lines[title + 1] == f"  ! {key('waits', 0)}  {WAITS} 0"
    data = plan_data(view)
    assert data["kept"] == [(key("waits", n), f"{WAITS} {n}") for n in range(2)]
    assert not {change["key"] for change in data["changes"]} & {key("waits", n) for n in range(2)}
