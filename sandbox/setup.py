"""The version and the dependency on it: `../pyproject.toml` has the only copy of it.

An archive of the sources has no `..`; its own metadata has the version then.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
REPOSITORY = HERE.parent / "pyproject.toml"
DEPENDENCIES = (HERE / "requirements.in").read_text(encoding="utf-8").split()


def version() -> str:
    """Of this distribution and of the one it is a part of."""
    metadata = HERE / "PKG-INFO"
    if metadata.is_file():
        (found,) = re.findall(r"^Version: (.+)$", metadata.read_text(encoding="utf-8"), re.M)
        return str(found)
    return str(tomllib.loads(REPOSITORY.read_text(encoding="utf-8"))["project"]["version"])


setup(version=version(), install_requires=[f"prospect-to-cash=={version()}", *DEPENDENCIES])
