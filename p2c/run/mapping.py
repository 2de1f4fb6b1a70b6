"""The mapping as it is on disk: a fingerprint of all files that dbt makes rows by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from p2c.config.context import Context
from p2c.run import dbt
from pipelines.common.project import MARKER

FOLDERS = ("model-paths", "macro-paths", "seed-paths")
OURS = ("P2C_WAREHOUSE", "DBT_")


def fingerprint(context: Context) -> str:
    """A hash of models, macros, seeds, dbt_project.yml and the settings that dbt reads.

    A file that was only touched leaves it as it was; one that was added or taken away does not.
    """
    digest = hashlib.sha256()
    for path in _files(context.project_dir):
        name = path.relative_to(context.project_dir).as_posix()
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    for name, value in sorted(dbt.environment_of_settings(context).items()):
        if not name.startswith(OURS):  # where files are is no mapping
            digest.update(f"{name}={value}\n".encode())
    return digest.hexdigest()[:32]


def _files(project: Path) -> Iterator[Path]:
    marker = project / MARKER
    yield marker
    declared = yaml.safe_load(marker.read_text(encoding="utf-8")) or {}
    for name in FOLDERS:
        for folder in declared.get(name, [name.removesuffix("-paths") + "s"]):
            found = (path for path in (project / folder).rglob("*") if path.is_file())
            yield from sorted(found)
