"""Codes in comments and pages ("protocols A6", "rule O5", "field-mapping 6.3") lead somewhere."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".sql", ".yml", ".md", ".toml", ".csv"}
# "protocols A6 to A11, B4": the codes behind the word, and behind `part`.
LIST = r"{code}(?:(?:,| and| to| or)* {code})*"
PROTOCOLS = re.compile(r"[Pp]rotocols?\s+(" + LIST.format(code=r"[A-E]\d{1,2}") + ")")
PARTS = re.compile(r"[Pp]rotocols?\s+part\s+([A-Z])\b(?:\s+line\s+(\d+))?")
MAPPING = re.compile(r"[Ff]ield-mapping\s+(" + LIST.format(code=r"\d{1,2}(?:\.\d)?") + ")")
RULE = r"[A-Z]\d{1,2}[ab]?"
# In brackets, or behind the word: elsewhere a letter with a number is a value such as "A1".
RULES = re.compile(
    rf"\(({LIST.format(code=RULE)})(?=[),;:.])|\b(?:[Rr]ules?|[Ff]lows)\s+({LIST.format(code=RULE)})\b"
)
ELSEWHERE = re.compile(r"\bstyle(?:\.md)? (?:P?\d|section)|\bspec/\w+\.md|\(design\b")


@cache
def tracked() -> dict[str, str]:
    """The text of every file that people write, without this one."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    paths = [ROOT / name for name in names if Path(name).suffix in SUFFIXES]
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in paths
        if path.exists() and path != Path(__file__)
    }


def headings(pattern: str, *pages: str) -> set[str]:
    text = "\n".join(path.read_text() for page in pages for path in ROOT.glob(page))
    return set(re.findall(pattern, text, re.MULTILINE))


def protocols() -> set[str]:
    sections = headings(r"^## Protocols ([A-E]\d{1,2}):", "docs/protocols/*.md")
    return sections | headings(r"^\| ([DE]\d{1,2}) \|", "docs/protocols/open-points.md")


def rules() -> set[str]:
    return headings(r"^\| ([A-Z]\d[ab]?) \|", "docs/rules.md")


def mappings() -> set[str]:
    return headings(r"^\| field-mapping (\d[\d.]*) \|", "docs/field-mapping.md")


def unknown(pattern: re.Pattern[str], code: str, known: set[str]) -> list[str]:
    """`file: code` for every code behind `pattern` that is not in `known`."""
    return [
        f"{name}: {found}"
        for name, text in tracked().items()
        for match in pattern.finditer(text)
        for found in re.findall(code, " ".join(group for group in match.groups() if group))
        if found not in known
    ]


def test_the_pages_have_every_section() -> None:
    wanted = {f"A{n}" for n in range(1, 14)} | {f"B{n}" for n in range(1, 10)}
    assert wanted | {f"D{n}" for n in range(1, 18)} | {f"E{n}" for n in range(1, 13)} == protocols()


def test_protocols_that_are_named_are_here() -> None:
    assert unknown(PROTOCOLS, r"[A-E]\d{1,2}", protocols()) == []


def test_parts_of_the_protocols_that_are_named_are_here() -> None:
    named = {(m[1], m[2]) for text in tracked().values() for m in PARTS.finditer(text)}
    assert named
    lines = {(code[0], code[1:]) for code in protocols()} | {(part, "") for part in "ABDE"}
    assert {(part, line or "") for part, line in named} <= lines


def test_rules_that_are_named_are_here() -> None:
    assert unknown(RULES, RULE, rules()) == []


def test_sections_of_the_field_mapping_that_are_named_are_here() -> None:
    assert unknown(MAPPING, r"\d{1,2}(?:\.\d)?", mappings()) == []


def test_nothing_names_a_document_that_is_not_here() -> None:
    assert [name for name, text in tracked().items() if ELSEWHERE.search(text)] == []


@pytest.mark.parametrize(
    "row", re.findall(r"^\| [A-Z]\d.*", (ROOT / "docs/rules.md").read_text(), re.M)
)
def test_every_rule_names_where_it_is_decided(row: str) -> None:
    files = re.findall(r"\]\(([^)]+)\)", row.rsplit(" | ", maxsplit=1)[-1])
    assert files
    assert [file for file in files if not (ROOT / "docs" / file).exists()] == []
