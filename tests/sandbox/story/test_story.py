"""The story: its own numbers, how it notices a difference, and the whole of it with real runs."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from p2c_sandbox.sales.call import USER_ID
from p2c_sandbox.sales.desk import SalesDesk
from p2c_sandbox.story.checks import Books, _part, _tax, _total, check, turn
from p2c_sandbox.story.play import in_words, moves_of, play, together
from p2c_sandbox.story.stage import FIRST_PART, FREIGHT, LAMP, TENT, Stage, Step, StoryDiffers
from p2c_sandbox.story.steps import STEPS

from tests.parsed import parsed

PROJECT = Path(__file__).resolve().parents[3]
# Every step is followed by two runs in `make test-full`.
QUICK = () if os.environ.get("P2C_STORY") == "full" else ("--quick",)
NOTHING = {"status": "ok", "flows": []}


def report(**created):
    flows = [
        {"flow": "products", "target": "sales.products", "create": count, "update": 0}
        for count in created.values()
    ]
    return {"status": "ok", "flows": flows}


@pytest.fixture
def stage(sandbox_base):
    running = sandbox_base()
    return Stage(running, turn(running))


def test_the_numbers_of_the_story_worked_out_by_hand():
    tents, lamps = _part(TENT, Decimal(0), Decimal(3)), _part(LAMP, Decimal(0), Decimal(5))
    # 300.00 - 10.00 = 290.00, 6.5 % of it 18.85; 122.50, 6.5 % of it 7.96
    assert (tents.gross, tents.discount, tents.tax) == (300, 10, Decimal("18.85"))
    assert (lamps.gross, lamps.discount, lamps.tax) == (Decimal("122.50"), 0, Decimal("7.96"))
    assert _tax(FREIGHT) == Decimal("1.63")
    assert _total([tents, lamps], FREIGHT) == Decimal("465.94")
    # Two tents: 200.00 - 2 x 3.33 - 0.01 = 193.33, 6.5 % of it 12.57
    first = _part(TENT, Decimal(0), FIRST_PART[1])
    assert (first.discount, first.tax) == (Decimal("6.67"), Decimal("12.57"))
    rest = _part(TENT, FIRST_PART[1], Decimal(3))
    assert (rest.discount, rest.tax) == (Decimal("3.33"), Decimal("6.28"))


def test_a_run_that_moves_something_else_stops_the_story(stage):
    with pytest.raises(StoryDiffers) as result:
        list(play(stage, lambda: report(first=1)))
    assert str(result.value) == (
        "After step 1, products are released, the run should move "
        "products → sales.products: 2 create, but it moved products → sales.products: 1 create."
    )


def test_a_second_run_that_moves_something_stops_the_story(stage):
    with pytest.raises(StoryDiffers, match="a second run should move nothing"):
        list(play(stage, lambda: report(first=2)))


MOVES = {"products → sales.products": {"create": 2}}


@pytest.fixture
def three_steps(monkeypatch):
    """Something moves after the first and the third."""
    steps = tuple(
        Step(f"step {name}", lambda _, name=name: f"{name} happened.", moves)
        for name, moves in (("one", MOVES), ("two", {}), ("three", MOVES))
    )
    monkeypatch.setattr("p2c_sandbox.story.play.STEPS", steps)


@pytest.mark.usefixtures("three_steps")
def test_quick_runs_after_steps_that_move_something_and_twice_after_the_last():
    runs = iter([report(first=2), report(first=2), NOTHING])
    result = [*play(None, lambda: next(runs), quick=True)]
    assert [(one.moved, one.again) for one in result] == [(MOVES, None), (None, None), (MOVES, {})]
    assert result[1].happened == "two happened."
    assert next(runs, None) is None


def test_quick_goes_on_to_the_next_step_before_it_runs(monkeypatch):
    steps = (
        Step("step one", lambda _: "One happened.", MOVES, goes_on=True),
        Step("step two", lambda _: "Two happened.", MOVES),
    )
    monkeypatch.setattr("p2c_sandbox.story.play.STEPS", steps)
    runs = iter([report(first=4), NOTHING])
    one, two = play(None, lambda: next(runs), quick=True)
    assert (one.moved, two.moved) == (None, {"products → sales.products": {"create": 4}})


@pytest.mark.usefixtures("three_steps")
def test_what_a_quiet_step_moved_after_all_is_seen_by_the_next_run():
    runs = iter([report(first=2), report(first=3)])
    with pytest.raises(StoryDiffers, match="After step 3, step three, the run should move"):
        list(play(None, lambda: next(runs), quick=True))


def test_one_run_for_two_steps_makes_the_records_of_both_and_updates_the_same_ones():
    first = {"orders": {"create": 1, "update": 1}}
    second = {"orders": {"create": 2, "update": 1}, "invoices": {"create": 1}}
    assert together(first, second) == {
        "orders": {"create": 3, "update": 1},
        "invoices": {"create": 1},
    }


def test_a_failed_row_stops_the_story():
    broken = {"status": "failed", "flows": [{"flow": "a", "target": "b", "failed": 1}]}
    with pytest.raises(StoryDiffers, match=r"rows failed \(a to b\)"):
        moves_of(broken)


def test_moves_in_words():
    assert in_words(moves_of(NOTHING)) == "nothing"
    assert in_words(moves_of(report(first=3))) == "products → sales.products: 3 create"


@pytest.mark.timeout(900)
def test_the_beginning_of_the_story(sandbox_base, tmp_path):
    """Products come to Sales, a prospect and its contact to F&O, and a second run moves nothing."""
    result = _played(sandbox_base(), tmp_path, "--quick", "--steps", "3")
    moved = [step["moved"] for step in result["steps"]]
    assert moved == [STEPS[0].moves, None, STEPS[2].moves]
    assert [set(one) for one in moved if one] == [
        {"products → sales.products"},
        {"accounts → finops.CustomersV2", "contacts → finops.CDSContactPersons"},
    ]
    assert result["steps"][-1]["moved_again"] == {}


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_the_whole_story(sandbox_base, tmp_path):
    running = sandbox_base()
    result = _played(running, tmp_path, *QUICK)
    assert [step["name"] for step in result["steps"]] == [step.name for step in STEPS]
    assert {step["step"]: step["moved"] for step in result["steps"]} == _due()
    assert result["steps"][-1]["moved_again"] == {}
    assert result["facts"] >= 60
    _the_notes_say_what_differs(running, result)
    _the_checks_notice_a_difference(running, result["numbers"])
    assert turn(running) == 2


def _played(running, folder, *options):
    answer = subprocess.run(
        [sys.executable, "-m", "p2c", "sandbox", "story", *options, "--json"],
        cwd=PROJECT,
        env=_environment(running, folder),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads(answer.stdout)


def _due():
    """What the run after each step is to move; None where there is no run."""
    if not QUICK:
        return {number: step.moves for number, step in enumerate(STEPS, 1)}
    one_run_each, the_order_and_its_invoices = (1, 3, 5, 7), range(9, 15)
    due = dict.fromkeys(range(1, len(STEPS) + 1))
    due |= {number: STEPS[number - 1].moves for number in one_run_each}
    lines = {"orders_back → sales.salesorderdetails": {"update": 2}}
    order = {"orders_back → sales.salesorders": {"update": 1}}
    due[the_order_and_its_invoices[-1]] = {
        **order,
        **lines,
        "invoices → sales.invoices": {"create": 2},
        "invoices → sales.invoicedetails": {"create": 3},
    }
    return due


def _the_notes_say_what_differs(running, result):
    """I3: the invoice with the freight has less in Sales by the tax on it, to the cent."""
    [note] = result["notes"]
    number = result["numbers"]["first invoice"]
    with Books.open(running) as books:
        headers = "ExternallyMaintainedCustomerSalesInvoiceHeaders"
        [theirs] = books.in_finops(headers, "InvoiceNumber", number)
        ours, _ = books.document(number, "invoices", "invoicedetails")
    less = theirs["TotalInvoiceAmount"] - ours["totalamount"]
    assert less == theirs["InvoiceHeaderTaxAmount"] > 0
    assert f"invoice {number} in Sales" in note
    assert f"less {less:.2f} of tax on freight" in note


def _the_checks_notice_a_difference(running, numbers):
    """Someone changes the tax on the first invoice in Sales."""
    with Books.open(running) as books:
        number = numbers["first invoice"]
        _, [line] = books.document(number, "invoices", "invoicedetails")
        integration = SalesDesk(books.sales.http, person=USER_ID)
        integration.change("invoicedetails", line["invoicedetailid"], {"tax": 1})
    with pytest.raises(StoryDiffers) as result:
        check(Stage(running, 1, numbers))
    assert str(result.value) == (
        f"At the end the total of invoice {number} in Sales should be 230.90, but it is 219.33."
    )


def _environment(running, folder):
    parsed().lay(folder / "target", folder / "warehouse.duckdb")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("P2C_", "SOURCES__"))
    }
    for name, service in (("SALES", running.sales), ("FINOPS", running.finops)):
        kept |= {
            f"SOURCES__{name}__URL": service.url,
            f"SOURCES__{name}__TOKEN_URL": service.token_url,
            f"SOURCES__{name}__CLIENT_ID": running.client_id,
            f"SOURCES__{name}__CLIENT_SECRET": running.client_secret,
        }
    return kept | {
        "P2C_PROJECT_DIR": str(PROJECT),
        "P2C__WAREHOUSE": str(folder / "warehouse.duckdb"),
        "P2C__STATE_DIR": str(folder / "state"),
        "P2C__TARGET_DIR": str(folder / "target"),
        "P2C_SANDBOX_DIR": str(running.directory),
    }
