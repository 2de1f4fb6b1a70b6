"""Nothing grows past what a person reads in one go: files of 300 lines, functions of 40."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES = 300, 40
# Why each of these may be longer.
LONG_FILES = {
    "docs/cli.md": "the help of every command, written by make docs",
    "requirements.txt": "hashes, written by make pins",
    "requirements-dev.txt": "hashes, written by make pins",
    "pipelines/finops/tables.yml": "a line for each column that is read",
    "pipelines/sales/tables.yml": "a line for each column that is read",
    "tests/sandbox/clients/dynamics_web_api.test.mjs": "the suite of one npm client",
}
DATA = (".csv", ".json", ".png")  # and the tables of the sandbox, which are data in YAML
SANDBOX_TABLES = "sandbox/p2c_sandbox/metadata/"


def tracked() -> list[Path]:
    """Every file under version control, or that would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("Not a git checkout, which knows what is a file of the project.")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8", errors="replace").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of each function, without its decorators."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long() -> None:
    found = {}
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if (
            path.suffix not in DATA
            and not name.startswith(SANDBOX_TABLES)
            and name not in LONG_FILES
        ):
            found[name] = lines(path)
    assert {name: count for name, count in found.items() if count > FILE_LINES} == {}


def test_every_exception_is_one() -> None:
    """A file that has become short, or is gone, needs no exception."""
    long = [
        name for name in LONG_FILES if (ROOT / name).is_file() and lines(ROOT / name) > FILE_LINES
    ]
    assert long == list(LONG_FILES)


def test_no_function_is_too_long() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {name}": count
        for path in tracked()
        if path.suffix == ".py"
        for name, count in functions(path)
        if count > FUNCTION_LINES
    }
    assert found == {}
