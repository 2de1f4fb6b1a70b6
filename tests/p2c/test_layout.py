"""Nothing is wider than the terminal, no key is broken in two, and a pipe gets bare text."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from p2c.screen.explain_text import explain_text
from p2c.screen.flow_table import flow_table
from p2c.screen.layout import Grid, Line
from p2c.screen.lookup_text import rejects_text, status_text
from p2c.screen.output import Output

KEY = "usmf/CON-01003-AFTSEX/ACC-01047-DCAAXV"
RUN = "run-20261121-143012-66a9fa"
COUNTS = ("identical", "create", "update", "rejected", "blocked", "written", "failed")
FLOW = {
    "flow": "contacts_to_customers",
    "target": "finops.CDSSalesQuotationHeaders",
    "source_rows": 12_345,
    **{name: 1_000 + place for place, name in enumerate(COUNTS)},
}
MESSAGE = "The country Ruritania is not in the seed value_map_countries: add a row for it."
RUN_ROW = {
    "run_id": RUN,
    "command": "apply",
    "started_at": "2026-11-21T14:30:12.123456+00:00",
    "seconds": 1234.5,
    "status": "interrupted",
    "writes": 1_218,
    "report": {"error": MESSAGE, "flows": [FLOW]},
}
FAILURE = {
    "rows": 3,
    "status": "rejected",
    "target": FLOW["target"],
    "error_code": "0x80040217",
    "error_message": MESSAGE,
    "example": KEY,
}
STATUS = {
    "warehouse": "/srv/p2c/warehouse.duckdb",
    "held_by": None,
    "runs": [RUN_ROW],
    "last": RUN_ROW,
    "writes": [],
    "failures": [FAILURE],
    "unresolved": 2,
}
RECORD = {
    "flow": FLOW["flow"],
    "target": FLOW["target"],
    "by": "mapping",
    "code": "no_value_map",
    "record_key": KEY,
    "source_key": None,
    "message": MESSAGE,
}
REJECTS = {
    "rejects": 1,
    "held": 0,
    "codes": [{**RECORD, "records": 1}],
    "records": [RECORD],
}
WRITE = {
    "target": FLOW["target"],
    "operation": "create",
    "record_key": KEY,
    "status": "rejected",
    "attempts": 2,
    "error_code": "0x80040217",
    "error_message": MESSAGE,
    "request_id": "5f1c",
    "finished_at": "2026-11-21 14:30:28.5+00:00",
    "run_id": RUN,
}
DIFFERENCE = {
    "column": "AddressCountryRegionId",
    "source": MESSAGE,
    "target": None,
    "agreed": "USA",
    "is_written": False,
    "why": MESSAGE,
    "kind": "drift",
    "since": "2026-11-21 14:30:12",
}
EXPLAINED = {
    "record": KEY,
    "who": {
        "name": MESSAGE,
        "held_name": None,
        "sales_id": KEY,
        "sales_number": None,
        "finops_keys": [KEY],
    },
    "matches": [],
    "fates": [
        {
            **RECORD,
            "fate": "create",
            "detail": None,
            "source": "Sales",
            "as_of": "2026-11-21 14:30:12",
            "speaks_of": "before the last write",
            "reasons": [{**RECORD, "column_name": "country", "value": "Ruritania"}],
            "link": {"matched_by": "rule:x", "score": 1, "first_seen": None, "evidence": MESSAGE},
            "differences": [DIFFERENCE],
            "writes": [WRITE],
            "next": MESSAGE,
        }
    ],
    "parts": [{**RECORD, "fate": "create", "records": 2, "example": KEY}],
    "candidates": [],
    "layers": [{"schema": "raw_sales", "table": "contacts", "rows": [{"name": MESSAGE}]}],
}


def shown(width: int, *what: RenderableType) -> list[str]:
    """The lines as a terminal of that width gets them."""
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    lines = (Line(item) if isinstance(item, str | Text) else item for item in what)
    console.print(*lines, sep="", crop=False)
    return file.getvalue().splitlines()


def words(lines: Sequence[str]) -> list[str]:
    return " ".join(lines).split()


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_counts_fit_any_terminal_and_names_stay_whole(width: int) -> None:
    lines = shown(width, flow_table({"flows": [FLOW]}, COUNTS))
    assert max(map(len, lines)) <= width
    assert {FLOW["flow"], FLOW["target"], "12,345"} <= set(words(lines))
    for name in COUNTS:
        assert f"{FLOW[name]:,}" in words(lines)


def test_a_wide_terminal_gets_a_table_and_a_narrow_one_counts_with_their_names() -> None:
    table = flow_table({"flows": [FLOW]}, COUNTS)
    assert "identical   create" in shown(200, table)[0]
    assert "1,003 rejected," in " ".join(shown(80, table))


def test_a_narrow_table_leaves_out_what_is_zero() -> None:
    narrow = shown(15, Grid(("name", "rows", "failed"), [("accounts", 5, 0)], numbers=2))
    assert words(narrow) == ["accounts", "5", "rows"]


@pytest.mark.parametrize("width", [40, 80])
def test_a_sentence_is_wrapped_between_words_and_set_in(width: int) -> None:
    lines = shown(width, Line(f"  {KEY}  {MESSAGE}", 2))
    assert all(len(line) <= width for line in lines if KEY not in line)
    assert words(lines) == [KEY, *MESSAGE.split()]
    assert all(line.startswith("    ") and line[4] != " " for line in lines[1:])


def test_a_word_wider_than_the_terminal_stays_whole() -> None:
    assert KEY in shown(20, Line(f"see {KEY} there"))


@pytest.mark.parametrize("width", [80, 132])
def test_what_people_look_at_fits(width: int) -> None:
    views = [*status_text(STATUS), *rejects_text(REJECTS, 0), *explain_text(EXPLAINED)]
    lines = shown(width, *views)
    assert max(map(len, lines)) <= width
    message = words(lines)
    assert message.count(RUN) + message.count(f"{RUN}:") == 3
    assert message.count(KEY) + message.count(f"{KEY}:") == 6


def test_a_pipe_gets_no_colour_no_padding_and_unbroken_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Output()
    out.show(flow_table({"flows": [FLOW]}, COUNTS), Line(Text(f"{MESSAGE} " * 20, "bold")))
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert [line for line in output.splitlines() if line != line.rstrip()] == []
    assert (MESSAGE + " ") * 19 + MESSAGE in output.splitlines()
    assert output.splitlines()[0].startswith("flow ")
