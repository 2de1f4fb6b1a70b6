"""Rows of a request, from the time that requests take."""

import httpx
import pytest

from loaders.services.sizes import TARGET, Load, Sizes
from tests.loaders.loader_bench import Bench
from tests.loaders.loader_rows import change

KIND = "changes_sales__things create"


def size_after(sizes: Sizes, way: float, each: float, kind: str = KIND) -> int:
    """The size after twenty requests to a service that takes `way` and so much `each` row."""
    sizes.took(way)
    for _ in range(20):
        rows = sizes.of(kind)
        sizes.took(way + rows * each, Load(kind, rows))
    return sizes.of(kind)


@pytest.mark.parametrize("way", [0.0, 0.3, 5.0])
def test_a_quick_service_gets_as_much_as_it_takes(way: float) -> None:
    """The way there and back does not count: a far service is no slow one."""
    assert size_after(Sizes(500, 1_000), way, 0.0001) == 1_000


@pytest.mark.parametrize(("each", "way"), [(0.01, 0.1), (0.05, 1.0), (0.2, 0.3)])
def test_a_request_takes_a_few_seconds(each: float, way: float) -> None:
    size = size_after(Sizes(500, 1_000), way, each)
    assert TARGET / 2 <= size * each <= 3 * TARGET


def test_a_service_that_is_very_slow_gets_no_single_rows() -> None:
    """Then the calls cost more than they save."""
    assert size_after(Sizes(500, 1_000), 0.1, 10.0) == 50


def test_each_kind_of_rows_has_its_own_size() -> None:
    sizes = Sizes(500, 1_000)
    size_after(sizes, 0.1, 0.2)
    assert sizes.of(KIND) < 500
    assert sizes.of("changes_sales__things update") == 500


def test_what_is_not_full_says_nothing() -> None:
    """The last rows of a target, or what is sent again in halves."""
    sizes = Sizes(500, 1_000)
    sizes.took(0.1)
    sizes.took(60.0, Load(KIND, 20))
    sizes.took(0.2, Load(KIND, 20))
    assert sizes.of(KIND) == 500


def test_a_413_and_a_time_out_halve_the_size(sales: Bench) -> None:
    """Five rows are too many for it, two are not; the next chunk begins with what went."""
    rows = [change(number) for number in range(1, 9)]
    sales.fake.before = lambda request: (
        httpx.Response(413)
        if b"Targets" in request.content and request.content.count(b"widgetid") > 4
        else None
    )
    assert sales.statuses(*rows) == ["acknowledged"] * 8
    sizes = sales.writers.of("sales").size
    assert sizes(sales.target, "create") == 4
    slow = iter([httpx.ReadTimeout("slow")])

    def times_out(request: httpx.Request) -> None:
        for error in slow:
            raise error

    sales.fake.before = times_out
    assert sales.statuses(*(change(number) for number in range(11, 15))) == ["acknowledged"] * 4
    assert sizes(sales.target, "create") == 2
