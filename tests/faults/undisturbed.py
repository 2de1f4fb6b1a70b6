"""Whether both systems are as runs that nobody disturbed leave them.

An edit meets each record before or after it was written, so there are two such runs: all written
before the edits, and nothing. Each record must be as one of the two left it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from tests.faults.whole import TARGETS, State, key_of
from tests.loop.world import Row, World

Write = tuple[str, str]
# Values of which a system has one only: who has it is one and the same record.
IDENTITY = {("finops", "CustomersV2"): ("dataAreaId", "OrganizationName")}


@dataclass(frozen=True)
class Ending:
    """What one run left: records, and the keys that it wrote to."""

    state: State
    writes: frozenset[Write]


@dataclass
class Verdict:
    """What is not right, by kind, each a sentence's worth of data."""

    lost: list[Row] = field(default_factory=list)
    doubled: list[tuple[str, ...]] = field(default_factory=list)
    wrong: list[Row] = field(default_factory=list)
    strange: list[Write] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.wrong or self.strange)


def writes_of(world: World) -> frozenset[Write]:
    """Entity set and key of each record that a request was sent for."""
    with closing(sqlite3.connect(world.folder / "state" / "ledger.sqlite")) as ledger:
        found = ledger.execute(
            "select entity_set, key_values from writes "
            "where status in ('sent', 'acknowledged', 'verified', 'unresolved')"
        ).fetchall()
    return frozenset((name, json.dumps(json.loads(key), sort_keys=True)) for name, key in found)


def judge(now: Ending, endings: Iterable[Ending], listed: frozenset[str]) -> Verdict:
    """Compare with the two undisturbed endings.

    Lost: both have it, and it is neither there nor among `listed`, what a run names as held (record
    keys, and names of accounts). Doubled: twice by key, or by a name that is one record's. Wrong:
    as neither left it. Strange: written to, though neither run did.
    """
    one, other = endings
    verdict = Verdict(strange=sorted(now.writes - one.writes - other.writes))
    for target, rows in now.state.items():
        key = TARGETS[target[0]][target[1]]
        before, after = one.state[target], other.state[target]
        verdict.wrong += [row for row in rows if row not in before and row not in after]
        unchanged = [row for row in before if row in after and row not in rows]
        verdict.lost += [row for row in unchanged if "/".join(key_of(row, key)) not in listed]
        names = IDENTITY.get(target, key)
        seen, first, second = (_counted(found, names) for found in (rows, before, after))
        verdict.doubled += sorted((seen - (first | second)).elements())
        verdict.lost += [{"identity": name} for name in (first & second) - seen
                         if not listed & {"/".join(name), name[-1]}]  # fmt: skip
    return verdict


def _counted(rows: list[Row], names: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    return Counter(key_of(row, names) for row in rows)


def listed_by(world: World) -> frozenset[str]:
    """What `p2c rejects` names: record keys, and the names of the accounts among them."""
    names = {row["accountid"]: row["name"] for row in world.sales.rows("accounts")}
    records = world.p2c("rejects", "--json").json["records"]
    sources = {str(row["source_key"]).rpartition("/")[2] for row in records}
    keys = {str(row["record_key"]) for row in records}
    return frozenset(keys | {names[source] for source in sources if source in names})
