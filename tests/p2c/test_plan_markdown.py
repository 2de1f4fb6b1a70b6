"""A plan for a pull request, read by a Markdown parser."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from p2c.screen.markdown import code, details, length, table
from p2c.screen.plan_markdown import plan_markdown

from .plan_world import FLOW, LINES, TARGET, apart, every_kind, planned

PARSER = MarkdownIt("commonmark").enable("table")
NASTY = "a|b `c` <script> @team #1 [x](y) ~z~"


def tables(text: str) -> list[list[list[str]]]:
    """Cells of every table, as they are read."""
    found: list[list[list[str]]] = []
    for token, following in zip(tokens := PARSER.parse(text), tokens[1:], strict=False):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            children = following.children or []
            found[-1][-1].append("".join(child.content for child in children))
    return found


def blocks(text: str) -> list[str]:
    return [token.content for token in PARSER.parse(text) if token.type == "fence"]


def test_counts_are_a_table_and_every_record_is_in_a_block(tmp_path: Path) -> None:
    rows = every_kind(3)
    text = plan_markdown(planned(tmp_path, rows).view(None, list(apart(2))))
    head, *body = tables(text)[0]
    found = {(line[0], line[1]): dict(zip(head[2:], line[2:], strict=True)) for line in body}
    mine = [row for row in rows if row["flow"] == FLOW]
    creates = sum(row["operation"] == "create" for row in mine)
    assert found[FLOW, TARGET]["create"] == str(creates)
    assert (LINES[0], LINES[1]) not in found
    found_keys = "".join(blocks(text))
    assert [row["record_key"] for row in rows if row["record_key"] not in found_keys] == []
    html = [token.content for token in PARSER.parse(text) if token.type == "html_block"]
    opened = sum(content.count("<details>") for content in html)
    assert opened == sum(content.count("</details>") for content in html) > 5


def test_a_comment_is_never_too_long_and_says_what_is_left_out(tmp_path: Path) -> None:
    rows = every_kind(700)
    view = planned(tmp_path, rows).view(None)
    text = plan_markdown(view, entire=True)
    assert len(text) <= 65_536
    assert length(text) > 50_000
    found_keys = sum(row["record_key"] in text for row in rows)
    [left] = re.findall(r"^\*([\d,]+) more records are not shown", text, re.M)
    assert found_keys + int(left.replace(",", "")) == len(rows)
    assert PARSER.render(text).count("<details>") == PARSER.render(text).count("</details>")


@pytest.mark.parametrize("limit", [3_000, 10_000, 30_000])
def test_any_limit_is_kept(tmp_path: Path, limit: int) -> None:
    view = planned(tmp_path, every_kind(40)).view(None, list(apart(40)))
    assert length(plan_markdown(view, entire=True, limit=limit)) <= limit


def test_letters_beyond_the_first_plane_count_twice() -> None:
    assert length("ab😀") == 4


def test_text_of_records_makes_no_markup_and_no_mention() -> None:
    [[_, [cell]]] = tables(table(["x"], [[NASTY]]))
    assert cell.replace("\u200b", "") == NASTY
    assert "@\u200bteam" in cell
    lines = ["+ a", "```", "````x", "<b>"]
    assert blocks(details("<i>", code(lines))) == ["\n".join(lines) + "\n"]
    assert "&lt;i&gt;" in details("<i>")


def test_a_guard_and_flows_that_are_held_back_stand_above(tmp_path: Path) -> None:
    view = planned(tmp_path, every_kind(1)).view(None)
    found_keys = replace(
        view, guard="Too much.", beside={**view.beside, "held_back": {"products": ["Why."]}}
    )
    top = plan_markdown(found_keys).partition("<details>")[0]
    assert "Too much." in top
    assert "products is held back:** Why." in top
