"""The part of the build that pyproject.toml cannot say: what a wheel carries inside `p2c`.

`loaders`, `pipelines` and the files of a project stay at the repository's top level, and none of
them may become a top-level name of somebody's environment (docs/decisions/0025).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from p2c.template import CODE_FILES, PROJECT_FILES, copy, files  # noqa: E402


class BuildWithProject(build_py):
    """Adds `p2c/_code` and `p2c/_project`; an editable install has both in the repository."""

    def run(self) -> None:
        """Build into an empty folder, so that no file of an earlier build gets in."""
        target = Path(self.build_lib) / "p2c"
        if not self.editable_mode:
            shutil.rmtree(target, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            copy(ROOT, CODE_FILES, target / "_code")
            copy(ROOT, PROJECT_FILES, target / "_project")

    def get_source_files(self) -> list[str]:
        """What an archive of the sources holds, so that it builds the same wheel."""
        added = files(ROOT, (*CODE_FILES, *PROJECT_FILES))
        return [*super().get_source_files(), *(path.as_posix() for path in added)]


setup(cmdclass={"build_py": BuildWithProject})
