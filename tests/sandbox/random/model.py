"""The plain model that random queries are compared with: lists of dictionaries, and Python.

A condition is the text of a `$filter` and the predicate that means the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]
Condition = tuple[str, Callable[[Row], bool]]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
}
SAME = ("eq", "ne")


@dataclass(frozen=True)
class Column:
    """A column to ask about: values to compare with, how they are written, which words fit."""

    name: str
    values: st.SearchStrategy[Any]
    literal: Callable[[Any], str] = str
    words: tuple[str, ...] = tuple(COMPARE)
    nullable: bool = True


def text_literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def comparison(column: Column) -> st.SearchStrategy[Condition]:
    def build(pair: tuple[str, Any]) -> Condition:
        word, value = pair
        test = COMPARE[word]
        literal = "null" if value is None else column.literal(value)
        return (
            f"{column.name} {word} {literal}",
            lambda row: test(fold(row[column.name]), fold(value)),
        )

    pairs = st.tuples(st.sampled_from(column.words), column.values)
    if column.nullable:
        pairs |= st.tuples(st.sampled_from(SAME), st.none())
    return pairs.map(build)


def search(column: Column, words: st.SearchStrategy[str]) -> st.SearchStrategy[Condition]:
    """`contains`, `startswith`, `endswith`; a null contains nothing."""
    tests: dict[str, Callable[[str, str], bool]] = {
        "contains": lambda text, part: part in text,
        "startswith": str.startswith,
        "endswith": str.endswith,
    }

    def build(pair: tuple[str, str]) -> Condition:
        name, part = pair
        return (
            f"{name}({column.name},{text_literal(part)})",
            lambda row: (
                row[column.name] is not None and tests[name](fold(row[column.name]), fold(part))
            ),
        )

    return st.tuples(st.sampled_from(sorted(tests)), words).map(build)


def combined(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Conditions joined by `and`, `or`, `not`, with and without parentheses."""

    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        def either(parts: tuple[Condition, Condition, str]) -> Condition:
            (a, f), (b, g), word = parts
            if word == "and":
                return f"({a}) and ({b})", lambda row: f(row) and g(row)
            if word == "or":
                return f"({a}) or ({b})", lambda row: f(row) or g(row)
            return f"not ({a})", lambda row: not f(row)

        return st.tuples(inner, inner, st.sampled_from(("and", "or", "not"))).map(either)

    return st.recursive(leaves, joined, max_leaves=6)


def ordered(rows: list[Row], order: list[tuple[str, bool]], key: list[str]) -> list[Row]:
    """Rows by `order` (column, descending) and then by their key; nulls come first."""
    found = sorted(rows, key=lambda row: [row[name] for name in key])
    for column, descending in reversed(order):
        found.sort(
            key=lambda row, c=column: (row[c] is not None, fold(row[c]) or 0),
            reverse=descending,
        )
    return found


def orders(columns: list[str]) -> st.SearchStrategy[list[tuple[str, bool]]]:
    pair = st.tuples(st.sampled_from(columns), st.booleans())
    return st.lists(pair, max_size=3, unique_by=lambda part: part[0])


def order_text(order: list[tuple[str, bool]]) -> str:
    return ",".join(f"{name} desc" if down else name for name, down in order)
