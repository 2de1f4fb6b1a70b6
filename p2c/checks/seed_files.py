"""Reads the seeds' CSV files strictly and line by line.

What dbt would load wrongly or not at all (another separator, a column spelled otherwise, a value
too many) is an error that names file, line and remedy, before dbt is started. What a cell holds is
judged in `p2c.checks.seeds`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from p2c.errors import SeedError

FOLDER = "seeds"
DECLARED = "_seeds.yml"
BOM = "\ufeff"
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
Kind = Literal["text", "lower", "upper", "id", "option", "number", "boolean"]


class Column(BaseModel):
    """What a cell may hold: `config.meta` of a column in seeds/_seeds.yml."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = "text"
    required: bool = False
    one_of: list[str] = Field(default_factory=list)
    default: str = ""  # what an empty cell stands for; a file may lack the column


@dataclass(frozen=True)
class SeedFile:
    """One CSV: its columns as declared, and its rows as (line, cells by column)."""

    name: str
    path: Path
    columns: dict[str, Column]
    key: list[str]
    holds: list[str]
    rows: list[tuple[int, dict[str, str]]]

    def line(self, seed_row: int | None) -> int | None:
        """Line of the row that the warehouse knows by its place; None when there is none."""
        if seed_row is None or not 0 < seed_row <= len(self.rows):
            return None
        return self.rows[seed_row - 1][0]


def read_seeds(project_dir: Path) -> list[SeedFile]:
    """Every declared seed. Raises SeedError naming all files that dbt could not load as meant."""
    folder = project_dir / FOLDER
    declared = folder / DECLARED
    if not declared.is_file():
        return []
    found, wrong = [], []
    for node in yaml.safe_load(declared.read_text(encoding="utf-8"))["seeds"]:
        try:
            found.append(_seed(folder, node))
        except SeedError as error:
            wrong.append(str(error))
    if wrong:
        raise SeedError(" ".join(wrong))
    return found


def read_seed(project_dir: Path, name: str) -> SeedFile:
    """One declared seed; SeedError when it cannot be read, or the project declares none such."""
    folder = project_dir / FOLDER
    declared = folder / DECLARED
    text = declared.read_text(encoding="utf-8") if declared.is_file() else "seeds: []"
    for node in yaml.safe_load(text)["seeds"]:
        if node["name"] == name:
            return _seed(folder, node)
    raise SeedError(f"{FOLDER}/{DECLARED} declares no seed {name}: restore it from git.")


def _seed(folder: Path, node: dict[str, Any]) -> SeedFile:
    path = folder / f"{node['name']}.csv"
    columns = {
        column["name"]: Column(**column.get("config", {}).get("meta", {}))
        for column in node["columns"]
    }
    meta = node["config"]["meta"]
    rows = list(_rows(path, columns))
    return SeedFile(node["name"], path, columns, meta["key"], meta.get("holds", []), rows)


def _rows(path: Path, columns: Mapping[str, Column]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header; an empty line is one without cells, as dbt counts it."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(path, header, columns)
        for cells in reader:
            if len(cells) > len(header):
                raise _wrong(
                    path,
                    reader.line_num,
                    f"has {len(cells)} values for {len(header)} columns: put a text that has a "
                    "comma in double quotes",
                )
            yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise _wrong(
            path, reader.line_num, f'cannot be read ({error}): double a quote inside a text: ""'
        ) from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise SeedError(f"{_name(path)} is not there: restore it from git.")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(path, line, "is not UTF-8: save the file as 'CSV UTF-8'") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_header(path: Path, header: Sequence[str], columns: Mapping[str, Column]) -> None:
    wanted = ",".join(columns)
    for separator, name in SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            raise _wrong(path, 1, f"is separated by {name}: save the file as CSV with commas")
    for column in header:
        if column not in columns:
            close = get_close_matches(column.strip().lower(), columns, n=1)
            remedy = f"write {close[0]}" if close else f"the columns are {wanted}"
            raise _wrong(path, 1, f"has the column {column!r}, which the seed has not: {remedy}")
        if header.count(column) > 1:
            raise _wrong(path, 1, f"has the column {column} twice: take one out")
    if missing := [name for name in columns if name not in header and not columns[name].default]:
        raise _wrong(path, 1, f"lacks {', '.join(missing)}: the columns are {wanted}")


def _wrong(path: Path, line: int, what: str) -> SeedError:
    return SeedError(f"{_name(path)}, line {line}, {what}.")


def _name(path: Path) -> str:
    return f"{FOLDER}/{path.name}"
