"""Everything the warehouse and the ledger know about one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.lookup import record_dates, record_history, record_images, record_layers, record_links
from p2c.lookup import record_search as names
from p2c.lookup.record_advice import Standing, next_step, systems
from p2c.lookup.record_targets import Compared, read, target_key
from p2c.warehouse import Reader, Row, reading

Held = Callable[[Sequence[str]], Mapping[str, Sequence[str]]]
FATES = """
select * from quality.record_fates where list_contains($1, source_key)
order by flow, target, record_key
"""


# Lines of a document, prices of a product: their keys are its own with another part behind.
PARTS = """
select flow, target, fate, count(*) as records, min(record_key) as example
from quality.record_fates
where not list_contains($own, source_key) and (
    list_contains($keys, regexp_replace(source_key, '/[^/]*$', ''))
    or list_contains($keys, regexp_replace(record_key, '/[^/]*$', '')))
group by all order by all
"""


def explain(
    context: Context,
    record: str,
    flows: Sequence[str],
    limit: int,
    *,
    layers: bool = True,
    held: Held | None = None,
) -> dict[str, Any]:
    """Everything known of the record meant; NothingStaged when nothing is.

    `record` is a number, id, key, name, or part of one, of either system. Where it fits several
    records, `matches` names up to ten of `fitting` and the rest is empty. Each fate has what it
    stands on: link, candidates, differences, and `next`, what a person can do. `limit` caps the
    rows shown of each table (0: all); without `layers` there are none. `held` says of flows why
    they are held back.
    """
    with reading(context.warehouse) as warehouse:
        rows, fitting = names.search(warehouse, record, flows)
        found: dict[str, Any] = {
            "record": record, "who": None, "fitting": fitting, "matches": [], "fates": [],
            "parts": [], "candidates": [], "reasons": [], "writes": [], "layers": [],
        }  # fmt: skip
        if fitting > 1:
            return found | {"matches": _matches(warehouse, rows)}
        if fitting:
            found |= _one(context, warehouse, rows, held or _free)
        else:
            found["writes"] = record_history.writes_named(warehouse, record, flows)
        if layers or not fitting:
            found["layers"] = record_layers.layers(warehouse, _called(record, rows), limit)
        if not fitting and not found["writes"] and not found["layers"]:
            raise NothingStaged(_unknown(record, names.nearest(warehouse, record, flows)))
    return found


def _free(_: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """No flow is held back."""
    return {}


def _unknown(record: str, near: Sequence[str]) -> str:
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"Nothing staged is called {record!r}.{meant} Give a number, an id, a key as `p2c plan` "
        "and `p2c rejects` print it, or part of a name; a new record comes with `p2c run`."
    )


@dataclass(frozen=True)
class _Known:
    """What is known of a record in all its flows; `held`: flow → why it is held back."""

    pairs: Sequence[Row]
    candidates: Sequence[Row]
    writes: Sequence[Row]
    reasons: Sequence[Row]
    held: Mapping[str, Sequence[str]]


def _one(context: Context, warehouse: Reader, rows: Sequence[Row], held: Held) -> dict[str, Any]:
    """The parts of an answer about a single record."""
    targets = read(context)
    fates = _fates(warehouse, rows)
    who = _who(rows)
    known = _Known(
        pairs=record_links.pairs(warehouse, who["sales_id"]),
        candidates=record_links.candidates(warehouse, who["sales_id"], who["finops_keys"]),
        writes=record_history.writes(warehouse, fates),
        reasons=record_history.reasons(warehouse, fates),
        held=held(list(dict.fromkeys(fate["flow"] for fate in fates))),
    )
    return {
        "who": who,
        "fates": [
            fate | _parts(warehouse, targets.get(target_key(fate)), fate, known)
            for fate in record_dates.dated(warehouse, targets, fates, known.writes)
        ],
        "parts": _belonging(warehouse, fates),
        "candidates": known.candidates,
        "reasons": known.reasons,
        "writes": known.writes,
    }


def _parts(warehouse: Reader, place: Compared | None, fate: Row, known: _Known) -> Row:
    """What a fate stands on, and the next step."""
    compared = record_images.comparison(warehouse, place, fate)
    differences = record_images.differences(warehouse, place, fate, compared)
    source, target = systems(fate)
    last, planned = record_history.last(known.writes, fate)
    its_reasons = [row for row in known.reasons if record_history.is_of(row, fate)]
    standing = Standing(
        fate=fate,
        source=source,
        target=target,
        last=last,
        planned=planned,
        reasons=its_reasons,
        causes=record_history.causes(warehouse, fate, compared, last),
        differences=differences,
        candidates=[row for row in known.candidates if record_links.is_of(row, fate)],
        held=known.held.get(fate["flow"], ()),
        policies=place.writes if place else {},
        is_on_demand=bool(place and place.target.on_demand),
        is_current=fate["speaks_of"] != record_dates.BEFORE,
    )
    return {
        "source": source,
        "in_scope": fate["fate"] != "filtered",
        "is_first_contact": compared.get("is_first_contact"),
        "reasons": its_reasons,
        "link": record_links.link(warehouse, known.pairs, fate, place)
        if source != target
        else None,
        "differences": differences,
        "writes": [row for row in known.writes if record_history.is_of(row, fate)],
        "waits_for": standing.causes,
        "next": next_step(standing),
    }


def _belonging(warehouse: Reader, fates: Sequence[Row]) -> list[Row]:
    """How many records of each fate are parts of this one, and one of them."""
    own = [fate["source_key"] for fate in fates if fate["source_key"]]
    keys = [*own, *(fate["record_key"] for fate in fates if fate["record_key"])]
    return warehouse.rows(PARTS, {"own": own, "keys": [key for key in keys if key]})


def _fates(warehouse: Reader, rows: Sequence[Row]) -> list[Row]:
    """The fate of each row; of a record that only a target has, `unmatched`."""
    keys = [row["source_key"] for row in rows if row["source_key"] is not None]
    known = {_place(row): row for row in warehouse.rows(FATES, [keys])}
    return [
        {**known.get(_place(row), _alone(row)), "is_there": row["is_there"]}
        for row in rows
        if _place(row) in known or row["source_key"] is None
    ]


def _place(row: Row) -> tuple[Any, ...]:
    return (*target_key(row), row["source_key"])


def _alone(row: Row) -> Row:
    return {
        "flow": row["flow"],
        "target": row["target"],
        "source_key": None,
        "record_key": row["record_key"],
        "fate": "unmatched",
        "is_drift": False,
        "detail": None,
    }


def _who(rows: Sequence[Row]) -> Row:
    """Names and keys of one record in both systems, from all its rows.

    Of keys in F&O none that a record out of scope would have there.
    """
    # A row of Sales about itself, as of its number.
    own = [row for row in rows if row["source_key"] and row["source_key"] == row["sales_id"]]
    of_both = [row for row in rows if row["target"].startswith("finops.") or row not in own]
    theirs = [row for row in rows if row["is_there"] or row["fate"] != "filtered"]
    keys = {key: None for row in theirs for key in _finops_keys(row)}
    keys = keys or {key: None for row in rows for key in _finops_keys(row)}
    numbers = [row for row in own if row["target"].startswith("sales.")]
    return {
        "name": _first(of_both, "name"),
        "held_name": _first(of_both, "held_name"),
        "sales_id": _first(rows, "sales_id"),
        "sales_number": _first(numbers, "held_name"),
        "finops_keys": list(keys),
    }


def _first(rows: Sequence[Row], column: str) -> str | None:
    return next((str(row[column]) for row in rows if row[column]), None)


def _finops_keys(row: Row) -> list[str]:
    """Of a record of F&O its key there: the target's, or the source's."""
    if row["target"].startswith("finops."):
        return [row["record_key"]] if row["record_key"] else []
    own = row["source_key"] is None or row["source_key"] == row["sales_id"]
    return [] if own else [row["source_key"]]


def _called(record: str, rows: Sequence[Row]) -> list[str]:
    """What the record is called in the layers: as asked for, its keys, its number in F&O."""
    keys = [row[name] for row in rows for name in ("source_key", "record_key", "sales_id")]
    finops = [key.split("/") for row in rows for key in _finops_keys(row)]
    return [record, *(key for key in keys if key), *(parts[:2][-1] for parts in finops)]


def _matches(warehouse: Reader, rows: Sequence[Row]) -> list[Row]:
    """Each record that fits: who it is, and its fate in each flow."""
    subjects: dict[str, list[Row]] = {}
    for row in rows:
        subjects.setdefault(row["subject"], []).append(row)
    shown = ("flow", "target", "record_key", "fate")
    return [
        {
            **_who(theirs),
            "fates": [{name: fate[name] for name in shown} for fate in _fates(warehouse, theirs)],
        }
        for theirs in subjects.values()
    ]
