"""What retry, verify and undo show."""

from __future__ import annotations

from loaders import Verified
from p2c.output import Output
from p2c.views import verified_data, verified_text


def test_what_verify_found_is_told_in_counts_and_sentences(capsys) -> None:
    found = Verified(
        right={("things", "sales.widgets"): 2},
        wrong={("things", "sales.widgets"): 1},
        messages=["N-2: name is 'cut', not 'Thing 2'."],
        later=4,
    )
    result = verified_data("plan-1", found, "run-1", 0.5)
    assert (result["status"], result["kind"]) == ("not_kept", "verify")
    assert result["targets"] == [
        {"flow": "things", "target": "sales.widgets", "verified": 2, "not_kept": 1}
    ]
    Output(no_color=True).show(*verified_text(result))
    shown = " ".join(capsys.readouterr().out.split())
    assert "N-2: name is 'cut', not 'Thing 2'." in shown
    assert "2 records hold what was written, 1 do not, 4 were written again by a later run" in shown
