"""Which raw tables were ever read, and the flows that can be judged by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from loaders import WriteTarget
from p2c.errors import NothingStaged
from p2c.screen.output import Output
from p2c.warehouse import Reader, reading

# A table left out for a missing column is in the warehouse all the same, empty.
READ = "select distinct table_name from raw_{system}.reads where mode <> 'skipped'"


def read_before(warehouse: Path) -> set[str]:
    """Raw tables that were read at least once."""
    try:
        with reading(warehouse) as reader:
            found = [reader.rows(READ.format(system=system)) for system in _systems(reader)]
    except NothingStaged:
        return set()
    return {row["table_name"] for rows in found for row in rows}


def readable(warehouse: Path, out: Output, targets: Sequence[WriteTarget]) -> list[str]:
    """The flows of the targets without those that need a table that was never read.

    Such a table is empty: whatever is looked up in it would seem absent. Says which flows are left
    out; raises NothingStaged when none is left.
    """
    known, unread = read_before(warehouse), defaultdict[str, set[str]](set)
    for target in targets:
        unread[target.flow] |= {t for t in target.sources if t.partition(".")[2] not in known}
    for flow, tables in unread.items():
        if tables:
            out.note(f"Flow {flow} is left out: {_were(sorted(tables))} never read.")
    left = [flow for flow, tables in unread.items() if not tables]
    if not left:
        raise NothingStaged("Every flow needs a table that was never read: see the notes above.")
    return left


def _were(tables: Sequence[str]) -> str:
    names = ", ".join(table.removeprefix("raw_") for table in tables)
    return f"{names} {'was' if len(tables) == 1 else 'were'}"


def _systems(reader: Reader) -> list[str]:
    return [system for system in ("sales", "finops") if "reads" in reader.columns(f"raw_{system}")]
