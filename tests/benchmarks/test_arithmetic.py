"""What is drawn on for millions of records goes through what was measured."""

from __future__ import annotations

import pytest

from benchmarks.arithmetic import lines

CASES = {
    "10000 build": {"seconds": 20.0, "cpu_seconds": 1.0},
    "100000 build": {"seconds": 29.0, "cpu_seconds": 1.0},
    "10000 write": {"seconds": 99.0, "cpu_seconds": 3.0},
    "100000 write": {"seconds": 999.0, "cpu_seconds": 12.0},
}


def test_a_line_goes_through_both_sizes_and_on() -> None:
    """Nine more seconds for 90,000 more accounts are 100 µs for each, on top of 19 s."""
    (build, line), (write, own) = lines(CASES)
    assert (build, line.base, line.each) == ("build", 19.0, pytest.approx(1e-4))
    assert line.at(10_000_000) == pytest.approx(1019)
    assert (write, own.at(100_000)) == ("write, own processor time", pytest.approx(12))


def test_one_size_is_no_line() -> None:
    with pytest.raises(SystemExit, match=r"benchmarks\.run 10000 100000"):
        list(lines({"10000 build": CASES["10000 build"]}))
