"""docs/doctor.md has every check that the code makes, with the statuses that it may have."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from p2c.checks.doctor.finops_values import KINDS
from p2c.checks.doctor.versions import MAJORS

ROOT = Path(__file__).parents[2]
CODE = ROOT / "p2c/checks/doctor"
PAGE = ROOT / "docs/doctor.md"
SAYS = {"ok": {"ok"}, "note": {"note"}, "problem": {"problem"}, "say": {"note", "problem"}}
SYSTEMS = ("sales", "finops")
# Checks whose names are data: a setting, a table, a privilege, a package, a kind of values.
BY_DATA = {
    "settings": ["each setting"],
    "sales_tables": ["each table"],
    "finops_entities": ["each entity"],
    "privileges": ["each prv…"],
    "versions": list(MAJORS),
    "finops_values": [kind.title for kind in KINDS],
}


def in_code() -> dict[str, set[str]]:
    """Name of a check → the statuses that it is given anywhere."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in CODE.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(_constants(tree))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args:
                statuses = SAYS.get(call.func.id, set())
                for name in _names(call.args[0], constants, path.stem) if statuses else ():
                    found[name] |= statuses
    return found


def _constants(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _names(argument: ast.expr, constants: dict[str, ast.expr], module: str) -> list[str]:
    if isinstance(argument, ast.Name) and isinstance(
        constants.get(argument.id), ast.Constant | ast.JoinedStr
    ):
        argument = constants[argument.id]
    if isinstance(argument, ast.Constant):
        return [str(argument.value)]
    if isinstance(argument, ast.JoinedStr):  # f"{system} …"
        ends = [str(one.value) for one in argument.values if isinstance(one, ast.Constant)]
        return [system + "".join(ends) for system in SYSTEMS]
    return BY_DATA[module]


def on_page() -> dict[str, set[str]]:
    """Name in the first cell of a row → the statuses that its cell of findings names."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and not cells[0].startswith(("check", "-")):
            statuses = {word for word in ("note", "problem") if f"{word}:" in cells[2]}
            for name in re.findall(r"each [\w…`]+|`[^`]+`", cells[0]):
                found[name.replace("`", "")] = statuses
    return found


def test_every_check_is_on_the_page_with_its_statuses() -> None:
    code = {name: statuses - {"ok"} for name, statuses in in_code().items()}
    page = on_page()
    elsewhere = {"not checked", *(f"{system} answers" for system in SYSTEMS)}
    for name in elsewhere:
        assert f"`{name}`" in PAGE.read_text(encoding="utf-8")
    assert set(code) - elsewhere == set(page)
    wrong = {
        name: (sorted(statuses), sorted(page[name]))
        for name, statuses in code.items()
        if name in page and not statuses <= page[name]
    }
    assert wrong == {}
