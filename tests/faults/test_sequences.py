"""Sequences of runs, faults, kills and other people's changes that hypothesis makes up.

P2C_FAULT_EXAMPLES says how many; the seed is fixed, so that every run of the tests is the same.
"""

from __future__ import annotations

import itertools
import os
import random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.faults.chance import random_faults, random_kill
from tests.faults.stage import Case, Stage

EXAMPLES = int(os.environ.get("P2C_FAULT_EXAMPLES", "3"))
SEEDS = st.integers(0, 2**20)


class Sequences(RuleBasedStateMachine):
    """Each example is a case on the stage."""

    stage: ClassVar[Stage]
    numbers = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.case: Case = self.stage.case(f"sequence-{next(self.numbers)}")
        self.case.want(sales=8, finops=8, there=2)
        self.names = itertools.count(1)

    @rule(seed=SEEDS)
    def faults_arise(self, seed: int) -> None:
        self.case.faults(*random_faults(random.Random(seed)))

    @rule()
    def faults_end(self) -> None:
        self.case.faults()

    @rule()
    def a_run(self) -> None:
        self.case.run()

    @rule(seed=SEEDS)
    def a_run_is_killed(self, seed: int) -> None:
        self.case.run(random_kill(random.Random(seed)))

    @rule()
    def what_failed_is_tried_again(self) -> None:
        self.case.run(command="retry")

    @rule(place=st.integers(0, 15))
    def the_source_changes(self, place: int) -> None:
        self.case.rename(self.case.wanted[place], f"Changed {next(self.names)}")

    @rule(place=st.integers(0, 15))
    def somebody_changes_the_target(self, place: int) -> None:
        self.case.meddle(self.case.wanted[place], f"Meddled {next(self.names)}")

    def teardown(self) -> None:
        self.case.end()


def machine_of(stage: Stage) -> type[Sequences]:
    """The machine on this stage."""
    return type("OnStage", (Sequences,), {"stage": stage})


@pytest.mark.timeout(1800)
def test_any_sequence_ends_with_every_record_right(stage: Stage) -> None:
    run_state_machine_as_test(
        machine_of(stage),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=8,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
