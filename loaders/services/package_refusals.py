"""Which rows an import names as refused, from its error list and its error files (protocols B8).

Their columns are documented nowhere: a row is known by the columns of its key where the file has
them, else by a cell that holds its key. What fits no row says nothing; such rows are looked for in
the service like any other.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from loaders.exact_json import loads
from loaders.models import Change, WriteTarget
from loaders.services.package_file import COMPANY
from pipelines.common.packages import RowError

UTF16 = b"\xff\xfe"
SEPARATORS = (",", ";", "|", "/", "_")
WORDS = ("errormessage", "error message", "message", "error", "errors")


class Named:
    """The rows of one job by the forms in which an error may name them."""

    def __init__(self, target: WriteTarget, rows: Iterable[Change]) -> None:
        self._columns = [name.lower() for name in target.key if name != COMPANY]
        self._by_form: dict[str, str | None] = {}
        for row in rows:
            for form in _forms(target, row):
                taken = self._by_form.get(form, row.write_id)
                self._by_form[form] = row.write_id if taken == row.write_id else None
        self.found: dict[str, str] = {}
        self.general = ""  # the first words that are about no row

    def take_errors(self, errors: Iterable[RowError]) -> None:
        """The list of GetExecutionErrors."""
        for error in errors:
            field = f"{error.field}: " if error.field else ""
            if not error.record:
                self.general = self.general or error.message
            self._note(self._by_form.get(canonical(error.record)), f"{field}{error.message}")

    def take_file(self, content: bytes) -> None:
        """An error file, whichever of the two; a last line that was cut off is left out."""
        heading, *lines = list(csv.reader(io.StringIO(_text(content)))) or [[]]
        names = [name.strip().lower() for name in heading]
        for line in lines:
            cells = dict(zip(names, line, strict=False))
            self._note(self._row_of(cells), _message(cells))

    def _row_of(self, cells: Mapping[str, str]) -> str | None:
        if all(name in cells for name in self._columns):
            return self._by_form.get(canonical(",".join(cells[n] for n in self._columns)))
        found = (self._by_form.get(canonical(cell)) for cell in cells.values())
        return next((write_id for write_id in found if write_id), None)

    def _note(self, write_id: str | None, message: str) -> None:
        """The first words about a row stay; a file without words only names it."""
        if write_id and not self.found.get(write_id):
            self.found[write_id] = message


def canonical(key: str) -> str:
    """Keys are the same in upper and lower case, and with spaces at their end."""
    return key.strip().lower()


def _forms(target: WriteTarget, row: Change) -> Iterator[str]:
    values = loads(row.key_values)
    whole = [str(values[name]) for name in target.key]
    own = [str(values[name]) for name in target.key if name != COMPANY]
    for parts in (own, whole):
        yield from (canonical(separator.join(parts)) for separator in SEPARATORS)


def _message(cells: Mapping[str, str]) -> str:
    return next((" ".join(cells[name].split()) for name in WORDS if cells.get(name)), "")


def _text(content: bytes) -> str:
    """Complete lines only: half a key might be another row's."""
    kind = "utf-16" if content.startswith(UTF16) else "utf-8-sig"
    text = content.decode(kind, "replace")
    return text[: text.rfind("\n") + 1]
