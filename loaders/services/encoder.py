"""A target's rows as the bodies its service takes, with what each column needs found out once.

Most values are in their final form already and are passed on as they are, by their JSON type alone;
the others are converted by `payload`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import NoneType
from typing import Any, NamedTuple

from loaders.exact_json import loads
from loaders.models import Change, Column, WriteTarget
from loaders.services.payload import column_of, family, finops_empty, wire_value

# JSON types whose values go out as they came in.
AS_IS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "decimal": (Decimal, int),
    "bool": (bool,),
    "json": (str, int, Decimal, bool, dict, list),
}
LEFT_OUT = object()  # an empty property of a new row of F&O: its default logic runs


class _Prepared(NamedTuple):
    """A column on the wire: its name, types that need no work, what does it, and what null is."""

    name: str
    as_is: tuple[type, ...]
    convert: Callable[[Any], object]
    empty: object


class _Columns(dict[str, _Prepared]):
    """Prepared when first asked for, undeclared columns too."""

    def __init__(self, prepare: Callable[[str], _Prepared]) -> None:
        super().__init__()
        self._prepare = prepare

    def __missing__(self, name: str) -> _Prepared:
        found = self[name] = self._prepare(name)
        return found


class Encoder:
    """One target's. Lookups of Sales become `@odata.bind` (protocols A6); F&O has no null: it is
    left out of a new row, and has a form of its own for each type otherwise (protocols B4, B6)."""

    def __init__(self, target: WriteTarget) -> None:
        self.target = target
        self._key = frozenset(target.key)
        self._new = _Columns(lambda name: self._prepared(name, create=True))
        self._known = _Columns(lambda name: self._prepared(name, create=False))

    def body(self, row: Change) -> dict[str, Any]:
        """What is written, the key aside. Raises EncodeError."""
        values = loads(row.after)
        for name in self._key & values.keys():
            del values[name]
        return self.encoded(values, create=row.operation == "create")

    def body_with_key(self, row: Change) -> dict[str, Any]:
        """The same of a new row whose key is part of it. Raises EncodeError."""
        return self.encoded(loads(row.key_values) | loads(row.after), create=True)

    def encoded(self, values: Mapping[str, Any], *, create: bool) -> dict[str, Any]:
        """Values in the service's own JSON. Raises EncodeError."""
        columns = self._new if create else self._known
        body: dict[str, Any] = {}
        for column, value in values.items():
            name, as_is, convert, empty = columns[column]
            if type(value) in as_is:
                body[name] = value
            elif value is not None:
                body[name] = convert(value)
            elif empty is not LEFT_OUT:
                body[name] = empty
        return body

    def _prepared(self, name: str, *, create: bool) -> _Prepared:
        column = column_of(self.target, name)
        system = self.target.system
        if system == "sales" and column.lookup:
            bound = f"{column.navigation or name}@odata.bind"
            return _Prepared(bound, (NoneType,), _bind(column, column.lookup), None)
        empty = None if system == "sales" else LEFT_OUT if create else finops_empty(column)
        as_is = AS_IS.get(family(column.data_type), ())
        return _Prepared(name, as_is, lambda value: wire_value(column, value, system), empty)


def _bind(column: Column, entity_set: str) -> Callable[[Any], object]:
    return lambda value: f"/{entity_set}({wire_value(column, value, 'sales')})"


class Encoders:
    """The encoders of a writer."""

    def __init__(self) -> None:
        self._by_id: dict[int, Encoder] = {}

    def of(self, target: WriteTarget) -> Encoder:
        """That of one target; it is kept with the target, so that no other takes its place."""
        found = self._by_id.get(id(target))
        if found is None:
            found = self._by_id[id(target)] = Encoder(target)
        return found
