"""Faults and kills drawn by chance."""

from __future__ import annotations

import random

from p2c_sandbox.faults.model import Fault

from tests.faults.stage import Case
from tests.loop.world import Row

WRITING = r"\$batch|Multiple"
# `rejected` is kept rare: three times the same in a row is a quarantined row.
RANDOM_KINDS = (
    "throttle", "html", "drop_before", "drop_after", "drop_midbody", "expired_token",
    "etag_moved", "rejected", "deadlock", "latency", "html_after", "short_token",
)  # fmt: skip


def random_faults(chance: random.Random) -> list[Fault]:
    """One to four faults of random kinds, each at some of the writing requests."""
    part: bool
    return [
        Fault(
            kind=chance.choice(RANDOM_KINDS),
            service=chance.choice((None, "sales", "finops")),
            path="" if (part := chance.random() < 0.5) else WRITING,
            method=None if part else "POST",
            scope="any",
            skip=chance.randint(0, 4),
            times=chance.randint(1, 3),
            probability=chance.choice((0.3, 1)),
            seed=chance.randint(0, 2**31),
            seconds=chance.choice((0.02, 0.6)),
            retry_after=chance.choice((0, 1, 10, None)),
            status=chance.choice((400, 403, 404, 502, 503)),
            requests=chance.choice((1, 2)),
        )
        for _ in range(chance.randint(1, 4))
    ]


def random_kill(chance: random.Random) -> Row:
    """Around a request, or before any statement of the ledger."""
    if chance.random() < 0.5:
        when = chance.choice(("before", "after"))
        return {"at": "request", "n": chance.randint(1, 14), "when": when}
    return {"at": "statement", "n": int(10 ** chance.uniform(0, 2.2))}


def play(case: Case, chance: random.Random, *, sales: int) -> None:
    """Records to write, so many of them to Sales; runs under faults and kills; then to its end."""
    case.want(
        sales=sales,
        finops=chance.randint(6, 24),
        there=chance.randint(0, 4),
        bad=chance.choice((0, 0, 1)),
    )
    for _ in range(chance.randint(1, 3)):
        case.faults(*random_faults(chance))
        case.run(random_kill(chance))
    case.end()
