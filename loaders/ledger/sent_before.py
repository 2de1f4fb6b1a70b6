"""Updates that send a value again: overwritten by somebody since, or never kept by the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from loaders.exact_json import loads
from loaders.ledger import outcomes, plan_file
from loaders.ledger.ledger import Ledger
from loaders.ledger.outcome_tables import PLACES
from loaders.models import Change

# Each earlier write of the same record that came through.
EARLIER = """
select o.n, earlier.n as earlier
from outcomes as o join kinds as k on k.id = o.kind
join outcomes as earlier on earlier.record_key = o.record_key and earlier.n < o.n
join kinds as its on its.id = earlier.kind and its.model = k.model
where o.n between ? and ? and k.operation = 'update' and o.status = 'acknowledged'
    and earlier.status in ('acknowledged', 'verified')
order by earlier.n
"""


def sent_before(ledger: Ledger, plan_id: str) -> Iterator[Change]:
    """Updates of a plan with a value that an earlier write of the same record had already."""
    if not any(part.operation == "update" for part in ledger.parts(plan_id)):
        return
    base, _ = outcomes.span(ledger.number(plan_id))
    for page in ledger.pages(plan_id):
        rows = {base + outcomes.number_of(row.write_id)[1]: row for row in page}
        yield from _again(ledger, rows)


def _again(ledger: Ledger, rows: Mapping[int, Change]) -> Iterator[Change]:
    pairs: dict[int, list[int]] = {}
    found = ledger.connection.execute(EARLIER, [min(rows), max(rows)]).fetchall()
    for n, earlier in found:
        pairs.setdefault(earlier, []).append(n)
    again: set[int] = set()
    for earlier, image in _images(ledger, list(pairs)):
        values = loads(image)
        again.update(n for n in pairs[earlier] if _shares(loads(rows[n].after), values))
    yield from (row for n, row in rows.items() if n in again)


def _shares(mine: Mapping[str, object], theirs: Mapping[str, object]) -> bool:
    return any(name in theirs and theirs[name] == value for name, value in mine.items())


def _images(ledger: Ledger, numbers: Sequence[int]) -> Iterator[tuple[int, str | None]]:
    """What earlier writes sent; of plans whose file is gone nothing is known any more."""
    plans: dict[int, list[int]] = {}
    for n in numbers:
        plans.setdefault(n // PLACES, []).append(n % PLACES)
    for plan_number, places in plans.items():
        row = ledger.connection.execute(
            "select plan_id from plans where n = ?", [plan_number]
        ).fetchone()
        if row is not None and ledger.file(row["plan_id"]).is_file():
            path = ledger.file(row["plan_id"])
            for place, image in plan_file.rows_numbered(path, ["after"], sorted(places)):
                yield plan_number * PLACES + place, image
