"""The sandbox's modules import one another in one direction, for types too."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "sandbox"
COMMANDS = "p2c_sandbox.commands"
OURS = ("p2c", "loaders", "pipelines")


@cache
def modules() -> dict[str, Path]:
    """Path of each module by its name."""
    found = {}
    for path in ROOT.glob("p2c_sandbox/**/*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """What a file imports: at its top, inside functions and under TYPE_CHECKING.

    `from a import b` is the module a.b where there is one, and a otherwise.
    """
    known = modules()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            assert node.module
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known else node.module


def order(graph: dict[str, set[str]]) -> list[str]:
    """What is imported first. Raises CycleError."""
    return [*TopologicalSorter(graph).static_order()]


def test_no_module_imports_one_that_imports_it():
    found = modules()
    graph = {name: {*imports(path)} & found.keys() - {name} for name, path in found.items()}
    assert len(order(graph)) == len(found) > 100


def test_a_circle_would_be_seen():
    with pytest.raises(CycleError):
        order({"writing": {"rules"}, "rules": {"call"}, "call": {"writing"}})


def test_only_the_commands_know_prospect_to_cash():
    knows = {
        name
        for name, path in modules().items()
        if any(one.partition(".")[0] in OURS for one in imports(path))
    }
    assert knows
    assert {name for name in knows if not name.startswith(COMMANDS)} == set()
