"""Short cases on a sandbox: each fault alone, and seeded mixes of faults with kill -9.

P2C_FAULT_CASES says how many mixes there are; `make test-faults` runs the whole number.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

import pytest
from p2c_sandbox.faults.model import Fault

from tests.faults.chance import WRITING, play
from tests.faults.stage import Stage

WHOLE = "P2C_FAULT_CASES" in os.environ
MIXES = int(os.environ.get("P2C_FAULT_CASES", "8"))
REQUESTS = ("throttle", "html", "drop_before", "drop_after", "drop_midbody", "expired_token")
PARTS = ("rejected", "deadlock", "etag_moved")
SLOW = ("latency", "slow_start")
T = TypeVar("T")
# A gateway between the service and us has its own words for anything, whatever was committed.
PAGES = [(kind, status) for kind in ("html", "html_after") for status in (400, 403, 404, 502)]


def pairs(faults: Sequence[T]) -> list[tuple[T, str]]:
    """Each fault with each service; in a sample with the two services by turns."""
    both = [(fault, system) for fault in faults for system in ("sales", "finops")]
    return both if WHOLE else [both[2 * at + at % 2] for at in range(len(faults))]


def fault(kind: str, system: str) -> Fault:
    """Three times, from the second writing request on."""
    path = WRITING if kind in REQUESTS + SLOW else ""
    return Fault(kind=kind, service=system, path=path, skip=1, times=3, seconds=0.6, retry_after=1)


@pytest.mark.parametrize(("kind", "system"), pairs([*REQUESTS, *PARTS, *SLOW]))
def test_each_fault_alone(stage: Stage, kind: str, system: str) -> None:
    case = stage.case(f"{kind}-{system}")
    case.want(sales=9, finops=9, there=3, bad=1)
    case.faults(fault(kind, system))
    answer = case.run()
    assert answer["status"] in ("ok", "partial", "aborted"), answer
    assert sum(case.stage.sandbox.faults.struck()) > 0
    case.end()


@pytest.mark.parametrize(("page", "system"), pairs(PAGES))
def test_a_gateways_page_says_nothing_of_the_rows(
    stage: Stage, page: tuple[str, int], system: str
) -> None:
    """In place of an answer to a write, before it was done and after."""
    kind, status = page
    case = stage.case(f"{kind}-{status}-{system}")
    case.want(sales=9, finops=9, there=3)
    places = {"path": WRITING, "skip": 1, "times": 2}
    case.faults(Fault(kind=kind, service=system, status=status, **places))
    case.run()
    assert sum(case.stage.sandbox.faults.struck()) > 0
    case.end()


@pytest.mark.parametrize("system", ["sales", "finops"])
def test_tokens_that_end_early_cost_no_row(stage: Stage, system: str) -> None:
    """They are good for two requests, whatever `expires_in` says."""
    case = stage.case(f"short-token-{system}")
    case.want(sales=18, finops=18, there=3)
    case.faults(Fault(kind="short_token", service=system, requests=2, times=4))
    answer = case.run()
    # A busy machine's time-outs may use up the tries; a token that ended may not.
    assert answer["status"] == "ok" or (
        answer["status"] == "aborted" and "401" not in answer["error"]
    )
    assert sum(case.stage.sandbox.faults.struck()) > 1
    case.end()


@pytest.mark.parametrize("seed", range(MIXES))
def test_faults_and_kills_at_random(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    case = stage.case(f"mix-{seed}")
    play(case, chance, sales=chance.randint(6, 24))
