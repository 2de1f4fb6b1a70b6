"""System query options (`$select`, `$filter`, …) of a request or of an `$expand`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.http import split_outside

_ALIAS = re.compile(r"@\w+")
_STRING = re.compile(r"('(?:[^']|'')*')")


@dataclass(frozen=True)
class Options:
    """Parsed options; `select` None means all columns. `others` are options without `$`."""

    select: tuple[str, ...] | None = None
    filter: str | None = None
    orderby: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()
    skiptoken: str | None = None
    deltatoken: str | None = None
    others: Mapping[str, str] | None = None
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Expand:
    """One navigation property of `$expand` with its own options."""

    navigation: str
    options: Options = Options()


def parse_options(pairs: Iterable[tuple[str, str]], supported: frozenset[str]) -> Options:
    """Options of a query string. Raises BadRequest for one that is not in `supported`."""
    values = dict(pairs)
    asked = frozenset(name for name in values if name.startswith("$"))
    if unknown := sorted(asked - supported):
        raise BadRequest(f"The query parameter {unknown[0]} is not supported")
    others = {name: value for name, value in values.items() if not name.startswith("$")}
    return Options(
        select=_select(values.get("$select")),
        filter=_aliased(values["$filter"], others) if values.get("$filter") else None,
        orderby=_orderby(values.get("$orderby", "")),
        top=_number("$top", values.get("$top")),
        skip=_number("$skip", values.get("$skip")),
        count=values.get("$count", "").lower() == "true",
        expand=tuple(_expand(values.get("$expand", ""))),
        skiptoken=values.get("$skiptoken"),
        deltatoken=values.get("$deltatoken"),
        others=others,
        names=asked,
    )


def _select(text: str | None) -> tuple[str, ...] | None:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    return None if not names or "*" in names else tuple(dict.fromkeys(names))


def _aliased(text: str, others: Mapping[str, str]) -> str:
    """Put the values of parameter aliases (`@p1`) into a filter, outside of its strings."""
    parts = _STRING.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = _ALIAS.sub(lambda m: others.get(m[0], m[0]), parts[index])
    return "".join(parts)


def _orderby(text: str) -> tuple[tuple[str, bool], ...]:
    """(property path, descending) pairs."""
    result = []
    for item in split_outside(text, ","):
        name, _, direction = item.strip().partition(" ")
        if direction.strip() not in ("", "asc", "desc"):
            raise BadRequest(f"Syntax error in the $orderby expression '{text}'.")
        if name:
            result.append((name, direction.strip() == "desc"))
    return tuple(result)


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit():
        raise BadRequest(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


_IN_EXPAND = frozenset({"$select", "$filter", "$orderby", "$top", "$count", "$expand"})


def _expand(text: str) -> Iterable[Expand]:
    for item in split_outside(text, ","):
        name, bracket, rest = item.strip().partition("(")
        if not name:
            continue
        if bracket and not rest.endswith(")"):
            raise BadRequest(f"Syntax error in the $expand expression '{text}'.")
        pairs = [part.partition("=") for part in split_outside(rest[:-1], ";") if part.strip()]
        inner = parse_options([(n.strip(), v.strip()) for n, _, v in pairs], _IN_EXPAND)
        yield Expand(name.strip(), inner)
