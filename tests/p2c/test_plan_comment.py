"""The comment on a pull request: no value breaks out of its Markdown, redacted none is in it."""

from __future__ import annotations

import re
from typing import Any

from p2c.report.redact_comparison import redacted_comparison
from p2c.screen.comparison_markdown import MARK, comparison_markdown
from p2c.screen.markdown import COMMENT, length

from .comparison_world import ABOUT, markdown_lines

NAME = "Çelik @everyone <b>|x|</b> `a` ```diff [l](http://x)"


def change(key: str, **fields: Any) -> dict[str, Any]:
    return {"flow": "number_accounts", "target": "sales.accounts", "status": "different",
            "record_key": key, "operation": {"old": "update", "new": "update"},
            "fields": {name: {"held": "h", "old": "o", "new": value}
                       for name, value in fields.items()}}  # fmt: skip


def compared(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    flow = {"flow": "number_accounts", "target": "sales.accounts", "old": 1200, "new": 1200,
            "only_old": 0, "only_new": 0, "different": max(1, len(changes)),
            "old_fates": {"rejected": 1}, "new_fates": {"rejected": 3}}  # fmt: skip
    column = {"flow": "number_accounts", "target": "sales.accounts", "column": "a_b", "records": 1}
    return {**ABOUT, "flows": [flow], "columns": [column], "changes": list(changes), **more}


def test_it_begins_with_the_mark_and_says_the_whole_first() -> None:
    found = markdown_lines(compared(change("k", name="n")))
    assert found[0] == MARK
    assert found[4].startswith("Would be written otherwise: 1 differently.")
    assert "| number\\_accounts | sales.accounts | 1,200 | 1,200 | 0 | 0 | 1 |" in found
    assert "- number\\_accounts, sales.accounts: rejected 1 -\\> 3" in found
    assert "| number\\_accounts | sales.accounts | a\\_b | 1 |" in found


def test_every_record_is_in_a_block_that_its_values_do_not_end() -> None:
    found = markdown_lines(compared(change(NAME, name=NAME)))
    begin = next(n for n, line in enumerate(found) if line.endswith("diff") and "`" in line[:1])
    fence = found[begin].removesuffix("diff")
    end = found.index(fence, begin + 1)
    assert found[begin + 1] == f"~ {NAME}  update"
    assert [line for line in found[begin + 1 : end] if line.startswith(fence)] == []
    assert found[end + 1] == "</details>" or found[end + 2] == "</details>"
    assert not any("@everyone" in line for line in found[:begin] + found[end:])


def test_what_a_data_test_says_is_text_and_no_markup() -> None:
    data = compared(held_back={"old": {}, "new": {"accounts": [NAME]}})
    [line] = [line for line in markdown_lines(data) if line.startswith("**Held back")]
    text = line.removeprefix("**Held back: accounts.** ")
    for special in "`<>|[]":
        assert text.count(special) == text.count(f"\\{special}") == NAME.count(special)
    assert "@everyone" not in text


def test_a_comment_has_room_for_so_much_and_counts_the_rest() -> None:
    data = compared(*(change(f"key-{n:05}", name="x" * 50) for n in range(2000)))
    text = comparison_markdown(data)
    shown = text.count("~ key-")
    assert COMMENT * 0.8 < length(text) < COMMENT
    assert f"… {2000 - shown:,} more" in text.splitlines()
    assert 0 < shown < 2000


def test_redacted_nothing_of_a_record_is_left_and_the_same_value_is_the_same() -> None:
    one = {**change("usmf/ACC-1", Phone="555", City="555"), "detail": "The country ZZ is unknown."}
    one["key_values"] = {"old": '{"a": "ACC-1"}', "new": '{"a": "ACC-2"}'}
    held = {"old": {}, "new": {"accounts": ["ACC-1 is there twice."]}}
    data = redacted_comparison(compared(one, held_back=held), lambda value: f"#{hash(value):x}")
    [shown] = data["changes"]
    assert shown["fields"]["Phone"]["new"] == shown["fields"]["City"]["new"]
    assert shown["fields"]["Phone"]["new"] != shown["fields"]["Phone"]["old"]
    text = str(data) + comparison_markdown(data)
    assert not re.findall("ACC-|555|ZZ", text)
    assert "Phone" in text
    assert "short hashes" in text
