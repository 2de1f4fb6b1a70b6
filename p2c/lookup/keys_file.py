"""Candidates as a CSV file for a spreadsheet, and the file as a spreadsheet gives it back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from p2c.errors import P2CError
from p2c.warehouse import Row

FIRST = ("decision", "reason", "entity", "status", "rule", "score", "sales_name", "finops_name")
LAST = ("sales_id", "data_area_id", "finops_table", "finops_key")
NEEDED = ("decision", "entity", "sales_id", "finops_key")
READ = (*NEEDED, "data_area_id", "finops_table", "reason")
SEPARATORS = (",", ";", "\t")
# What a spreadsheet takes for a formula; a cell that begins so gets an apostrophe in front.
FORMULA = re.compile(r"[=+\-@\t\r]")
HIDDEN = re.compile(r"'(?=[=+\-@])")
HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)
BLANK = " \t\u00a0\u200b\ufeff"


@dataclass(frozen=True)
class FileLine:
    """A line with its number in the file; of a row over several lines the first one's."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class FileProblem:
    """What is wrong in a line, and what to write."""

    file: str
    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        cell = f", {self.column} {self.value!r}" if self.column else ""
        return f"{self.file}, line {self.line}{cell}: {self.message}."


def content(rows: Sequence[Row], separator: str = ",") -> bytes:
    """The file of these candidates: UTF-8 with a byte order mark, CRLF, one line for each."""
    names = list(dict.fromkeys(name for row in rows for name in row["columns"] if name != "name"))
    beside = [f"{name}_{part}" for name in names for part in ("sales", "finops", "agrees")]
    header = [*FIRST, "name_agrees", *beside, *LAST]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, header, delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(value) for name, value in _cells(row).items()})
    return buffer.getvalue().encode("utf-8-sig")


def save(path: Path, data: bytes) -> None:
    """Put a file there as a whole."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cells(row: Row) -> dict[str, object]:
    cells: dict[str, object] = {"decision": "", "reason": ""}
    cells |= {name: row[name] for name in (*FIRST[2:], *LAST)}
    for name, both in row["columns"].items():
        for part in ("sales", "finops", "agrees"):
            if name != "name" or part == "agrees":
                cells[f"{name}_{part}"] = both[part]
    return cells


def harmless(value: object) -> str:
    """A cell that no spreadsheet computes."""
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) else text


def read(path: Path) -> tuple[list[FileLine], list[FileProblem]]:
    """Lines that say something, and those that cannot be read.

    Takes what spreadsheets save: commas, semicolons or tabs, any line end, columns in any order and
    more of them, empty lines, UTF-8, UTF-16 or the Windows code page. Raises P2CError when it is no
    such file, or lacks a column.
    """
    text = _text(path)
    skipped, hint = 0, HINT.fullmatch(text.partition("\n")[0])
    if hint:
        skipped, text = 1, text.partition("\n")[2]
    separator = hint[1] if hint else _separator(text)
    header: list[str] = []
    lines: list[FileLine] = []
    problems: list[FileProblem] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for line, cells in _records(path, reader, skipped):
        if not any(cell.strip(BLANK) for cell in cells):
            continue
        if not header:
            header = _header(path, cells)
        elif any(cell.strip(BLANK) for cell in cells[len(header) :]):
            count = f"has {len(cells)} values for {len(header)} columns: put a text that holds the "
            message = f"{count}separator in double quotes"
            problems.append(FileProblem(path.name, line, "", "", message))
        else:
            lines.append(FileLine(line, _plain(dict(zip(header, cells, strict=False)))))
    if not header:
        raise P2CError(f"{path} is empty: `p2c keys export {path.name}` writes it.")
    return lines, problems


def _records(
    path: Path, reader: Iterator[list[str]], skipped: int
) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of each row."""
    before = skipped
    try:
        for cells in reader:
            yield before + 1, cells
            before = skipped + reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        raise P2CError(
            f"{path.name}, line {before + 1}, cannot be read ({error}): double a quote inside a "
            'text: "". Nothing of the file was taken.'
        ) from None


def _plain(cells: dict[str, str]) -> dict[str, str]:
    """The cells that are read, without blanks at their ends and what made them harmless."""
    found = {name: cells.get(name, "").strip(BLANK) for name in READ}
    return {name: HIDDEN.sub("", value, count=1) for name, value in found.items()}


def _text(path: Path) -> str:
    if not path.is_file():
        raise P2CError(f"There is no file {path}: `p2c keys export {path.name}` writes one.")
    raw = path.read_bytes()
    if raw[:2] == b"PK":
        raise P2CError(f"{path} is a workbook: save it as 'CSV UTF-8' and import that file.")
    codes = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for code in codes:
        try:
            return raw.decode(code).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise P2CError(f"{path} is no text: save it as 'CSV UTF-8' and import that file.")


def _separator(text: str) -> str:
    """The one that gives the first line with something in it most columns."""
    first = next((line for line in text.split("\n") if line.strip(BLANK + ",;")), "")
    return max(SEPARATORS, key=lambda one: len(next(csv.reader([first], delimiter=one), [])))


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    names = [cell.strip(BLANK).lower() for cell in cells]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        near = {name: get_close_matches(name, names, n=1) for name in missing}
        hints = [f"is {found[0]!r} meant for {name}?" for name, found in near.items() if found]
        raise P2CError(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"in its first line: leave the columns of `p2c keys export` as they are. "
            f"{' '.join(hints)}".strip()
        )
    if twice := [name for name in READ if names.count(name) > 1]:
        raise P2CError(f"{path.name} has the column {twice[0]} twice: take one out.")
    return names
