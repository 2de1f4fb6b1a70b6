"""Rows that are written all or none: a new document and its lines, in one change set of a batch.

A row's `unit` names the document (`<changes model>/<record key>`); rows without one stand alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from typing import TypeVar

from loaders.models import Change

T = TypeVar("T")


def together(rows: Iterable[T], unit: Callable[[T], str | None]) -> Iterator[list[T]]:
    """Rows as they must be sent: those of a unit in one list, every other one alone."""
    for name, members in groupby(rows, unit):
        if not name:
            yield from ([row] for row in members)
        else:
            yield list(members)


def unit_of(row: Change) -> str | None:
    """The unit a row belongs to."""
    return row.unit


def in_chunks(rows: Iterable[Change], size: int | Callable[[], int]) -> Iterator[list[Change]]:
    """Lists of at most `size` rows, but no unit is split: one that is larger goes alone.

    A size that changes is asked for anew after each list.
    """
    chunk: list[Change] = []
    most = size if isinstance(size, int) else size()
    for members in together(rows, unit_of):
        if chunk and len(chunk) + len(members) > most:
            yield chunk
            chunk = []
            most = size if isinstance(size, int) else size()
        chunk += members
    if chunk:
        yield chunk


def at_most(rows: Iterable[T], limit: int | None, unit: Callable[[T], str | None]) -> Iterator[T]:
    """The first rows, but no unit is cut: the one in which the limit falls is whole."""
    taken = 0
    for members in together(rows, unit):
        if limit is not None and taken >= limit:
            return
        yield from members
        taken += len(members)


def chunks(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items."""
    while chunk := list(islice(rows, size)):
        yield chunk
