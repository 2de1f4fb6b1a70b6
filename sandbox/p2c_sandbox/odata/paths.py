"""Resource paths: `accounts(accountnumber='A1')/name` as segments with their keys."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.http import split_outside
from p2c_sandbox.odata.model import Column, Table, Value

_SEGMENT = re.compile(r"(?P<name>[^()]*)(?:\((?P<key>.*)\))?", re.DOTALL)
_ENUM = re.compile(r"[\w.]+'(?P<member>(?:[^']|'')*)'")


@dataclass(frozen=True)
class Segment:
    """One part of a path. `key` is None without parentheses; the key '' names an unnamed value."""

    name: str
    key: Mapping[str, str] | None = None


def parse_path(path: str) -> list[Segment]:
    """Split and decode a path relative to the service root."""
    text = unquote(path).strip("/")
    return [_segment(part) for part in split_outside(text, "/") if part]


def _segment(text: str) -> Segment:
    match = _SEGMENT.fullmatch(text)
    if match is None:
        raise BadRequest(f"Bad Request - Error in query syntax: '{text}'.")
    if match["key"] is None:
        return Segment(match["name"])
    return Segment(match["name"], _key(match["key"]))


def _key(text: str) -> dict[str, str]:
    parts = {}
    for item in split_outside(text, ","):
        name, equals, value = item.partition("=")
        if equals and "'" not in name:
            parts[name.strip()] = value.strip()
        elif item.strip():
            parts[""] = item.strip()
    return parts


def key_value(column: Column, literal: str) -> Value:
    """A key literal as the column's Python value. Raises ValueError when the type is wrong."""
    if literal == "null":
        return None
    return _READERS.get(column.edm, _enum_member)(literal)


def _enum_member(literal: str) -> str:
    match = _ENUM.fullmatch(literal)
    return match["member"] if match else unquoted(literal)


def _boolean(literal: str) -> bool:
    if literal not in ("true", "false"):
        raise ValueError(f"{literal} is not a boolean")
    return literal == "true"


def unquoted(literal: str) -> str:
    """'O''Brien' (with its quotes) -> O'Brien. Raises ValueError when it is not quoted."""
    if len(literal) < 2 or literal[0] != "'" or literal[-1] != "'":
        raise ValueError(f"{literal} is not a string literal")
    return literal[1:-1].replace("''", "'")


def quoted(text: str) -> str:
    """The inverse of `unquoted`."""
    return "'" + text.replace("'", "''") + "'"


def key_of(table: Table, names: Mapping[str, str]) -> dict[str, Value]:
    """Key literals as {column name: value}; an unnamed value is the only key column.

    Names may be logical or wire names. Raises KeyError for an unknown column, ValueError for a
    literal of the wrong type.
    """
    key: dict[str, Value] = {}
    for name, literal in names.items():
        column = _key_column(table, name)
        key[column.name] = key_value(column, literal)
    return key


def _key_column(table: Table, name: str) -> Column:
    if not name:
        return table.columns[table.key_column]
    return table.by_wire.get(name) or table.columns[name]


_READERS: dict[str, Callable[[str], Value]] = {
    "Edm.String": unquoted,
    "Edm.Guid": lambda literal: str(uuid.UUID(literal)),
    "Edm.Decimal": Decimal,
    "Edm.Boolean": _boolean,
    "Edm.Date": str,
    "Edm.DateTimeOffset": str,
    "Edm.Int32": int,
    "Edm.Int64": int,
}
