"""What decisions make of the rows of `key_overrides`, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from p2c.lookup.keys import DIFFERENT, PAIR, Words, decisions
from p2c.lookup.keys_find import Pair
from p2c.warehouse import Reader

# Pairs that records of the decisions are known to be, by the crosswalk or by the seed.
KNOWN = """
with mine as (select unnest($1) as entity, unnest($2) as sales_id, unnest($3) as finops_key),
words as (
    select unnest($4) as entity, unnest($5) as sales_id, unnest($6) as data_area_id,
        unnest($7) as finops_key
),
pairs as (
    select entity, lower(sales_id) as sales_id, coalesce(data_area_id, '') as data_area_id,
        finops_table, finops_key, matched_by
    from keys.keys_crosswalk
    union
    select w.entity, w.sales_id, coalesce(f.data_area_id, w.data_area_id), f.record_table,
        coalesce(f.record_key, w.finops_key), 'override'
    from words as w
    left join match.match_finops_records as f
        on w.entity = f.entity and w.finops_key = lower(f.record_key)
        and w.data_area_id in ('', f.data_area_id)
),
near as (
    select pairs.* from pairs join mine using (entity, sales_id)
    union
    select pairs.* from pairs
    join mine on pairs.entity = mine.entity and lower(pairs.finops_key) = mine.finops_key
)
select p.*, s.number as sales_number, s.name as sales_name
from near as p
left join (
    select entity, lower(record_key) as record_key, min(number) as number, min(name) as name
    from match.match_sales_records group by all
) as s on p.entity = s.entity and p.sales_id = s.record_key
"""


@dataclass(frozen=True)
class Decision:
    """A person's word on a pair. `known_as`: how it is a pair already, when it is one."""

    pair: Pair
    decision: str
    reason: str = ""
    known_as: str = ""

    def row(self) -> dict[str, str]:
        """As the seed has it."""
        return {
            "entity": self.pair.entity,
            "sales_id": self.pair.sales_id,
            "data_area_id": self.pair.company,
            "finops_key": self.pair.finops_key,
            "decision": self.decision,
            "reason": self.reason,
        }


@dataclass
class Edit:
    """What a seed's file gets: numbers of rows to take out, rows to put in; what it has already."""

    remove: set[int] = field(default_factory=set)
    add: list[dict[str, str]] = field(default_factory=list)
    same: list[Decision] = field(default_factory=list)


class Overrides:
    """Rows of the seed by the pair that they speak of."""

    def __init__(self, rows: Words) -> None:
        self._rows: dict[tuple[str, str, str], list[tuple[int, str, str]]] = {}
        for number, one in enumerate(rows):
            for row in decisions([one]):
                key = (row["entity"], row["sales_id"], row["finops_key"])
                place = (number, row["data_area_id"], row["decision"])
                self._rows.setdefault(key, []).append(place)

    def of(self, pair: Pair) -> list[tuple[int, str, str]]:
        """Number, company and decision of each row about this pair; no company is all of them."""
        found = self._rows.get((pair.entity, pair.sales_id.lower(), pair.finops_key.lower()), [])
        return [row for row in found if row[1] == pair.company or "" in (row[1], pair.company)]

    def words(self, pair: Pair) -> set[str]:
        """How the pair is decided: by rows for its company, else by those for all."""
        rows = self.of(pair)
        own = {word for _, company, word in rows if company == pair.company}
        return own or {word for _, _, word in rows}


def edit(rows: Words, wanted: Sequence[Decision], everywhere: bool = False) -> Edit:
    """A row for each decision; rows that say the opposite of the same pair go out.

    A row for all legal entities stays, as it may speak of others too, unless the decision is meant
    for all (`everywhere`); the new one goes before it.
    """
    found, overrides = Edit(), Overrides(rows)
    for decision in wanted:
        pair, there = decision.pair, overrides.of(decision.pair)
        if overrides.words(pair) == {decision.decision}:
            found.same.append(decision)
        elif decision.row() not in found.add:
            found.add.append(decision.row())
        found.remove |= {
            number
            for number, company, word in there
            if word != decision.decision and (everywhere or company == pair.company)
        }
    return found


def conflicts(
    warehouse: Reader, rows: Words, wanted: Sequence[Decision]
) -> list[tuple[list[Pair], str]]:
    """Decisions that would make one record two others' pair, with a sentence; none is well."""
    pairs = [one.pair for one in wanted if one.decision == PAIR]
    apart = {_name(one.pair) for one in wanted if one.decision == DIFFERENT}
    overrides = Overrides(rows)
    known = [
        pair
        for pair in _known(warehouse, rows, pairs)
        if _name(pair) not in apart and DIFFERENT not in overrides.words(pair)
    ]
    return [*_among(pairs), *_against(pairs, known)]


def _known(warehouse: Reader, rows: Words, pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs that the same records are known to be; `rule` holds how."""
    words = [row for row in decisions(rows) if row["decision"] == PAIR]
    asked = [[p.entity for p in pairs], [p.sales_id.lower() for p in pairs]]
    asked += [[p.finops_key.lower() for p in pairs]]
    columns = ("entity", "sales_id", "data_area_id", "finops_key")
    found = warehouse.rows(KNOWN, [*asked, *([row[name] for row in words] for name in columns)])
    return [
        Pair(
            row["entity"],
            row["data_area_id"],
            row["finops_table"] or "",
            row["sales_id"],
            row["finops_key"],
            row["sales_name"] or "",
            "",
            row["sales_number"] or "",
            row["matched_by"],
        )
        for row in found
    ]


def _among(pairs: Sequence[Pair]) -> Iterable[tuple[list[Pair], str]]:
    """Several decisions of one record."""
    for of_sales in (True, False):
        for group in _groups(pairs, sales=of_sales):
            rivals = [one for one in group if any(_rival(one, other) for other in group)]
            if rivals:
                one, last = rivals[0], rivals[-1]
                record = one.sales if of_sales else one.key
                others = list(dict.fromkeys(p.key if of_sales else p.sales for p in rivals))
                yield (
                    rivals,
                    f"{record} would be the pair of {' and of '.join(others)}: leave one of them, "
                    f"as by `p2c keys reject {last.sales_id} {last.key}`",
                )


def _against(pairs: Sequence[Pair], known: Sequence[Pair]) -> Iterable[tuple[list[Pair], str]]:
    """A decision of a record that is another's pair already."""
    near = _near(known)
    for pair in dict.fromkeys(pairs):
        others = near.get(_sales(pair), set()) | near.get(_finops(pair), set())
        for other in sorted(others, key=lambda one: (one.sales_id, one.key)):
            if _rival(pair, other):
                of_sales = pair.sales_id.lower() == other.sales_id.lower()
                record, now = (pair.sales, other.key) if of_sales else (pair.key, other.sales)
                yield (
                    [pair],
                    f"{record} is the pair of {now} already ({other.rule}), and cannot be that of "
                    f"{pair.key if of_sales else pair.sales} too: `p2c keys unlink "
                    f"{other.sales_id} {other.key}` ends the first",
                )


def _rival(one: Pair, other: Pair) -> bool:
    """Whether both cannot be: in a legal entity one record is one of the other system."""
    here = one.company == other.company or "" in (one.company, other.company)
    return here and one.entity == other.entity and _name(one)[1:] != _name(other)[1:]


def _groups(pairs: Sequence[Pair], *, sales: bool) -> Iterable[list[Pair]]:
    groups: dict[tuple[str, ...], list[Pair]] = {}
    for pair in dict.fromkeys(pairs):
        groups.setdefault(_sales(pair) if sales else _finops(pair), []).append(pair)
    return groups.values()


def _near(pairs: Sequence[Pair]) -> dict[tuple[str, ...], set[Pair]]:
    near: dict[tuple[str, ...], set[Pair]] = {}
    for pair in pairs:
        near.setdefault(_sales(pair), set()).add(pair)
        near.setdefault(_finops(pair), set()).add(pair)
    return near


def _sales(pair: Pair) -> tuple[str, ...]:
    return ("sales", pair.entity, pair.sales_id.lower())


def _finops(pair: Pair) -> tuple[str, ...]:
    return ("finops", pair.entity, pair.finops_key.lower())


def _name(pair: Pair) -> tuple[str, str, str]:
    return f"{pair.entity}/{pair.company}", pair.sales_id.lower(), pair.finops_key.lower()
