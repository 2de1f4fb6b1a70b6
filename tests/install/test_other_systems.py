"""What can be held here of macOS and Windows: no module imports at once what only Unix has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.install.environment import ROOT

ONLY_UNIX = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
PACKAGES = ("p2c", "loaders", "pipelines", "sandbox/p2c_sandbox")


def imported_at_once(path: Path) -> Iterator[str]:
    """Modules that a file imports whatever the system: not within an `if` or a function."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_nothing_that_only_unix_has_is_imported_at_once() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).glob("**/*.py")]
    assert len(modules) > len(PACKAGES)
    found = {
        path.relative_to(ROOT).as_posix(): name
        for path in modules
        for name in imported_at_once(path)
        if name in ONLY_UNIX
    }
    assert found == {}


def test_names_of_files_are_those_that_every_system_takes() -> None:
    """No two differ in their case only, and Windows forbids none."""
    devices = {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)),
    }
    folders = (*PACKAGES, "models", "macros", "seeds", ".dlt", "tests/dbt")
    paths = [
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).glob("**/*")
        if "__pycache__" not in path.parts
    ]
    assert len({path.lower() for path in paths}) == len(paths)
    assert [path for path in paths if Path(path).stem.lower() in devices] == []
    assert [path for path in paths if set(path) & set('<>:"\\|?*')] == []
