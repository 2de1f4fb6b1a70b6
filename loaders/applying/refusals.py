"""Which row of a refused request is at fault, so that it costs as few others as possible.

A refused change set has one answer for all its rows (protocols B4): one of them is rejected, the
others are blocked by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from loaders.errors import TooLarge
from loaders.exact_json import loads
from loaders.models import Change, Outcome
from loaders.units import together, unit_of


def one_fate(rows: Sequence[Change], outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes of a request; in a refused unit the row at fault alone is rejected."""
    if not any(row.unit for row in rows):
        yield from outcomes
        return
    by_id = {outcome.write_id: outcome for outcome in outcomes}
    for members in together(rows, unit_of):
        of_unit = [by_id[row.write_id] for row in members]
        if members[0].unit and all(outcome.status == "rejected" for outcome in of_unit):
            yield from _refused(members, of_unit)
        else:
            yield from of_unit


def _refused(members: Sequence[Change], outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    at_fault = _at_fault(members, outcomes)
    reason = next(one.error_message for one in outcomes if one.write_id == at_fault.write_id)
    message = f"Its unit was refused: {at_fault.record_key}: {reason}"
    for row, outcome in zip(members, outcomes, strict=True):
        if row is at_fault:
            yield outcome
        else:
            yield replace(outcome, status="blocked", error_code=None, error_message=message)


def _at_fault(members: Sequence[Change], outcomes: Sequence[Outcome]) -> Change:
    """The row that the answer names: by its Content-ID, else by a value quoted in the text."""
    named = {outcome.named for outcome in outcomes}
    if found := [row for row in members if row.write_id in named]:
        return found[0]
    text = outcomes[0].error_message or ""
    quoted = [row for row in members if any(f"'{value}'" in text for value in _texts(row))]
    return quoted[0] if len(quoted) == 1 else members[0]


def _texts(row: Change) -> Iterator[str]:
    values = {**loads(row.after), **loads(row.key_values)}
    return (value for value in values.values() if isinstance(value, str) and value)


def too_large(rows: Sequence[Change], error: TooLarge) -> list[Outcome]:
    """The service refused the request for its size, and it cannot be cut any smaller."""
    what = "one row alone" if len(rows) == 1 else "one document that is sent whole"
    message = f"{error} It is {what}: shorten its texts."
    return [
        Outcome(row.write_id, "rejected", error.http_status, error_message=message) for row in rows
    ]


def too_long(rows: Sequence[Change], most: int) -> list[Outcome]:
    """A unit has more rows than the service takes in one request, so that it is not sent."""
    message = f"It is sent whole, and one request takes {most:,} rows: it has {len(rows):,}."
    return [
        Outcome(row.write_id, "rejected", error_code="too_long", error_message=message)
        for row in rows
    ]
