"""Text as the services' usual collations compare it, which SQLite lacks.

Both services ignore case and blanks at the end; Sales (English: Latin1_General_CI_AI) ignores
accents too, F&O does not. What is no letter with a mark, such as ø and æ, stays as it is.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial


def register(db: sqlite3.Connection) -> None:
    """Add `fold_ai`, `fold_as`, `plain_ai`, `plain_as` and `matches` to a connection."""
    for name, accents in (("ai", False), ("as", True)):
        for function in (fold, plain):
            folding = _or_null(partial(function, accents=accents))
            db.create_function(f"{function.__name__}_{name}", 1, folding, deterministic=True)
    db.create_function("matches", 2, matches, deterministic=True)


def fold(text: str, *, accents: bool) -> str:
    """The form in which texts are equal and are sorted."""
    return plain(text.rstrip(" "), accents=accents)


def plain(text: str, *, accents: bool) -> str:
    """The form in which a pattern looks for its parts: blanks at the end count."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    if accents:
        return unicodedata.normalize("NFC", parts)
    return "".join(char for char in parts if not unicodedata.combining(char))


def _or_null(function: Callable[[str], str]) -> Callable[[str | None], str | None]:
    return lambda text: None if text is None else function(text)


def matches(pattern: str, text: str | None) -> bool | None:
    """SQL Server's LIKE: `%`, `_` and `[abc]`, `[^abc]` (protocols A3); both are `plain`."""
    if text is None:
        return None
    return _regex(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    parts = []
    for token in re.findall(r"\[\^?[^\]]+\]|.", pattern, re.DOTALL):
        if token == "%":
            parts.append(".*")
        elif token == "_":
            parts.append(".")
        elif len(token) > 1:
            parts.append(token.replace("\\", r"\\"))
        else:
            parts.append(re.escape(token))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
