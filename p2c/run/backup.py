"""A copy of what cannot be read again: the ledger and the rows of its plans, also during a run.

The folder has the layout of the state folder, so that it can be put in its place
(docs/backup.md). The warehouse is no part of it: it is read and computed again.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from loaders.ledger import plan_file
from loaders.ledger.connection import storage_error
from loaders.ledger.ledger import FILE_NAME
from p2c.config.context import Context
from p2c.errors import BackupError, NothingStaged
from pipelines.common.durable import put_in_place
from pipelines.common.private import owner_only

UNFINISHED = ".unfinished"
NOTHING = "There is no ledger {path} yet: run `p2c run` first."
OTHERS = (
    "{path} is a copy of another ledger, and stays as it is: give each project a folder of "
    "its own, or move it away."
)
NO_COPY = "{path} is no copy of a ledger ({cause}), and stays as it is: name another folder."
SAME = "{folder} is where the ledger is: name another folder, best on another disk."
BAD = (
    "The ledger {path} is damaged ({cause}); the copy in {folder} stays as it was. "
    "docs/backup.md says how to put it back."
)
ID = "select value from meta where key = 'ledger_id'"
PLANS = "select plan_id, pruned_at is not null from plans where changes > 0"


@dataclass(frozen=True)
class BackedUp:
    """The copy: its folder, plans whose rows are in it, those that were new to it, and bytes."""

    folder: Path
    plans: int
    new_plans: int
    bytes: int


def back_up(context: Context, folder: Path) -> BackedUp:
    """Bring a folder up to date with the ledger; it is whole whenever this is cut off.

    Takes no lock: SQLite lets others write meanwhile, and a plan's file is complete before the
    ledger names it. Raises BackupError, NothingStaged, StorageError.
    """
    state = context.path("state_dir")
    if not (state / FILE_NAME).is_file():
        raise NothingStaged(NOTHING.format(path=state / FILE_NAME))
    if folder.resolve() == state:
        raise BackupError(SAME.format(folder=folder))
    try:
        with owner_only():
            return _copied(state, folder)
    except OSError as error:
        raise storage_error(folder, error) from error


def _copied(state: Path, folder: Path) -> BackedUp:
    ledger, unfinished = folder / FILE_NAME, folder / f"{FILE_NAME}{UNFINISHED}"
    (folder / plan_file.FOLDER).mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    plans = _copy_ledger(state / FILE_NAME, unfinished, folder)
    new = sum(_copy_plan(state, folder, plan_id) for plan_id, _ in plans)
    put_in_place(unfinished, ledger)
    there = {
        path
        for plan_id, pruned in plans
        if (path := plan_file.path_of(folder, plan_id)).is_file()
        and not (pruned and not plan_file.path_of(state, plan_id).exists())
    }
    _drop(set((folder / plan_file.FOLDER).glob(f"*{plan_file.SUFFIX}*")) - there)
    size = sum(path.stat().st_size for path in (ledger, *there))
    return BackedUp(folder, len(there), new, size)


def _copy_ledger(source: Path, unfinished: Path, folder: Path) -> list[tuple[str, bool]]:
    """SQLite's own copy of a file that others write; its plans, and whether one was pruned."""
    try:
        with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(unfinished)) as to:
            _check_alike(from_.execute(ID).fetchone(), folder / FILE_NAME)
            from_.backup(to)
            to.execute("pragma journal_mode = delete")  # one file, with nothing beside it
            [(found,)] = to.execute("pragma quick_check(1)").fetchall()
            if found != "ok":
                raise BackupError(BAD.format(path=source, cause=found, folder=folder))
            return [(str(plan_id), bool(pruned)) for plan_id, pruned in to.execute(PLANS)]
    except sqlite3.Error as error:
        raise BackupError(BAD.format(path=source, cause=error, folder=folder)) from error
    except BackupError:
        unfinished.unlink(missing_ok=True)
        raise


def _check_alike(ledger_id: object, copy: Path) -> None:
    """BackupError where the folder has something else than an earlier copy of this ledger."""
    if not copy.exists():
        return
    try:
        with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as earlier:
            same = earlier.execute(ID).fetchone() == ledger_id
    except sqlite3.Error as error:
        raise BackupError(NO_COPY.format(path=copy, cause=error)) from error
    if not same:
        raise BackupError(OTHERS.format(path=copy))


def _copy_plan(state: Path, folder: Path, plan_id: str) -> bool:
    """Whether the plan's rows were copied: they are as they were but where they were pruned."""
    source, target = plan_file.path_of(state, plan_id), plan_file.path_of(folder, plan_id)
    try:
        size = source.stat().st_size
        if target.is_file() and target.stat().st_size == size:
            return False
        unfinished = target.with_name(target.name + UNFINISHED)
        shutil.copyfile(source, unfinished)
    except FileNotFoundError:  # all of its rows were pruned, before or just now
        return False
    put_in_place(unfinished, target)
    return True


def _drop(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
