"""Where the project is: the folder that holds dbt_project.yml."""

from __future__ import annotations

import os
from pathlib import Path

from p2c.errors import ProjectError
from pipelines.common.project import MARKER, VARIABLE, nearest_project


def find_project(folder: Path | None = None, start: Path | None = None) -> Path:
    """The project folder: `folder`, else $P2C_PROJECT_DIR, else the nearest one above `start`.

    Raises ProjectError when the folder asked for, or no folder on the way up, has a
    dbt_project.yml.
    """
    named = folder or _from_environment()
    if named is not None:
        return _checked(named)
    here = (start or Path.cwd()).resolve()
    found = nearest_project(here)
    if found is not None:
        return found
    raise ProjectError(
        f"No {MARKER} in {here} or any folder above it: change into the project folder, name it "
        f"with --project-dir or ${VARIABLE}, or make one in an empty folder with `p2c init`."
    )


def _from_environment() -> Path | None:
    value = os.environ.get(VARIABLE)
    return Path(value) if value else None


def _checked(folder: Path) -> Path:
    if not (folder / MARKER).is_file():
        raise ProjectError(
            f"{folder} is not a project folder: it has no {MARKER}; `p2c init` makes "
            "one in an empty folder."
        )
    return folder.resolve()
