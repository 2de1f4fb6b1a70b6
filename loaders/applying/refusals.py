"""Which row of a refused request is at fault, so that it costs as few others as possible.

A refused change set has one answer for all its rows (protocols B4): one of them is rejected, the
others are blocked by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loaders.errors import TooLarge
from loaders.exact_json import loads
from loaders.models import Change
from loaders.services.responses import Answer
from loaders.units import together, unit_of


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


def too_large(rows: Sequence[Change], error: TooLarge) -> list[Answer]:
    what = "one row alone" if len(rows) == 1 else "one document that is sent whole"
    message = f"{error} It is {what}: shorten its texts."
    return [Answer(row.write_id, "rejected", error.http_status, message=message) for row in rows]


def too_long(rows: Sequence[Change], most: int) -> list[Answer]:
    message = f"It is sent whole, and one request takes {most:,} rows: it has {len(rows):,}."
    return [Answer(row.write_id, "rejected", code="too_long", message=message) for row in rows]
