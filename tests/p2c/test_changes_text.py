"""Changes as lines: what fits a terminal, which ids stay whole, and where values are cut."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from rich.cells import cell_len
from rich.console import Console

from loaders.models import Change
from p2c.screen.changes_text import ChangeText, Shown, changes_text, plain_lines, shown

from .cli_world import change

KEY = "usmf/CON-01003-AFTSEX/ACC-01047-DCAAXV"
ID = str(UUID(int=0x1234567890ABCDEF1234567890ABCDEF))
NAME = "Gould, Foster and the partners of a house with a long name"
MEMO = "A memo of many words that goes on and on, as people write it, up to its "
RECORD = Shown(
    "update",
    KEY,
    {
        "OrganizationName": ("Reed", "Reed Ltd"),
        "parentcustomerid@odata.bind": (f"/accounts({ID})", None),
        "SalesMemo": (f"{MEMO}old end", f"{MEMO}new end"),
        "AddressCity": ("東京都千代田区" * 10, "大阪市" * 20),
        "amount": (Decimal("26.8500"), Decimal("27.8500")),
    },
    first_contact=True,
    name=NAME,
    note="Blocked: finops.CustomersV2/usmf/ACC-1 does not exist, and this plan does not create it.",
    kept={"Phone": "1", "Fax": "2"},
)


def lines(width: int, *records: Shown, entire: bool = False) -> list[str]:
    """What a terminal of that width gets."""
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    console.print(*changes_text(records, entire=entire), sep="", crop=False)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("entire", [False, True])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal_and_ids_stay_whole(width: int, entire: bool) -> None:
    operations = ("create", "update", "deactivate", "drift")
    records = [Shown(**{**RECORD.__dict__, "operation": name}) for name in operations]
    found = lines(width, *records, entire=entire)
    assert max(map(cell_len, found)) <= width
    assert "\n".join(found).count(KEY) == len(operations)
    assert any(f'"/accounts({ID})"' in line for line in found)
    assert " ".join(" ".join(found).split()).count(NAME) == len(operations)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_two_long_values_are_cut_where_they_differ(width: int) -> None:
    found = " ".join(lines(width, RECORD))
    assert 'old end"' in found
    assert 'new end"' in found
    assert "26.8500 -> 27.8500" in found


def test_a_file_gets_whole_values_when_all_is_asked_for() -> None:
    text = "\n".join(plain_lines(RECORD, entire=True))
    assert f'SalesMemo: "{MEMO}old end" -> "{MEMO}new end"' in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_a_new_record_shows_a_few_columns_and_how_many_more() -> None:
    after = {f"column{n}": (None, f"value {n}") for n in range(30)}
    [_, few] = plain_lines(Shown("create", "P1", after))
    named = few.count("value ")
    assert 0 < named < 30
    assert few.endswith(f"… {30 - named} more")
    assert len(plain_lines(Shown("create", "P1", after), entire=True)) == 31


def test_letters_that_move_the_cursor_are_written_out() -> None:
    [head, column] = plain_lines(Shown("update", "a\x1b[2Jb", {"x": ("1\n2", "\u202e3")}))
    assert "a\\u001b[2Jb" in head
    assert "\\n" in column
    assert "\\u202e3" in column


def test_a_row_of_a_plan_has_its_message_when_it_is_not_to_be_sent() -> None:
    row: Change = change(status="blocked", error_message="It waits.", before=None)
    assert shown(row).note == "It waits."
    assert shown(change(error_message="of an earlier try")).note == ""
    assert ChangeText(shown(row)).change.columns["CreditLimit"] == (
        None,
        Decimal("1234567890123456.78"),
    )
