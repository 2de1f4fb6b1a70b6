"""What is wrong in the seeds, by file, line and value, and what to write.

The models go by what can be gone by (macros/seeds): a row that lacks what it needs is left out, of
rows for one thing the first counts. Here each of these is named. Where going on would write
something that nobody meant, the flows concerned are held back; the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from p2c.checks.seed_files import FOLDER, Column, SeedFile, read_seeds
from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.warehouse import Reader, reading

ALL = "all"  # in `holds`: every flow
IDS = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
WHOLE = re.compile(r"-?[0-9]{1,9}")
BOOLEANS = ("true", "t", "yes", "y", "1", "false", "f", "no", "n", "0")
BLANK = "\u200b\ufeff"  # besides what str.strip takes
REFERENCES = """
select seed, seed_row, column_name, value, message, holds from quality.seed_problems
order by seed, seed_row, column_name, message
"""


@dataclass(frozen=True)
class SeedProblem:
    """One mistake. `holds`: the flows that wait until it is mended; none for a mere warning."""

    file: str
    line: int | None
    column: str
    value: str
    message: str
    holds: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        cell = f", {self.column} {self.value!r}" if self.column else ""
        return f"{where}{cell}: {self.message}."

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)


def problems(context: Context, *, files_only: bool = False) -> list[SeedProblem]:
    """All that is wrong in the seeds, by themselves and beside the records of the last build.

    Raises SeedError when a file cannot be read at all, WarehouseBusy when another process holds
    the warehouse (`files_only` does without it).
    """
    files = read_seeds(context.project_dir)
    found = [problem for file in files for problem in in_file(file)]
    return found if files_only else found + _references(context, files)


def held_by_seeds(found: Iterable[SeedProblem], flows: Sequence[str]) -> dict[str, list[str]]:
    """Flow → the messages of what holds it back."""
    held: dict[str, list[str]] = {}
    for problem in found:
        for flow in flows:
            if flow in problem.holds or ALL in problem.holds:
                held.setdefault(flow, []).append(str(problem))
    return held


def in_file(seed: SeedFile) -> Iterator[SeedProblem]:
    """What the rows show by themselves: cells of another kind, rows that are there twice."""
    first: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    for line, cells in seed.rows:
        cleaned = {name: _clean(cells.get(name, "")) for name in seed.columns}
        if not any(cleaned.values()):
            continue
        cleaned = {name: value or seed.columns[name].default for name, value in cleaned.items()}
        wrong = list(_cells(seed, line, cleaned))
        yield from wrong
        if any(seed.columns[problem.column].required for problem in wrong):
            continue
        key = tuple(cleaned[name].lower() for name in seed.key)
        values = tuple(cleaned.values())
        if key in first:
            yield _twice(seed, line, cleaned, *first[key])
        first.setdefault(key, (line, values))


def _cells(seed: SeedFile, line: int, cells: dict[str, str]) -> Iterator[SeedProblem]:
    for name, column in seed.columns.items():
        if remedy := _remedy(column, cells[name]):
            left_out = "; until then the row is left out" if column.required else ""
            holds = tuple(seed.holds) if column.required else ()
            yield SeedProblem(
                f"{FOLDER}/{seed.path.name}", line, name, cells[name], remedy + left_out, holds
            )


def _remedy(column: Column, value: str) -> str:
    """What to write instead; '' when the value is good."""
    if not value:
        return "write a value" if column.required else ""
    if column.one_of and value.lower() not in column.one_of:
        return f"write {' or '.join(column.one_of)}"
    if column.kind == "boolean" and value.lower() not in BOOLEANS:
        return "write true or false; until then it counts as false"
    if column.kind == "option" and not WHOLE.fullmatch(value):
        return "write the number of the option"
    if column.kind == "number" and not WHOLE.fullmatch(value):
        return "write a whole number"
    return ""


def _twice(
    seed: SeedFile, line: int, cells: dict[str, str], before: int, values: tuple[str, ...]
) -> SeedProblem:
    same = "says the same" if values == tuple(cells.values()) else "counts"
    name = seed.key[-1]
    return SeedProblem(
        f"{FOLDER}/{seed.path.name}",
        line,
        name,
        cells[name],
        f"line {before} is for the same and {same}: take one of the two out",
    )


def _clean(value: str) -> str:
    return value.strip().strip(BLANK).strip()


def _references(context: Context, files: Sequence[SeedFile]) -> list[SeedProblem]:
    """What the last build found by comparing seeds and settings with the records."""
    by_name = {file.name: file for file in files}
    try:
        with reading(context.warehouse) as warehouse:
            return [_reference(row, by_name) for row in _rows(warehouse)]
    except NothingStaged:
        return []


def _rows(warehouse: Reader) -> list[dict[str, object]]:
    return warehouse.rows(REFERENCES) if "seed_problems" in warehouse.columns("quality") else []


def _reference(row: dict[str, object], by_name: dict[str, SeedFile]) -> SeedProblem:
    file = by_name.get(str(row["seed"]))
    seed_row = row["seed_row"]
    return SeedProblem(
        f"{FOLDER}/{row['seed']}.csv" if file else str(row["seed"]),
        file.line(int(str(seed_row))) if file and seed_row is not None else None,
        str(row["column_name"]),
        str(row["value"] if row["value"] is not None else ""),
        str(row["message"]),
        tuple(str(row["holds"]).split(", ")) if row["holds"] else (),
    )
