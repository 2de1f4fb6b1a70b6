"""The mapping as it is on disk: a fingerprint of all files that dbt makes rows by."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from p2c.config.context import Context
from p2c.run import dbt
from pipelines.common.project import MARKER

FOLDERS = ("model-paths", "macro-paths", "seed-paths", "test-paths")
BESIDE = ("profiles.yml", "packages.yml", "dependencies.yml", "package-lock.yml")
# Which columns the raw tables have, and of what type; views on them go by it.
DECLARED = "pipelines/*/tables.yml"
OURS = ("P2C_WAREHOUSE", "P2C_MEMORY", "P2C_THREADS", "P2C_SPILL", "DBT_")
ENV_VAR = re.compile(rb"env_var\(\s*['\"](\w+)")


def fingerprint(context: Context) -> str:
    """A hash of models, macros, seeds, tests, tables.yml, dbt's files and the environment read.

    A file that was only touched leaves it as it was; one that was added or taken away does not.
    """
    digest, named = hashlib.sha256(), set[str]()
    for path in files(context.project_dir):
        name, content = path.relative_to(context.project_dir).as_posix(), path.read_bytes()
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
        named |= {found.decode() for found in ENV_VAR.findall(content)}
    settings = dbt.environment_of_settings(context)
    for name in sorted(named | settings.keys()):
        if not name.startswith(OURS):  # where files are, and how large, is no mapping
            digest.update(f"{name}={settings.get(name, os.environ.get(name))}\n".encode())
    return digest.hexdigest()[:32]


def files(project: Path) -> Iterator[Path]:
    """Each file of the mapping, absolute: dbt's own, tables.yml, those of its folders in order."""
    marker = project / MARKER
    yield marker
    yield from (path for name in BESIDE if (path := project / name).is_file())
    yield from sorted(project.glob(DECLARED))
    declared = yaml.safe_load(marker.read_text(encoding="utf-8")) or {}
    for name in FOLDERS:
        for folder in declared.get(name, [name.removesuffix("-paths") + "s"]):
            found = (path for path in (project / folder).rglob("*") if path.is_file())
            yield from sorted(found)
