"""Which thresholds are crossed, and what makes a message of it: no process, no service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import Clock, Ledger
from p2c.config.notify_settings import Notify
from p2c.notify.conditions import conditions, is_crossed, levels
from p2c.notify.facts import Facts, facts
from p2c.notify.message import news

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
KEYS = st.dictionaries(st.sampled_from(["run", "rejected", "failed:a"]), st.integers(1, 3))


class At(Clock):
    """A clock that stands at a number of hours before NOW."""

    def __init__(self) -> None:
        self.hours = 0.0

    def now(self) -> datetime:
        return NOW - timedelta(hours=self.hours)


def flow(name: str = "accounts", **counts: int) -> dict[str, Any]:
    return {"flow": name, "target": f"finops.{name}", "source_rows": 100, "create": 10, **counts}


def found(flows: list[dict[str, Any]], **settings: object) -> dict[str, int]:
    defaults = {"rejected": [], "blocked": [], "failed": []}
    wanted = Notify.model_validate({**defaults, **settings})
    return levels(conditions(Facts(flows=flows), wanted, NOW))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100))
def test_a_share_is_of_what_there_is(count: int, of: int, percent: int) -> None:
    assert is_crossed(f"{percent}%", count, of) == (
        count > 0 and Fraction(count) >= Fraction(of * percent, 100)
    )


@given(st.integers(0, 100), st.integers(1, 100))
def test_a_number_is_of_records(count: int, limit: int) -> None:
    assert is_crossed(str(limit), count, 10**9) == (count >= limit)


@given(st.lists(KEYS, max_size=12))
def test_a_receiver_that_takes_every_message_knows_how_it_stands(
    states: list[dict[str, int]],
) -> None:
    """A receiver that keeps what messages say, and nothing else, is never wrong about which
    conditions stand; and none comes where none of them began, grew or ended."""
    known: dict[str, int] = {}
    believed: set[str] = set()
    for state in states:
        change = news(known, state)
        assert bool(change) == (
            state.keys() != known.keys() or any(state[key] > known[key] for key in state)
        )
        believed = believed | set(change.risen)
        believed -= set(change.over)
        assert believed == state.keys()
        known = state


@given(KEYS)
def test_the_same_state_is_no_news(state: dict[str, int]) -> None:
    assert not news(state, dict(state))


@pytest.mark.parametrize(
    ("settings", "crossed"),
    [
        ({"rejected": 30}, {}),
        ({"rejected": 29}, {"rejected": 1}),
        ({"rejected": [1, 20, 29, 30]}, {"rejected": 3}),
        ({"rejected": "14.5%"}, {"rejected": 1}),
        ({"rejected": "15%"}, {}),
        ({"failed": "20%"}, {"failed": 1}),  # 4 of 20 changes
        ({"failed": "21%"}, {}),
        ({"by_flow": {"accounts": {"rejected": 20}}}, {"rejected:accounts": 1}),
        ({"by_flow": {"products": {"rejected": 20}}}, {}),
        ({"by_flow": {"*": {"rejected": 1}}}, {"rejected:accounts": 1, "rejected:products": 1}),
        (
            {"by_flow": {"*": {"rejected": 1}, "accounts": {"failed": 1}}},
            {"failed:accounts": 1, "rejected:products": 1},
        ),
        ({"blocked": 1}, {}),
    ],
)
def test_thresholds(settings: dict[str, object], crossed: dict[str, int]) -> None:
    flows = [flow(rejected=25, failed=4), flow("products", rejected=4)]
    assert found(flows, **settings) == crossed


def test_targets_of_a_flow_count_together() -> None:
    lines = flow(rejected=3) | {"target": "finops.Lines"}
    assert found([flow(rejected=3), lines], by_flow={"accounts": {"rejected": 6}}) == {
        "rejected:accounts": 1
    }


def ended(ledger: Ledger, command: str, status: str, **report: object) -> None:
    ledger.finish_run(ledger.start_run(command), status, report)


def test_the_newest_counts_of_each_flow_stand(tmp_path: Path) -> None:
    """A run of one flow says nothing of another; a retry speaks of what failed alone."""
    with Ledger.open(tmp_path) as ledger:
        counts = [flow(rejected=5, failed=2), flow("products", rejected=7, failed=3)]
        ended(ledger, "run", "partial", flows=counts, kind="changes")
        ended(ledger, "run", "ok", flows=[flow(rejected=1, failed=4)], kind="changes")
        ended(ledger, "retry", "ok", flows=[flow(rejected=0, failed=0)], kind="retry")
        ended(ledger, "apply", "ok", flows=[flow(rejected=9, failed=9)], kind="undo")
        ended(ledger, "plan", "planned", flows=[flow(rejected=9)], kind="changes")
    got = facts(tmp_path / "ledger.sqlite", is_held=False)
    assert {row["flow"]: (row["rejected"], row["failed"]) for row in got.flows} == {
        "accounts": (1, 0),
        "products": (7, 3),
    }


def ages(tmp_path: Path, **settings: object) -> dict[str, float | None]:
    got = facts(tmp_path / "ledger.sqlite", is_held=False)
    wanted = Notify.model_validate({"failed": [], **settings})
    return {one.kind: one.count for one in conditions(got, wanted, NOW) if one.kind != "run"}


def test_ages_are_of_the_last_that_came_to_its_end(tmp_path: Path) -> None:
    clock = At()
    with Ledger.open(tmp_path, clock) as ledger:
        for hours, command, status, report in (
            (9, "run", "ok", {}),  # of an earlier version, without stages
            (7, "run", "partial", {"stages": {"extract": 1.0, "build": 1.0}}),
            (5, "run", "failed", {"stages": {"extract": 1.0, "build": 1.0}, "stopped_in": "build"}),
            (4, "extract", "ok", {}),
            (3, "plan", "planned", {"stages": {"extract": 2.0}}),
            (2, "run", "failed", {"stages": {"extract": 9.0}, "stopped_in": "extract"}),
            (1, "apply", "ok", {"stages": {"write": 1.0}}),
        ):
            clock.hours = hours
            ended(ledger, command, status, **report)
    both = {"hours_since_run": 7, "hours_since_extract": 3}
    assert ages(tmp_path, **both) == {"hours_since_run": 7.0, "hours_since_extract": 3.0}
    assert ages(tmp_path, hours_since_run=7.01, hours_since_extract=3.01) == {}
    assert ages(tmp_path) == {}


def test_where_no_run_ever_came_to_its_end_its_age_is_of_the_first_try(tmp_path: Path) -> None:
    clock = At()
    with Ledger.open(tmp_path, clock) as ledger:
        for clock.hours in (6, 1):
            ended(ledger, "run", "failed", error="no")
    assert ages(tmp_path, hours_since_run=5) == {"hours_since_run": 6.0}


def test_without_any_run_an_age_is_crossed(tmp_path: Path) -> None:
    """A state folder that is not the right one must not look healthy."""
    assert ages(tmp_path, hours_since_run=1000) == {"hours_since_run": None}


def test_a_flow_that_is_held_back_stays_so_through_an_outage(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ended(ledger, "run", "ok", flows=[flow()], held_back={"orders_out": ["A gate failed."]})
        ended(ledger, "run", "failed", error="Sales does not answer.")
    got = facts(tmp_path / "ledger.sqlite", is_held=False)
    assert levels(conditions(got, Notify(), NOW)) == {"run": 1, "held:orders_out": 1}


def test_a_mistyped_apply_is_no_state_of_the_sync(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ended(ledger, "run", "ok", flows=[flow()])
        ended(ledger, "apply", "failed", error="No plan plna-1.", error_type="UnknownPlan")
    got = facts(tmp_path / "ledger.sqlite", is_held=False)
    assert conditions(got, Notify(), NOW) == []


@pytest.mark.parametrize("held", [True, False])
def test_a_run_that_is_on_is_not_judged_and_one_whose_process_is_gone_is(
    tmp_path: Path, held: bool
) -> None:
    with Ledger.open(tmp_path) as ledger:
        ended(ledger, "run", "ok", flows=[flow()])
        ledger.start_run("run")
    got = facts(tmp_path / "ledger.sqlite", is_held=held)
    assert levels(conditions(got, Notify(), NOW)) == ({} if held else {"run": 1})


def test_a_run_that_was_cut_off_is_not_over_while_the_next_one_is_on(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ended(ledger, "run", "ok", flows=[flow()])
        ledger.start_run("run")
        ledger.start_run("run")
    got = facts(tmp_path / "ledger.sqlite", is_held=True)
    assert levels(conditions(got, Notify(), NOW)) == {"run": 1}


def test_a_plan_that_nobody_confirmed_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ended(ledger, "run", "failed", error="x")
        ended(ledger, "run", "planned", flows=[flow()], kind="changes")
    got = facts(tmp_path / "ledger.sqlite", is_held=False)
    assert levels(conditions(got, Notify(), NOW)) == {"run": 1}
