"""The project's folder as it was in a revision of its git repository, and as it is on disk.

Git is asked by its own command line; nothing of the repository is changed, no worktree is left.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from p2c.errors import P2CError
from p2c.run import mapping
from pipelines.common.project import MARKER

SHORT = 10
PACKAGES = "dbt_packages"  # what `dbt deps` installed, which no repository holds


@dataclass(frozen=True)
class Revision:
    """A revision as it was asked for, and the commit that it is."""

    ref: str
    commit: str

    @property
    def name(self) -> str:
        """`main (22f888b3c1)`; a commit asked for by its id only once."""
        short = self.commit[:SHORT]
        return short if self.commit.startswith(self.ref) else f"{self.ref} ({short})"


def resolve(project: Path, ref: str) -> Revision:
    """The commit that `ref` names, in the repository of the project's folder.

    Raises P2CError: no git, no repository, no such revision, or no project in it.
    """
    _repository(project)
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    found = _git(project, *asked)
    if found.returncode:
        raise P2CError(
            f"The repository of {project} has no revision {ref!r}: name a branch, a tag or a "
            "commit. A shallow clone, as CI makes one, has only its newest: fetch the other one "
            "first (git fetch origin BRANCH, then origin/BRANCH)."
        )
    revision = Revision(ref, _words(found))
    inside = _words(_git(project, "rev-parse", "--show-prefix")) + MARKER
    if _git(project, "cat-file", "-e", f"{revision.commit}:{inside}").returncode:
        raise P2CError(f"Revision {revision.name} has no {inside}: it has no project there.")
    return revision


def unpack(project: Path, revision: Revision, folder: Path) -> None:
    """Write the project's folder, as it was in the revision, into `folder`. Raises P2CError."""
    archive = folder.with_suffix(".tar")
    # In a subfolder of the repository git takes that folder alone, and names files from there.
    answer = _git(project, "archive", "--format=tar", f"--output={archive}", revision.commit)
    if answer.returncode:
        raise P2CError(f"Git does not give out revision {revision.name}: {_complaint(answer)}")
    try:
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise P2CError(f"Revision {revision.name} cannot be unpacked: {error}") from error
    finally:
        archive.unlink(missing_ok=True)
    _packages(project, folder)


def copy_mapping(project: Path, folder: Path) -> None:
    """Copy the files of the mapping as they are on disk, saved or not in git, into `folder`."""
    for path in mapping.files(project):
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    _packages(project, folder)


def _packages(project: Path, folder: Path) -> None:
    if (project / PACKAGES).is_dir():
        shutil.copytree(project / PACKAGES, folder / PACKAGES, dirs_exist_ok=True)


def _repository(project: Path) -> None:
    found = _git(project, "rev-parse", "--show-toplevel")
    if not found.returncode:
        return
    if "not a git repository" in found.stderr:
        raise P2CError(
            f"{project} is in no git repository: --compare takes the other version of the mapping "
            "from one. Begin with `git init`, `git add .` and `git commit`."
        )
    raise P2CError(f"Git does not read the repository of {project}: {_complaint(found)}")


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("git")
    if program is None:
        raise P2CError("The program git is not found: --compare asks it for the other version.")
    return subprocess.run(
        [program, "-C", str(project), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"LC_ALL": "C"},  # the one message that is known by its words
        check=False,
    )


def _words(answer: subprocess.CompletedProcess[str]) -> str:
    return answer.stdout.strip()


def _complaint(answer: subprocess.CompletedProcess[str]) -> str:
    """What git said, in a line."""
    return " ".join(answer.stderr.replace("fatal: ", "").split()) or "it gave no reason."
