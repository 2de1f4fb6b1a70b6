"""Text as the services' usual collation compares it, which SQLite lacks."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from functools import lru_cache


def register(db: sqlite3.Connection) -> None:
    """Add `fold(text)` and `matches(pattern, text)` to a connection."""
    db.create_function("fold", 1, fold, deterministic=True)
    db.create_function("matches", 2, matches, deterministic=True)


def collated(text: str) -> str:
    """Text in the form in which it is sorted: without case, accents and blanks at the end."""
    plain = unicodedata.normalize("NFKD", text.rstrip(" ").casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def fold(text: str | None) -> str | None:
    """Text in the form in which it is compared without case."""
    return None if text is None else text.casefold()


def matches(pattern: str, text: str | None) -> bool | None:
    """SQL Server's LIKE: `%`, `_` and `[abc]`, `[^abc]`, without case (protocols A3)."""
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
