"""Changes rows of a seed's CSV file, and leaves everything else in it as it stands.

Rows that stay keep their bytes, order and line ends. A column that the file lacks is put in where
the seed declares it. The file is replaced as a whole, and only if nobody changed it meanwhile.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from p2c.errors import SeedError

BOM = "\ufeff"
BLANK = "\u200b\ufeff"  # besides what str.strip takes
LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True)
class SeedRow:
    """A row below the header: its number and line in the file, cells by column, and its text."""

    number: int
    line: int
    cells: Mapping[str, str]
    text: str


class SeedEdit:
    """A seed's file as it was when this was made; `p2c.checks.seed_files` has found it readable."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path, self.columns = path.resolve(), columns
        self._content = _bytes(self.path)
        text = self._content.decode("utf-8", errors="replace")
        self._bom = BOM if text.startswith(BOM) else ""
        records = list(_records(text.removeprefix(BOM)))
        self.newline = _newline(text)
        self.header = records[0][2] if records else list(columns)
        self.rows = [
            SeedRow(number, line, _cells(self.header, cells), raw)
            for number, (line, raw, cells) in enumerate(records[1:])
        ]

    def write(self, remove: Set[int], add: Sequence[Mapping[str, str]]) -> None:
        """Take rows out by number and put new ones below the last.

        Raises SeedError, and writes nothing, when the file is not what it was any more.
        """
        if _bytes(self.path) != self._content:
            raise SeedError(
                f"seeds/{self.path.name} was changed by someone else meanwhile; nothing was "
                "written. Give the command again."
            )
        _replace(self.path, self._text(remove, add).encode("utf-8"))

    def _text(self, remove: Set[int], add: Sequence[Mapping[str, str]]) -> str:
        header = _completed(self.header, self.columns)
        kept = [row for row in self.rows if row.number not in remove]
        same = header == self.header
        lines = [self._line(header)]
        lines += [row.text if same else self._moved(header, row) for row in kept]
        if not lines[-1].endswith(("\n", "\r")):
            lines[-1] += self.newline
        lines += [self._line([row.get(name, "") for name in header]) for row in add]
        return self._bom + "".join(lines)

    def _moved(self, header: Sequence[str], row: SeedRow) -> str:
        """A row under a header with more columns; an empty line stays one."""
        if not row.text.strip():
            return row.text
        return self._line([row.cells.get(name, "") for name in header])

    def _line(self, cells: Sequence[str]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator=self.newline).writerow(cells)
        return buffer.getvalue()


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise SeedError(f"seeds/{path.name} is not there: restore it from git.")
    return path.read_bytes()


def _newline(text: str) -> str:
    """The line end of the first line."""
    first = re.search(r"\r\n|\n|\r", text)
    return first[0] if first else "\n"


def _records(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """First line, text and cells of each row, the header too; a row may go over several lines."""
    lines = LINE.findall(text)
    reader = csv.reader(iter(lines))
    before = 0
    for cells in reader:
        yield before + 1, "".join(lines[before : reader.line_num]), cells
        before = reader.line_num


def _cells(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(header, cells, strict=False))


def _completed(header: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The header with the columns that it lacks, each before the declared one that follows it."""
    complete = list(header)
    for place, name in enumerate(columns):
        if name not in complete:
            after = [complete.index(other) for other in columns[place:] if other in complete]
            complete.insert(min(after, default=len(complete)), name)
    return complete


def _replace(path: Path, content: bytes) -> None:
    """The new content, whole or not at all; rights stay as they are."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def cleaned(value: str | None) -> str:
    """A cell without the blanks at its ends, as the models read it."""
    return (value or "").strip().strip(BLANK).strip()
