"""What `p2c init` does: the project's files, in a folder that had none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from p2c import __version__, template
from p2c.errors import ProjectError
from pipelines.common.project import MARKER

# What a person has made before: a repository, an environment to install into.
BESIDE = frozenset((".git", ".venv", "venv"))
NAMED = 5


def create(folder: Path) -> int:
    """Write a project into `folder`, which is made if need be; gives the number of files.

    The files are written beside their places first, and `dbt_project.yml`, by which a folder is
    known as a project, comes last; what fails on the way takes back what was written. Raises
    ProjectError where something else is in the folder.
    """
    root = folder.resolve()
    _check_empty(root)
    created = not root.exists()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=root, prefix=".p2c-init-") as staged:
            written = template.copy(template.PROJECT, template.PROJECT_FILES, Path(staged))
            _place_own(Path(staged))
            _move(Path(staged), root)
    except BaseException:
        if created:
            root.rmdir()
        raise
    return len(written)


def _place_own(staged: Path) -> None:
    """README, requirements and CI of a project, from their folder to where they belong."""
    own = staged / template.ONLY_PROJECT
    requirements = own / "requirements.txt"
    text = requirements.read_text(encoding="utf-8")
    requirements.write_text(text.replace("{{version}}", __version__), encoding="utf-8")
    for path in own.iterdir():
        path.rename(staged / path.name)
    own.rmdir()


def _check_empty(root: Path) -> None:
    if root.is_file():
        raise ProjectError(f"{root} is a file, not a folder.")
    found = sorted(path.name for path in root.iterdir()) if root.exists() else []
    if MARKER in found:
        raise ProjectError(f"{root} is a project already: it has a {MARKER}.")
    in_the_way = [name for name in found if name not in BESIDE]
    if in_the_way:
        rest = len(in_the_way) - NAMED
        names = ", ".join(in_the_way[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
        raise ProjectError(f"{root} is not empty: it has {names}. Name an empty or a new folder.")


def _move(staged: Path, root: Path) -> None:
    moved: list[Path] = []
    try:
        for source in sorted(staged.iterdir(), key=lambda path: path.name == MARKER):
            moved.append(source.rename(root / source.name))
    except BaseException:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
