"""`p2c keys export` and `import`: a file as a spreadsheet saves it, and wrong lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from .cli_world import Call
from .keys_world import HEADER, seed_rows, write_seed

Rows = list[dict[str, str]]
NEEDED = "decision,entity,sales_id,finops_key"
DECISIONS = {"00123": "pair", "US-2": " Same ", "US-3": "DIFFERENT", "P-1": "yes", "100000": "no"}
TAKEN = {
    ("customers", "a-1", "usmf", "00123", "pair"),
    ("customers", "a-2", "usmf", "US-2", "pair"),
    ("customers", "a-2", "usmf", "US-3", "different"),
    ("contacts", "c-1", "usmf", "P-1", "pair"),
    ("products", "p-1", "", "100000", "different"),
}


@pytest.fixture
def exported(keys_project: Path, p2c: Call) -> Rows:
    result = p2c("keys", "export", "review.csv")
    assert (result.code, "review.csv: 11 candidates." in result.out) == (0, True)
    text = (keys_project / "review.csv").read_bytes().decode("utf-8")
    assert text[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def decided(rows: Rows, decisions: dict[str, str] = DECISIONS) -> Rows:
    return [row | {"decision": decisions.get(row["finops_key"], "")} for row in rows]


def saved(rows: Rows, separator: str = ",", newline: str = "\r\n", quoting: int = 0) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(
        buffer, list(rows[0]), delimiter=separator, lineterminator=newline, quoting=quoting
    )
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def put(text: str, code: str = "utf-8") -> None:
    Path("filled.csv").write_bytes(text.encode(code))


def test_export_has_both_names_the_evidence_and_an_empty_decision(exported: Rows) -> None:
    (row,) = [row for row in exported if row["finops_key"] == "00123"]
    assert next(iter(row)) == "decision"
    assert (row["decision"], row["reason"], row["score"]) == ("", "", "88")
    assert (row["sales_name"], row["finops_name"]) == ("Contoso GmbH", "Contoso")
    assert row["name_agrees"] == "close rare"
    assert (row["email_sales"], row["email_finops"]) == ("info@contoso.com", "info@contoso.com")


def test_export_holds_nothing_that_a_spreadsheet_computes(exported: Rows) -> None:
    cells = [value for row in exported for value in row.values()]
    assert not [value for value in cells if value[:1] in tuple("=+-@\t\r")]
    (row,) = [row for row in exported if row["sales_id"] == "a-7"]
    assert (row["sales_name"], row["finops_name"]) == ("'=1+1", "'+1+1")
    assert (row["finops_key"], row["email_sales"]) == ("'-7", "'@home")


def test_what_was_made_harmless_is_read_as_it_was(
    exported: Rows, keys_project: Path, p2c: Call
) -> None:
    put(saved(decided(exported, {"'-7": "pair"})))
    p2c("keys", "import", "filled.csv")
    assert seed_rows(keys_project) == [("customers", "a-7", "usmf", "-7", "pair")]


def test_export_takes_the_filters_of_list(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "export", "a.csv", "--status", "linked", "--separator", "semicolon")
    lines = Path("a.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("a-4;usmf;customers;US-4")
    result = p2c("keys", "export", "b.csv", "--score", "1..2")
    assert (result.code, Path("b.csv").exists()) == (1, False)


def test_a_file_that_is_there_is_not_lost(exported: Rows, p2c: Call) -> None:
    put("mine")
    result = p2c("keys", "export", "filled.csv")
    assert (result.code, "--yes" in result.err) == (1, True)
    assert Path("filled.csv").read_text() == "mine"
    assert p2c("keys", "export", "filled.csv", "--yes").code == 0


def test_no_file_among_the_seeds(keys_project: Path, p2c: Call) -> None:
    assert "every CSV file is loaded as one" in p2c("keys", "export", "seeds/x.csv").err
    assert "There is no folder" in p2c("keys", "export", "nowhere/x.csv").err
    assert not (keys_project / "seeds/x.csv").exists()


def reordered(rows: Rows) -> Rows:
    return [{"notes": "", **dict(reversed(row.items())), "Sum": "1"} for row in rows]


@pytest.mark.parametrize(
    "save",
    [
        lambda rows: saved(rows).encode("utf-8-sig"),
        lambda rows: saved(rows, ";").encode("utf-8-sig"),
        lambda rows: saved(rows, "\t").encode("utf-16"),
        lambda rows: saved(rows, ";", "\n").encode("cp1252"),
        lambda rows: saved(rows, newline="\r", quoting=csv.QUOTE_ALL).encode(),
        lambda rows: ("sep=;\r\n" + saved(rows, ";")).encode(),
        lambda rows: ("\r\n" + saved(rows).replace("\r\n", "\r\n,,,\r\n")).encode(),
        lambda rows: saved(reordered(rows), ";").encode(),
        lambda rows: saved(rows).replace("decision,", " Decision ,", 1).encode(),
    ],
    ids=["bom", "semicolon", "utf-16 tabs", "cp1252", "cr quoted", "sep", "blank", "order", "case"],
)
def test_what_spreadsheets_save_is_taken(
    exported: Rows, keys_project: Path, p2c: Call, save: Callable[[Rows], bytes]
) -> None:
    rows = decided(exported)
    rows[0]["reason"] = "Günther says so"
    Path("filled.csv").write_bytes(save(rows))
    result = p2c("keys", "import", "filled.csv", "--json")
    assert result.code == 0, result.err
    assert set(seed_rows(keys_project)) == TAKEN
    assert result.data["undecided"] == 6
    assert "Günther says so" in (keys_project / "seeds/key_overrides.csv").read_text()


@pytest.mark.parametrize(
    ("key", "turned"),
    [
        ("00123", "123"),
        ("00123", "123.0"),
        ("100000", "1E+05"),
        ("100000", "1,00E+05"),
        ("1234567890123", "1.23457E+12"),
    ],
)
def test_a_number_that_a_spreadsheet_turned_is_known_again(
    exported: Rows, keys_project: Path, p2c: Call, key: str, turned: str
) -> None:
    rows = decided(exported, {key: "pair"})
    put(saved([row | {"finops_key": turned} if row["decision"] else row for row in rows]))
    assert p2c("keys", "import", "filled.csv").code == 0
    assert [row[3] for row in seed_rows(keys_project)] == [key]


def wrong(exported: Rows, key: str, **cells: str) -> Rows:
    """The file with all decisions, and other cells in one of its lines."""
    return [row | (cells if row["finops_key"] == key else {}) for row in decided(exported)]


@pytest.mark.parametrize(
    ("key", "cells", "message"),
    [
        ("00123", {"decision": "maybe"}, "decision 'maybe': write pair (or same, yes)"),
        ("00123", {"entity": "customer"}, "entity 'customer': write customers or contacts"),
        ("00123", {"sales_id": ""}, "sales_id '': write it as the export had it"),
        ("00123", {"sales_id": "a-99"}, "sales_id 'a-99': this record has no candidate (any more)"),
        ("00123", {"finops_key": "US-77"}, "candidates of this record are usmf/00123"),
        ("00123", {"data_area_id": "demf"}, "finops_key '00123': the two are no candidate"),
        ("US-3", {"decision": "pair"}, "would be the pair of usmf/US-2 and of usmf/US-3"),
        ("US-4", {"decision": "pair"}, "usmf/US-4 is the pair of ACC-4 Northwind already"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_nothing_is_taken(
    exported: Rows, keys_project: Path, p2c: Call, key: str, cells: dict, message: str
) -> None:
    line = [row["finops_key"] for row in exported].index(key) + 2
    put(saved(wrong(exported, key, **cells)))
    result = p2c("keys", "import", "filled.csv", "--json")
    assert result.code == 1
    (problem,) = [text for text in result.data["problems"] if f"line {line}," in text]
    assert problem.startswith(f"filled.csv, line {line}, ")
    assert message in problem
    assert (keys_project / "seeds/key_overrides.csv").read_text() == HEADER


def test_all_wrong_lines_are_listed(exported: Rows, keys_project: Path, p2c: Call) -> None:
    lines = saved(decided(exported), newline="\n").splitlines()
    lines[2] = "nonsense" + lines[2]
    lines[4] += ",one,too,many"
    lines[6] = lines[6].replace("customers", "people")
    put("\n".join(lines).replace("nonsense", "nonsense,"))
    result = p2c("keys", "import", "filled.csv")
    assert result.code == 1
    assert "line 5: has" in result.err
    assert "line 3: has" in result.err
    assert "nothing of the file was taken" in result.err
    assert seed_rows(keys_project) == []


def test_two_lines_for_one_pair(exported: Rows, keys_project: Path, p2c: Call) -> None:
    rows = decided(exported)
    (again,) = [row for row in rows if row["finops_key"] == "00123"]
    put(saved([*rows, again]))
    assert p2c("keys", "import", "filled.csv").code == 0
    write_seed(keys_project)
    put(saved([*rows, again | {"decision": "different"}]))
    result = p2c("keys", "import", "filled.csv")
    assert "says otherwise of the same two: leave one of the lines" in result.err
    assert seed_rows(keys_project) == []


def test_a_file_goes_in_again_as_it_is_filled_further(
    exported: Rows, keys_project: Path, p2c: Call
) -> None:
    put(saved(decided(exported, {"00123": "pair"})))
    p2c("keys", "import", "filled.csv")
    put(saved(decided(exported)))
    result = p2c("keys", "import", "filled.csv", "--json")
    assert len(result.data["added"]) == 4
    assert set(seed_rows(keys_project)) == TAKEN
    assert "has all of it already" in p2c("keys", "import", "filled.csv").out


def test_a_line_against_the_seed_is_wrong(exported: Rows, keys_project: Path, p2c: Call) -> None:
    write_seed(keys_project, "customers,A-1,,00123,different,")
    put(saved(decided(exported)))
    result = p2c("keys", "import", "filled.csv")
    assert (
        "the seed key_overrides has them as different: `p2c keys accept a-1 usmf/00123`"
        in result.err
    )
    assert seed_rows(keys_project) == [("customers", "A-1", "", "00123", "different")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("decision,entity,sales_id\npair,customers,a-1\n", "lacks the column finops_key"),
        ("a;b\n1;2\n", "lacks the columns decision, entity, sales_id, finops_key"),
        ("decision,decision,entity,sales_id,finops_key\n", "has the column decision twice"),
        ("decision,entity,sales_id,finopskey\n", "is 'finopskey' meant for finops_key?"),
        (f"{NEEDED}\n,customers,a-1,00123\n", "has no decision in its 1 line"),
        (f'{NEEDED}\npair,"customers,a-1,00123\n', "line 2, cannot be read"),
        ("PK\x03\x04", "is a workbook"),
    ],
)  # fmt: skip
def test_a_file_that_is_none(keys_project: Path, p2c: Call, text: str, message: str) -> None:
    put(text)
    result = p2c("keys", "import", "filled.csv")
    assert (result.code, message in result.err) == (1, True), result.err
    assert "There is no file" in p2c("keys", "import", "nowhere.csv").err


def test_a_key_that_may_be_two_asks_which(keys_project: Path, p2c: Call) -> None:
    """A seed row makes `0123` known for the same record: `123` may be either."""
    write_seed(keys_project, "customers,a-1,usmf,0123,different,")
    put("decision,entity,sales_id,finops_key\npair,customers,a-1,123\n")
    result = p2c("keys", "import", "filled.csv")
    assert "may be usmf/00123 or usmf/0123: write which" in result.err
    assert len(seed_rows(keys_project)) == 1
