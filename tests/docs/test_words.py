"""Names and texts use the field's words (docs/glossary.md), not the ones they replaced."""

from __future__ import annotations

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a name in Python or SQL is called, and what it was called.
REPLACED = {
    "throttle, acquire": {"gate", "gated", "passage"},
    "recover": {"settle", "settled", "settle_rows"},
    "quarantined": {"set_aside", "given_up", "set_aside_after", "set_aside_hours"},
    "not_persisted": {"not_kept"},
    "read_before_update": {"looks_first", "look_before_update"},
    "options": {"wish", "wishes"},
    "callback": {"meter", "tell"},
    "message, plan, config, result": {"said", "told", "made", "given"},
    "format_error": {"sentence"},
}
NAMES = {old.lower(): new for new, olds in REPLACED.items() for old in olds}
# A class whose name is also a plain participle: here the case counts.
CLASSES = {"Loaded": "Context"}
# In comments, messages and pages, where "gate" is a data test and "sentence" a sentence.
TEXTS = {
    "throttle": r"\bpassages?\b",
    "recover in-flight writes": r"\bsettl(?:e|es|ed|ing)\b",
    "quarantined": r"\bset[ -]aside\b|\bsets? .{1,30} aside\b",
    "not persisted": r"\bnot[- ]kept\b|\bdoes not stick\b|\bnever stuck\b",
    "dependency level": r"\bwaves?\b",
    "read before update": r"\blooks? first\b",
}
SUFFIXES = {".py", ".sql", ".yml", ".md", ".toml"}
# The words themselves, and what was released under its old words.
EXCEPT = {"tests/docs/test_words.py", "CHANGELOG.md"}
# Gates of data quality: tests that a run must pass before it writes.
GATES = {
    "p2c/run/dbt.py",
    "p2c/checks/gates.py",
    "p2c/checks/held_flows.py",
    "tests/p2c/test_held_flows.py",
}


@cache
def tracked() -> dict[str, str]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = [name for name in names if Path(name).suffix in SUFFIXES and name not in EXCEPT]
    return {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in wanted
        if "/data/" not in name and (ROOT / name).exists()
    }


def identifiers(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of each identifier in a Python file; `given` is hypothesis' where imported."""
    imported = re.search(r"^from hypothesis import .*\bgiven\b", text, re.MULTILINE)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and not (imported and token.string == "given"):
            yield token.start[0], token.string


def found_names() -> list[str]:
    found = [
        (name, line, word)
        for name, text in tracked().items()
        if name.endswith(".py")
        for line, word in identifiers(text)
        if word.lower() in NAMES or word in CLASSES
    ]
    return [
        f"{name}:{line} {word}"
        for name, line, word in found
        if word.lower() not in ("gate", "gated") or name not in GATES
    ]


def found_aliases() -> list[str]:
    alias = re.compile(rf"\bas ({'|'.join(NAMES)})\b")
    return [
        f"{name}: {match[1]}"
        for name, text in tracked().items()
        if name.endswith(".sql")
        for match in alias.finditer(text)
    ]


def test_no_name_is_a_replaced_word() -> None:
    assert found_names() == []


def test_no_column_is_a_replaced_word() -> None:
    assert found_aliases() == []


@pytest.mark.parametrize("word", TEXTS)
def test_no_text_has_a_replaced_word(word: str) -> None:
    pattern = re.compile(TEXTS[word], re.IGNORECASE)
    assert [
        f"{name}:{number}"
        for name, text in tracked().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ] == []
