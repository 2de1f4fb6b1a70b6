"""Seeds as people leave them, on the whole way: nothing is planned that nobody meant."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from .conftest import Synced
from .world import Answer, Row, World

pytestmark = pytest.mark.long

NO_BREAK = "\u00a0"
WAITING = {"accounts", "contacts_to_customers"}
# Columns whose case is a name's own in the other system, and is kept.
AS_IS = ("target_value", "finops_code", "iso2", "iso3", "number_prefix")


@pytest.fixture
def edited(synced: Synced, tmp_path: Path) -> World:
    """What the synced world had read and built, with seeds of its own to edit."""
    return synced.world.with_copied_warehouse(tmp_path / "loop").in_copy(tmp_path / "project")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def untidy(path: Path) -> None:
    """The file as a spreadsheet saves it: a mark, blanks, capitals, line ends of three systems."""
    header = path.read_text(encoding="utf-8").splitlines()[0]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="")
    ends = ("\r\n", "\n", "\r")
    out.write(f"\ufeff{header}\r\n\r\n")
    for at, row in enumerate(rows_of(path)):
        cells = [value if name in AS_IS else value.upper() for name, value in row.items()]
        writer.writerow([f" \t{cell}{NO_BREAK}" if cell else cell for cell in cells])
        out.write(ends[at % 3])
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def add(world: World, seed: str, *lines: str) -> None:
    path = world.project / f"seeds/{seed}.csv"
    path.write_text("\n".join((path.read_text(encoding="utf-8").rstrip("\n"), *lines)) + "\n")


def planned(world: World) -> tuple[Answer, list[Row]]:
    answer = world.p2c("plan", "--no-refresh", "--json")
    return answer, answer.json.get("changes", [])


@pytest.mark.timeout(1800)
def test_blanks_capitals_marks_and_line_ends_plan_nothing(edited: World) -> None:
    """A company in capitals planned 491 creates."""
    for path in (edited.project / "seeds").glob("*.csv"):
        untidy(path)
    built = edited.p2c("build", "--json")
    assert built.exit == 0, built.err
    assert "Warning" not in built.err
    answer, changes = planned(edited)
    assert (answer.exit, changes) == (0, [])


@pytest.mark.timeout(1800)
def test_wrong_rows_reject_or_hold_what_they_concern_and_nothing_else(edited: World) -> None:
    ids = edited.query(
        "select source_key, record_key from quality.record_fates where flow = 'accounts' "
        "and fate = 'identical' and source_key like 'usmf/%' order by source_key limit 2"
    )
    (one, _), (two, taken) = ((s.partition("/")[2], r.partition("/")[2]) for s, r in ids)
    lost = edited.query(
        "select record_key from quality.rejected_records where flow = 'accounts' "
        "and code = 'no_value_map' and value = 'Atlantis'"
    )
    assert lost
    add(edited, "value_map_countries", "ATLANTIS ,gr,GRC")
    add(edited, "value_map_units", "EA,piece,true")
    add(
        edited,
        "key_overrides",
        f"customers,{{{one.upper()}}},USMF,NO-SUCH,,",
        f"customers,{two},,{taken},,",
    )
    add(edited, "value_map_customer_groups", ",colour,red,40")
    its_flows_are_held(edited)
    (edited.project / "seeds/value_map_customer_groups.csv").write_text(
        "data_area_id,source_column,source_value,target_value\n"
    )
    assert edited.p2c("build").exit == 0
    answer, changes = planned(edited)
    assert answer.exit == 0, answer.err
    accounts = {(c["operation"], c["key"]) for c in changes if c["flow"] == "accounts"}
    assert accounts == {("create", key) for (key,) in lost}
    rejects = json.loads(edited.p2c("rejects", "--select", "accounts", "--json").out)["records"]
    (wrong,) = rows_with(rejects, "wrong_override")
    assert wrong["source_key"] == f"usmf/{one}"
    assert "row 1 below the header of the seed key_overrides" in wrong["message"]
    assert "NO-SUCH" in wrong["message"]


def its_flows_are_held(edited: World) -> None:
    """Those that use the wrong row of value_map_customer_groups."""
    built = edited.p2c("build", "--json")
    assert (built.exit, built.json["status"]) == (1, "held")
    assert set(built.json["held_back"]) == WAITING
    assert "value_map_customer_groups.csv, line 2, source_column 'colour'" in built.err
    assert "seeds/value_map_units.csv" in built.err
    answer, changes = planned(edited)
    assert answer.exit == 1
    assert not WAITING & {change["flow"] for change in changes}
    assert set(answer.json["held_back"]) == WAITING
    assert not WAITING & {flow["flow"] for flow in answer.json["flows"]}


def rows_with(records: list[Row], code: str) -> list[Row]:
    return [row for row in records if row["code"] == code]
