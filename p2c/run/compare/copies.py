"""A folder for a comparison, and copies of the warehouse in it.

The warehouse itself is held for as long as one copy takes; everything else happens to copies.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from p2c.config.context import Context
from p2c.errors import NothingStaged, P2CError
from p2c.lock import hold
from p2c.run.staged import check_staged
from p2c.warehouse import reading
from pipelines.common.private import owner_only

FOLDER = "compare"
# Two copies, and what both builds write anew before the old rows' room is free again.
TIMES = 3
BEHIND = "select 1 from ledger.marks where name = 'behind'"


@contextmanager
def workspace(context: Context) -> Iterator[Path]:
    """An empty folder below `state_dir`, gone afterwards; one comparison at a time.

    What a killed one left is removed by the next. Raises P2CError while another one goes on.
    """
    state = context.path("state_dir")
    state.mkdir(parents=True, exist_ok=True)
    lock, folder = FileLock(state / f"{FOLDER}.lock", blocking=False), state / FOLDER
    try:
        lock.acquire()
    except Timeout:
        raise P2CError(
            f"Another comparison of this project is going on in {folder}: wait for its end."
        ) from None
    try:
        shutil.rmtree(folder, ignore_errors=True)
        with owner_only():
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def copy_warehouse(context: Context, target: Path) -> None:
    """Copy the warehouse to `target`, while nobody writes to it.

    Raises NothingStaged when there is nothing to copy, or it waits for what was written; P2CError
    without room for a comparison, WarehouseBusy when another process holds it.
    """
    source = context.warehouse
    with hold(source, "plan --compare", wait=context.wait):
        check_staged(source)
        _check_room(source, target.parent)
        _check_known(source)
        copy_files(source, target)


def copy_files(source: Path, target: Path) -> None:
    """Copy a warehouse that nobody writes to, and what a killed process has not merged into it."""
    for ending in ("", ".wal"):
        if (path := source.with_name(source.name + ending)).is_file():
            shutil.copyfile(path, target.with_name(target.name + ending))


def _check_known(source: Path) -> None:
    with reading(source) as warehouse:
        behind = "marks" in warehouse.tables("ledger") and warehouse.rows(BEHIND)
    if behind:
        raise NothingStaged(
            f"The warehouse {source} does not know yet all that was written (a run was cut off): "
            "`p2c build` brings it up to date; compare then."
        )


def _check_room(source: Path, folder: Path) -> None:
    needed, free = TIMES * source.stat().st_size, shutil.disk_usage(folder).free
    if free < needed:
        raise P2CError(
            f"A comparison builds in two copies of the warehouse, for which {folder} needs about "
            f"{needed / 1e6:,.0f} MB; {free / 1e6:,.0f} MB are free there. Make room, or name a "
            "folder on a larger disk in p2c.state_dir for this once (P2C__STATE_DIR)."
        )
