"""Rows that are written all or none: a new document and its lines, in one change set of a batch.

A row's `unit` names the document (`<changes model>/<record key>`); rows without one stand alone. A
refused change set has one answer for all its rows (protocols B4): one of them is rejected, the
others are blocked by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from loaders.models import Change
from loaders.services.payload import loads
from loaders.services.records import Found, Unreadable
from loaders.services.responses import Answer

T = TypeVar("T")


def together(rows: Iterable[T], unit: Callable[[T], str | None]) -> Iterator[list[T]]:
    """Rows as they must be sent: those of a unit in one list, every other one alone."""
    numbered = enumerate(rows)
    for _, members in groupby(numbered, lambda pair: unit(pair[1]) or pair[0]):
        yield [row for _, row in members]


def unit_of(row: Change) -> str | None:
    """The unit a row belongs to."""
    return row.unit


def in_chunks(rows: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """Lists of at most `size` rows, but no unit is split: one that is larger goes alone."""
    chunk: list[Change] = []
    for members in together(rows, unit_of):
        if chunk and len(chunk) + len(members) > size:
            yield chunk
            chunk = []
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


def one_fate(rows: Sequence[Change], answers: Iterable[Answer]) -> Iterator[Answer]:
    """The answers of a request; in a refused unit the row at fault alone is rejected."""
    by_id = {answer.write_id: answer for answer in answers}
    for members in together(rows, unit_of):
        given = [by_id[row.write_id] for row in members]
        if members[0].unit and all(answer.verdict == "rejected" for answer in given):
            yield from _refused(members, given)
        else:
            yield from given


def _refused(members: Sequence[Change], given: Sequence[Answer]) -> Iterator[Answer]:
    at_fault = _at_fault(members, given)
    said = next(answer.message for answer in given if answer.write_id == at_fault.write_id)
    for row, answer in zip(members, given, strict=True):
        if row is at_fault:
            yield answer
        else:
            message = f"Its unit was refused: {at_fault.record_key}: {said}"
            yield replace(answer, verdict="blocked", code=None, message=message)


def _at_fault(members: Sequence[Change], given: Sequence[Answer]) -> Change:
    """The row that the answer names: by its Content-ID, else by a value quoted in the text."""
    named = {answer.named for answer in given}
    if found := [row for row in members if row.write_id in named]:
        return found[0]
    text = given[0].message or ""
    quoted = [row for row in members if any(f"'{value}'" in text for value in _texts(row))]
    return quoted[0] if len(quoted) == 1 else members[0]


def _texts(row: Change) -> Iterator[str]:
    values = {**loads(row.after), **loads(row.key_values)}
    return (value for value in values.values() if isinstance(value, str) and value)


def unreadable(rows: Sequence[Change], records: Mapping[str, Found]) -> Mapping[str, Unreadable]:
    """Rows whose record could not be read back, by write id; a unit is judged whole or not."""
    unread: dict[str, Unreadable] = {}
    for members in together(rows, unit_of):
        found = [records.get(row.write_id) for row in members]
        if odd := next((one for one in found if isinstance(one, Unreadable)), None):
            unread.update({row.write_id: odd for row in members})
    return unread


def whole(
    rows: Sequence[Change], verdicts: Mapping[str, Answer | None]
) -> dict[str, Answer | None]:
    """Verdicts on rows read back, None for those that may be sent again.

    Of a new document that is partly there nothing is sent again: the record is somebody else's, or
    the service does not keep change sets whole. What is missing is stale, and the next run judges
    it. A document to be deleted stays whole when one of its records was changed.
    """
    judged = dict(verdicts)
    for members in together(rows, unit_of):
        decided = [row for row in members if _decides(row, verdicts[row.write_id])]
        if members[0].unit and decided:
            missing = [row for row in members if _is_missing(verdicts[row.write_id])]
            judged.update({row.write_id: _left_out(row, members[0], decided[0]) for row in missing})
    return judged


def _decides(row: Change, answer: Answer | None) -> bool:
    """Whether what was found of one row keeps the others of its unit from being sent again."""
    return answer is not None and (
        answer.verdict == "stale" or (answer.verdict == "done" and row.operation == "create")
    )


def _is_missing(answer: Answer | None) -> bool:
    return answer is None or answer.verdict == "rejected"


def _left_out(row: Change, document: Change, decided: Change) -> Answer:
    message = (
        f"{document.record_key} is already there without all that was sent with it: "
        f"{row.record_key} was not written; the next run judges it again."
        if row.operation == "create"
        else f"{row.record_key} stays: {decided.record_key}, which goes with it, was changed."
    )
    return Answer(row.write_id, "stale", message=message)
