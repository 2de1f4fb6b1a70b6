"""An environment outside of the repository with both wheels in it, made without any registry.

What the wheels depend on is lent by the environment that runs the tests; the editable installs of
this repository are not, because only site-packages itself is looked at for those.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from p2c import template

ROOT = Path(__file__).parents[2]
# What a build reads; a checkout also holds environments, warehouses and what was built before.
SOURCES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "p2c/**/*.py", "p2c/py.typed",
           "sandbox/*.*", "sandbox/p2c_sandbox/**/*.*")  # fmt: skip
BUILD = "from setuptools import build_meta; import sys; print(build_meta.build_{}(sys.argv[1]))"


def copy_sources(target: Path) -> Path:
    """The repository as a build sees it, so that building leaves nothing in it."""
    everything = (*SOURCES, *template.CODE_FILES, *template.PROJECT_FILES)
    template.copy(ROOT, everything, target)
    return target


def build(kind: str, source: Path, target: Path) -> Path:
    """A `wheel` or an `sdist` of the distribution in `source`, as any build front end makes it."""
    command = [sys.executable, "-c", BUILD.format(kind), str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def site_packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))

    @property
    def scripts(self) -> Path:
        return Path(sysconfig.get_path("scripts", "venv", {"base": str(self.folder)}))

    def run(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """A script of the environment, without the settings of whoever runs the tests."""
        ours = ("SOURCES__", "P2C_", "DBT_", "PYTHON", "VIRTUAL_ENV")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        command = [str(self.scripts / words[0]), *words[1:]]
        return subprocess.run(
            command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=240
        )


def make(folder: Path, wheels: list[Path]) -> Environment:
    """A virtual environment with these wheels."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    created = Environment(folder)
    install = (
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-compile",
        "--no-warn-conflicts",
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder)]
    done = subprocess.run(
        [*pip, *install, *map(str, wheels)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lent = created.site_packages / "lent.pth"
    lent.write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return created
