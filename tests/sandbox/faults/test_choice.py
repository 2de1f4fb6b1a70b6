"""Which requests a fault befalls: count, probability, seed, path, method, scope."""

import pytest
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.faults.registry import Asked, Faults
from pydantic import ValidationError

ANY = frozenset({"html", "throttle"})


def strikes(fault: Fault, times: int, asked: Asked | None = None) -> list[bool]:
    faults = Faults([fault])
    asked = asked or Asked("sales", "GET", "/api/data/v9.2/accounts")
    return [faults.take(ANY, asked) is not None for _ in range(times)]


def test_by_count_after_some_that_are_let_through():
    assert strikes(Fault(kind="html", skip=1, times=2), 5) == [False, True, True, False, False]


def test_by_probability_the_same_seed_gives_the_same_faults():
    fault = Fault(kind="html", times=None, probability=0.3, seed=5)
    found = strikes(fault, 200)
    assert found == strikes(fault, 200)
    assert 30 < sum(found) < 90
    assert found != strikes(fault.model_copy(update={"seed": 6}), 200)


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        ({"service": "sales"}, True),
        ({"service": "finops"}, False),
        ({"method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"path": "/accounts$"}, True),
        ({"path": "contacts|leads"}, False),
        ({"scope": "request"}, True),
        ({"scope": "part"}, False),
    ],
)
def test_by_what_is_asked(rule, struck):
    assert strikes(Fault(kind="html", **rule), 1) == [struck]


def test_a_request_meets_the_first_fault_that_is_not_used_up():
    first, second = Fault(kind="html"), Fault(kind="html", status=502)
    faults = Faults([first, second])
    asked = Asked("sales", "GET", "/")
    assert [faults.take(ANY, asked) for _ in range(3)] == [first, second, None]
    assert faults.struck() == [(first, 1), (second, 1)]


@pytest.mark.parametrize(
    "wrong", [{"path": "("}, {"kind": "meteor"}, {"probability": 2}, {"often": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Fault(**{"kind": "html", **wrong})
