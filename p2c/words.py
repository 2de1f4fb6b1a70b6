"""Numbers in sentences."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """`1 row`, `2,000 rows`; of `record written`, `2 records written`."""
    noun, *rest = what.split(" ")
    return " ".join([f"{count:,}", noun if count == 1 else f"{noun}s", *rest])
