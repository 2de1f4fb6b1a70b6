"""Comparisons of text in SQL, by the collation of a service.

Columns are compared by NOCASE, which is quick and has its indexes, but knows ASCII only. So each
condition has two branches: NOCASE against the folded value, and the folded text of those rows that
are `odd`: not ASCII, or with a blank at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from p2c_sandbox.odata.folding import fold, plain

_ORDERED = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}


def odd(term: str) -> str:
    """SQL: whether NOCASE may take the text for another one than the collation does."""
    return f"({term} GLOB '*[^ -~]*' OR {term} GLOB '* ')"


@dataclass(frozen=True)
class Collation:
    """Without case and blanks at the end; `accents` says whether accents count."""

    accents: bool

    @property
    def _suffix(self) -> str:
        return "as" if self.accents else "ai"

    def folded(self, value: str) -> str:
        """A value as `key` of a column shows it."""
        return fold(value, accents=self.accents)

    def key(self, term: str) -> str:
        """SQL: what texts are sorted and compared by."""
        return f"fold_{self._suffix}({term})"

    def one_of(self, term: str, values: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """SQL condition and its parameters: the text is one of the values."""
        folded = tuple(self.folded(value) for value in values)
        marks = ", ".join("?" * len(folded))
        text = f"({term} IN ({marks}) OR ({odd(term)} AND {self.key(term)} IN ({marks})))"
        return text, folded + folded

    def ordered(self, kind: str, term: str, value: str) -> tuple[str, tuple[str, ...]]:
        """SQL condition: the text stands before or after a value."""
        return f"{self.key(term)} {_ORDERED[kind]} ?", (self.folded(value),)

    def like(self, term: str, pattern: str) -> tuple[str, tuple[str, ...]]:
        r"""SQL condition: the text fits a LIKE pattern, whose escape is `\`."""
        wanted = plain(pattern, accents=self.accents)
        odd_text = f"plain_{self._suffix}({term})"
        text = rf"({term} LIKE ? ESCAPE '\' OR ({odd(term)} AND {odd_text} LIKE ? ESCAPE '\'))"
        return text, (wanted, wanted)

    def matches(self, term: str, pattern: str) -> tuple[str, tuple[str, ...]]:
        """The same with sets of letters in the pattern."""
        wanted = plain(pattern, accents=self.accents)
        return f"matches(?, plain_{self._suffix}({term}))", (wanted,)

    def same(self, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """SQL condition for odd rows whose columns are all equal to the values; those that are not
        odd are found by NOCASE."""
        terms = [f"{odd(_named(name))} AND {self.key(_named(name))} = ?" for name in values]
        return " AND ".join(terms), tuple(self.folded(value) for value in values.values())


def _named(column: str) -> str:
    return f'"{column}"'
