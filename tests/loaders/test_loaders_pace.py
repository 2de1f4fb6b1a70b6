"""How many requests at once: found from what services answer, here ones that are computed."""

import heapq
from collections.abc import Callable

import pytest

from loaders.services.pace import WINDOW, Pace

Service = Callable[[int], float]


def run(pace: Pace, seconds_of: Service, answers: int, now: float = 0.0) -> tuple[float, int]:
    """Keep every place taken until so many answers came: when, and the most that were on their way.

    `seconds_of` tells how long a request takes with so many others on their way.
    """
    going: list[float] = []
    most = 0
    for _ in range(answers):
        while len(going) < pace.places(now):
            heapq.heappush(going, now + seconds_of(len(going) + 1))
        most = max(most, len(going))
        now = heapq.heappop(going)
        pace.answered(now, 100, full=True)
    return now, most


@pytest.mark.parametrize("latency", [0.3, 1.0, 5.0])
def test_what_takes_as_long_however_many_is_sent_by_all(latency: float) -> None:
    """Latency alone: the ceiling is reached within six rounds, whatever the latency is."""
    pace = Pace(50, 0.0)
    now, most = run(pace, lambda going: latency, 4 + 8 + 16 + 32 + 50)
    assert most == 50
    assert now == pytest.approx(5 * latency, rel=0.2)


def test_a_service_that_gets_slower_with_each_gets_no_more() -> None:
    """Eight are worked on side by side, the others wait: twice eight at once bring nothing."""
    pace = Pace(50, 0.0)
    run(pace, lambda going: max(1.0, going / 8), 2_000)
    assert 8 <= pace.places(1e9) <= 16


def test_one_that_works_on_one_at_a_time_gets_the_first_few() -> None:
    pace = Pace(50, 0.0)
    run(pace, float, 500)
    assert pace.places(1e9) <= 8


def test_the_hint_of_the_service_is_the_ceiling_and_may_move() -> None:
    pace = Pace(50, 0.0)
    run(pace, lambda going: 1.0, 100)
    pace.answered(100.0, 1, hint=6)
    assert pace.places(100.0) == 6
    pace.answered(101.0, 1, hint=10)
    assert pace.places(101.0) == 10


def test_a_429_halves_and_its_number_is_not_tried_again_within_the_window() -> None:
    """The services count for five minutes (protocols A10)."""
    pace = Pace(50, 0.0)
    now, _ = run(pace, lambda going: 1.0, 28)
    before = pace.places(now)
    pace.refused(now)
    assert pace.places(now) == before // 2
    then, most = run(pace, lambda going: 1.0, 1_000, now)
    assert then < now + WINDOW
    assert most == before - 1
    _, most = run(pace, lambda going: 1.0, 4_000, now + WINDOW)
    assert most > before


def test_places_that_were_not_all_taken_prove_nothing() -> None:
    """A plan with few rows, or a client that is slower than the service."""
    pace = Pace(50, 0.0)
    for second in range(100):
        pace.answered(float(second), 100, full=False)
    assert pace.places(100.0) == 4


def test_a_service_that_gets_slow_by_itself_gets_fewer() -> None:
    """From the hundredth second on only two are worked on side by side."""
    pace = Pace(16, 0.0)
    now, _ = run(pace, lambda going: 1.0, 500)
    assert pace.places(now) == 16
    run(pace, lambda going: max(1.0, going / 2), 500, now)
    assert pace.places(1e9) < 16


def test_a_setting_below_the_start_holds() -> None:
    pace = Pace(1, 0.0)
    _, most = run(pace, lambda going: 1.0, 50)
    assert most == 1
