"""Changes as people read them: `+ ~ -`, the record's key, old -> new for each column.

It knows neither plan nor ledger: whoever has two states of a record can show the difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import simplejson
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from p2c.screen.layout import whole

if TYPE_CHECKING:
    from loaders import Change

SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "deactivate": ("-", "red"),
    "delete": ("-", "red"),
}
REMOVALS = ("deactivate", "delete")
OTHER_SIGN = ("!", "magenta")
ARROW = " -> "
MARGIN, INDENT = 2, 6
# Where nothing limits a line (a pipe, a file) a value still ends somewhere.
VALUE_WIDTH = 60
FEW_WIDTH = 90  # of the line with a few columns of a new record
BEFORE = 10  # letters shown before the first that differs, of two long values
Texts = Callable[[int | None], list[str]]  # values as written, for a room in cells
GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
ID = re.compile(rf'"?[^\s"]*{GUID.pattern}[^\s"]*"?', re.I)


@dataclass(frozen=True)
class Shown:
    """A record that changes, as it is shown.

    columns: name → (before, after), values as JSON has them, numbers exact (Decimal); both None
    where a column is only named. `name`: what the record is called; `note`: a word or sentence
    after the key; `kept`: what the source has where the target's value stays; `status` of a row
    that is not to be sent: blocked, quarantined. `arrow` stands between two values, `actions` has a
    word on a column: kept.
    """

    operation: str
    key: str
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    first_contact: bool = False
    name: str = ""
    note: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)
    flow: str = ""
    model: str = ""
    status: str = "planned"
    arrow: str = ARROW
    actions: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ChangeText:
    """A record's lines: its key, then its columns; no line wider than the terminal.

    Long values are cut with …, and a new record shows a few of its columns; with `entire` all are
    there, whole. A key and an id always stay whole, on a line of their own where need be.
    """

    change: Shown
    entire: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(options.max_width)

    def lines(self, width: int) -> Iterator[Text]:
        """The lines for a width in cells."""
        change, limit = self.change, None if self.entire else VALUE_WIDTH
        yield from _head(change, width)
        if change.operation == "create" and not self.entire:
            yield from _few(change, width)
        elif change.operation not in REMOVALS:
            for column, pair in change.columns.items():
                both = pair[1:] if change.operation == "create" else pair
                word = f" ({change.actions[column]})" if column in change.actions else ""
                texts = partial(_pair, both, limit)
                yield from _column(column + word, texts, width, change.arrow)
        if change.kept:
            yield from _set_in(f"kept as the target has it: {', '.join(change.kept)}", width)


def changes_text(changes: Iterable[Shown], *, entire: bool = False) -> Iterator[ChangeText]:
    """One renderable a record, in the order given; nothing is held."""
    for change in changes:
        yield ChangeText(change, entire)


def plain_lines(change: Shown, *, entire: bool = False) -> list[str]:
    """The same without a terminal: for a file, or a code block of a page."""
    return [line.plain.rstrip() for line in ChangeText(change, entire).lines(10_000)]


def shown(change: Change, name: str = "") -> Shown:
    """A row of a plan as it is shown; an error message of it becomes the note."""
    return Shown(
        change.operation,
        change.record_key,
        columns(change.before, change.after),
        change.is_first_contact,
        name,
        change.error_message or "" if change.status != "planned" else "",
        change.kept,
        change.flow,
        change.model,
        change.status,
    )


def columns(before: str | None, after: str | None) -> dict[str, tuple[Any, Any]]:
    """Column → (before, after), of two images in JSON (None: there is no record), exact numbers."""
    old, new = values(before), values(after)
    return {name: (old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new))}


def values(image: str | None) -> dict[str, Any]:
    """A before or after image, its numbers exact."""
    return dict(json.loads(image or "{}", parse_float=Decimal))


def short(value: object, limit: int | None = VALUE_WIDTH) -> str:
    """A value as a person reads it: text in quotes, cut with … at `limit` cells (None: whole)."""
    return _cut(_written(value), limit) if limit else _written(value)


def visible(text: str) -> str:
    """Letters that would not show, or would move the cursor, as `\\u001b`."""
    return "".join(x if x.isprintable() else f"\\u{ord(x):04x}" for x in text)


def _head(change: Shown, width: int) -> Iterator[Text]:
    """`~ key  name  first contact`; what has no room goes to lines of its own."""
    sign, colour = SIGNS.get(change.operation, OTHER_SIGN)
    if change.status != "planned":
        sign, colour = OTHER_SIGN
    key = visible(change.key)
    margin = " " * max(0, min(MARGIN, width - cell_len(key) - 2))
    line = Text.assemble(margin, (sign, colour), " ", key)
    more = [
        Text(visible(change.name)),
        Text("first contact" if change.first_contact else "", "cyan"),
        Text(visible(change.note)),
    ]
    for part in (part for part in more if part.plain):
        if line.plain and line.cell_len + 2 + part.cell_len <= width:
            line = line + Text("  ") + part
            continue
        if line.plain:
            yield whole(line)
        line = Text("")
        yield from _set_in(part, width)
    if line.plain:
        yield whole(line)


def _set_in(text: Text | str, width: int) -> Iterator[Text]:
    """Wrapped between words, all lines set in; a word wider than the terminal stays whole."""
    margin, line = Text(" " * INDENT), Text("")
    for word in (Text(text) if isinstance(text, str) else text).split(" "):
        if line.plain and INDENT + line.cell_len + 1 + word.cell_len > width:
            yield whole(margin + line)
            line = word
        else:
            line = line + Text(" ") + word if line.plain else word
    yield whole(margin + line)


def _few(change: Shown, width: int) -> Iterator[Text]:
    """As many columns of a new record as a line has room for; it has dozens.

    What its key says already comes last, and so does what says nothing to a person: ids, nulls.
    """
    after = {name: pair[1] for name, pair in change.columns.items()}
    names = sorted(after, key=lambda name: _says_little(change.key, after[name]))
    room = min(FEW_WIDTH, width - INDENT)
    texts = [f"{name}: {short(after[name])}" for name in names]
    line = ""
    while texts and (not line or cell_len(f"{line}, {texts[0]}{_more(texts[1:])}") <= room):
        line = f"{line}, {texts.pop(0)}" if line else _cut(texts.pop(0), room)
    if line:
        yield from _set_in(Text(line + _more(texts), "dim"), width)


def _more(texts: Sequence[str]) -> str:
    return f", … {len(texts)} more" if texts else ""


def _says_little(key: str, value: object) -> bool:
    return value is None or str(value) in key.split("/") or bool(GUID.fullmatch(str(value)))


def _column(name: str, texts: Texts, width: int, arrow: str) -> Iterator[Text]:
    """`Name: "old" -> "new"` where it fits, else each value on a line of its own."""
    line = f"{' ' * INDENT}{name}: {arrow.join(texts(None))}"
    if cell_len(line) <= width:
        yield whole(Text(line))
        return
    yield whole(Text(f"{' ' * INDENT}{name}:"))
    for number, value in enumerate(texts(width - INDENT - len(arrow))):
        lead = " " * INDENT + (arrow if number else " " * len(arrow))
        yield whole(Text(lead[-max(len(arrow) - 1, width - cell_len(value)) :] + value))


def _pair(found: Sequence[Any], limit: int | None, room: int | None) -> list[str]:
    """Values as they are written; two long ones alike in front are cut where they differ.

    An id is never cut.
    """
    written = [_written(value) for value in found]
    limit = min((cells for cells in (limit, room) if cells), default=None)
    if limit is None:
        return written
    start = _alike(written) if len(written) > 1 else 0
    if start + BEFORE > limit:
        written = [f"…{text[start - BEFORE :]}" for text in written]
    return [text if ID.fullmatch(text) else _cut(text, limit) for text in written]


def _alike(texts: Sequence[str]) -> int:
    """How many letters all texts begin with."""
    different = (n for n, letters in enumerate(zip(*texts, strict=False)) if len({*letters}) > 1)
    return next(different, min(map(len, texts)))


def _written(value: object) -> str:
    return visible(simplejson.dumps(value, ensure_ascii=False, use_decimal=True))


def _cut(text: str, cells: int) -> str:
    """At most so many cells wide; what is cut ends with …, within its quotes."""
    if cell_len(text) <= cells:
        return text
    end = '…"' if text.endswith('"') else "…"
    return set_cell_size(text, max(cells - len(end), 1)).rstrip() + end
