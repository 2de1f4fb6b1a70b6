"""What a wheel carries beside `p2c` itself: the other packages, and the project that init writes.

`setup.py` copies both into the wheel and `p2c init` copies the project out of it, so this list is
the only one. Nothing but the standard library is imported: it is read before anything is installed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

# Patterns of pathlib, from the repository's root.
CODE_FILES = ("loaders/**/*.py", "pipelines/**/*.py")
PROJECT_FILES = (
    ".gitignore",
    ".dlt/config.toml",
    ".dlt/example.secrets.toml",
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "macros/**/*.*",
    "models/**/*.*",
    "pipelines/*/tables.yml",
    "seeds/*.*",
    "templates/**/*.*",
    "tests/dbt/*.sql",
)
# What only a project has: these files go to the same places without this folder.
ONLY_PROJECT = Path("templates/project")

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent
INSTALLED = (_PACKAGE / "_code").is_dir()
# The folder that holds `loaders` and `pipelines`.
CODE = _PACKAGE / "_code" if INSTALLED else _REPOSITORY
# The folder that holds the files of PROJECT_FILES.
PROJECT = _PACKAGE / "_project" if INSTALLED else _REPOSITORY


def files(root: Path, patterns: Iterable[str]) -> list[Path]:
    """Files below `root`, relative to it. Raises FileNotFoundError for a pattern without any."""
    found: set[Path] = set()
    for pattern in patterns:
        matches = {path.relative_to(root) for path in root.glob(pattern) if path.is_file()}
        if not matches:
            raise FileNotFoundError(f"There is no {pattern} in {root}.")
        found |= matches
    return sorted(found)


def copy(root: Path, patterns: Iterable[str], target: Path) -> list[Path]:
    """Copy those files to the same places below `target`; gives them as `files` does."""
    copied = files(root, patterns)
    for path in copied:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target / path)
    return copied
