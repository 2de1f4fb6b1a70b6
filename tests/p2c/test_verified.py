"""What retry, verify and undo show."""

from __future__ import annotations

from loaders import Verified
from p2c.screen.lookup_text import verified_data, verified_text
from p2c.screen.output import Output


def test_what_verify_found_is_told_in_counts_and_sentences(capsys) -> None:
    found = Verified(
        right={("things", "sales.widgets"): 2},
        wrong={("things", "sales.widgets"): 1},
        messages=["N-2: name is 'cut', not 'Thing 2'."],
        later=4,
    )
    statuses = {("things", "sales.widgets"): {"acknowledged": 7, "verified": 5}}
    result = verified_data("plan-1", found, statuses, "run-1", 0.5)
    assert (result["status"], result["kind"]) == ("not_persisted", "verify")
    (target,) = result["targets"]
    assert (target["verified"], target["not_persisted"], target["verified_before"]) == (2, 1, 5)
    Output(no_color=True).show(*verified_text(result))
    shown = " ".join(capsys.readouterr().out.split())
    assert "N-2: name is 'cut', not 'Thing 2'." in shown
    assert "2 records hold what was written, 1 do not, 4 were written again by a later run" in shown
    assert "5 were found right by an earlier check" in shown


def test_verify_counts_failed_writes_as_what_they_are(capsys) -> None:
    """What no service took is neither right nor wrong: each status is told by its name."""
    statuses = {
        ("things", "sales.widgets"): {"acknowledged": 2, "rejected": 3, "failed": 1, "planned": 4},
        ("things", "sales.parts"): {"blocked": 2},
    }
    found = Verified(right={("things", "sales.widgets"): 2})
    result = verified_data("plan-1", found, statuses, "run-1", 0.5)
    by_name = {target["target"]: target for target in result["targets"]}
    assert by_name["sales.widgets"]["rejected"] == 3
    assert by_name["sales.parts"]["blocked"] == 2
    Output(no_color=True).show(*verified_text(result))
    shown = " ".join(capsys.readouterr().out.split())
    for message in (
        "2 records hold what was written, 0 do not",
        "3 were rejected by the service",
        "1 failed and were not written",
        "2 waited for a record that is not there",
        "4 were never sent",
        "p2c rejects",
    ):
        assert message in shown
