"""docs/keys.md, section Decide: the worked example is what the commands do. And docs/json.md."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from p2c.lookup.keys_import import WORDS
from tests.docs.test_json_page import listed

from .cli_world import Call

PAGE = (Path(__file__).parents[2] / "docs/keys.md").read_text()
JSON_PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text()
DAY = re.compile(r"20\d\d-\d\d-\d\d")
SECTION = PAGE.partition("\n## Decide\n")[2].partition("\n## ")[0]


def steps() -> list[tuple[list[str], str]]:
    """Each command of the example with what stands below it."""
    (block,) = re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL)
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    lines = [part.partition("\n") for part in parts]
    return [(shlex.split(command), output) for command, _, output in lines]


def test_the_worked_example(keys_project: Path, p2c: Call) -> None:
    for words, output in steps():
        if words[0] == "cat":
            shown = Path(words[1]).read_text()
        else:
            result = p2c(*words[1:])
            shown = result.err + result.out
        assert DAY.sub("DAY", shown) == DAY.sub("DAY", output), words


def test_the_words_of_a_decision() -> None:
    table = re.search(r"\| word \| .*?\n\n", SECTION, re.DOTALL)
    assert table
    cells = re.findall(r"^\| (`.*?) \|", table[0], re.MULTILINE)
    found = [re.findall(r"`(\w+)`", cell) for cell in cells]
    assert found == [
        [word for word, means in WORDS.items() if means == decision]
        for decision in ("pair", "different")
    ]


@pytest.mark.parametrize("command", re.findall(r"`(p2c keys[^`]*)`", SECTION))
def test_commands_of_the_page_are_understood(keys_project: Path, p2c: Call, command: str) -> None:
    """Exit code 2 is wrong usage; what they find in the small warehouse is another matter."""
    words = shlex.split(command)[1:]
    if "review.csv" in command:
        Path("review.csv").write_text("")
    assert p2c(*words).code in (0, 1)


def test_the_json_page_has_the_fields_of_the_list(keys_project: Path, p2c: Call) -> None:
    found = p2c("keys", "--json").data
    assert set(found) | set(found["candidates"][0]) == listed("keys")
    named = set(re.findall(r"`(\w+)`", json_row("columns")))
    assert named - {"columns"} == set(found["candidates"][0]["columns"]["name"])
    counted = set(re.findall(r"`(\w+)`", json_row("counts"))) - {"counts"}
    assert counted == set(found["counts"][0])


def test_the_json_page_has_the_fields_of_decisions(keys_project: Path, p2c: Call) -> None:
    fields = set(p2c("keys", "unlink", "a-4", "US-4", "--yes", "--json").data)
    fields |= set(p2c("keys", "export", "a.csv", "--json").data)
    Path("b.csv").write_text("decision,entity,sales_id,finops_key\nno,customers,a-1,00123\n")
    fields |= set(p2c("keys", "import", "b.csv", "--json").data)
    assert fields == listed("keys accept, reject, unlink, import, export")


def json_row(field: str) -> str:
    section = JSON_PAGE.partition("\n## keys\n")[2].partition("\n## ")[0]
    (row,) = [line for line in section.splitlines() if line.startswith(f"| `{field}` |")]
    return row
