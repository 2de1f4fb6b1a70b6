"""The project folder: where dbt_project.yml is, and with it the declarations of what is read.

Only the standard library is imported, so that the command line can use it at once.
"""

from __future__ import annotations

import os
from pathlib import Path

from .errors import MANIFESTS, MissingDeclaration

MARKER = "dbt_project.yml"
VARIABLE = "P2C_PROJECT_DIR"
_PACKAGED = Path(__file__).parents[2]


def nearest_project(start: Path) -> Path | None:
    """The nearest folder with a dbt_project.yml, from `start` upwards; None where there is none."""
    here = start.resolve()
    return next((f for f in (here, *here.parents) if (f / MARKER).is_file()), None)


def declaration(system: str, project_dir: Path | None) -> Path:
    """The tables.yml of a system in the project that is run, never the installed package's.

    project_dir: None for the project named by $P2C_PROJECT_DIR, else the nearest one above the
    working directory. Without any project (dlt sources used as a library) it is the package's own.
    Raises MissingDeclaration when the project lacks the file.
    """
    named = os.environ.get(VARIABLE)
    project = project_dir or (Path(named) if named else nearest_project(Path.cwd()))
    path = (project or _PACKAGED) / MANIFESTS[system]
    if not path.is_file():
        raise MissingDeclaration(system, str(path))
    return path
