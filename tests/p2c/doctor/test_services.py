"""A tenant that has all, one that does not answer, one that will not say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from loaders.errors import AmbiguousAnswer
from p2c.checks.doctor import Refused, clock
from p2c.checks.doctor.tenant import Declared
from p2c.checks.doctor.tenant import Tenant as Asked
from p2c.config.context import load

from .world import Tenant, examined, graph, of, wrong


def test_a_tenant_that_has_all_is_well(shipped: Path, whole: Tenant) -> None:
    probe = whole
    found = examined(shipped, probe)
    assert wrong(found) == set()
    assert len(probe.asked) == len(set(probe.asked)), "nothing is asked twice"
    teams, entities = 4, 9
    by_system = Counter(path.partition(" ")[0] for path in probe.asked)
    assert by_system == {"sales": 15 + teams, "finops": 7 + entities}, "as docs/doctor.md says"
    assert "arning" not in str(found)


@pytest.mark.parametrize(
    ("skew", "status", "side"),
    [
        (-301.0, "problem", "ahead"),
        (301.0, "problem", "behind"),
        (120.0, "note", "behind"),
        (59.0, "ok", ""),
    ],
)
def test_the_clock(shipped: Path, whole: Tenant, skew: float, status: str, side: str) -> None:
    """`skew` is by how much the service's clock is ahead of this machine's."""
    whole.skew = skew
    asked = Asked(load(shipped), Declared({}, graph()), whole)
    (found,) = clock.of("sales")(asked)
    assert (found.check, found.status) == ("sales clock", status)
    assert side in found.found
    assert ("NTP" in found.todo) == (status != "ok")


def test_what_a_service_will_not_say_is_a_note(shipped: Path, whole: Tenant) -> None:
    """And the other checks go on."""
    probe = whole
    probe.answers["sales sdkmessagefilters"] = Refused(403, "prvReadSdkMessage")
    probe.answers["finops UnitsOfMeasure"] = Refused(404, "No HTTP resource")
    probe.answers["finops SequenceV2Tables"] = Refused(404, "No HTTP resource")
    found = examined(shipped, probe)
    assert {status for status, _ in wrong(found)} == {"note"}
    assert any("prvReadSdkMessage" in check.found for check in found)
    assert of(found, "system pricing (G8)")[0].status == "ok"


def test_a_service_that_stops_answering_is_one_problem(shipped: Path, whole: Tenant) -> None:
    probe = whole
    for start in ("sales EntityDefinitions", "sales solutions", "sales organizations"):
        probe.answers[start] = AmbiguousAnswer("Sales gave no answer: timed out.")
    found = examined(shipped, probe)
    problems = [check for check in found if check.status == "problem"]
    assert [check.check for check in problems] == ["sales answers"]
    assert "sales tables" in problems[0].found
    assert "pricing" in problems[0].found
    assert of(found, "price lists")[0].status == "ok"
    assert of(found, "entities and fields")[0].status == "ok"


@pytest.mark.parametrize("system", ["sales", "finops"])
def test_a_sign_in_that_is_refused_has_the_services_words(
    shipped: Path, whole: Tenant, system: str
) -> None:
    probe = whole
    words = "AADSTS7000215: Invalid client secret provided."
    probe.answers[f"{system} "] = Refused(401, words)
    found = examined(shipped, probe)
    problems = [check for check in found if check.status == "problem"]
    assert [check.check for check in problems] == [f"{system} connection"]
    assert words in problems[0].found
