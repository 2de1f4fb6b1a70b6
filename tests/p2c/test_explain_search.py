"""`p2c explain`: which record is meant, whatever a person types of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from p2c.config.context import Context, load
from p2c.errors import NothingStaged, WarehouseBusy
from p2c.lookup import record
from p2c.lookup.record_search import LISTED

from .cli_world import Call, World
from .record_world import FLOW, ID, RECORD_KEY, TARGET, Records, shown

ROOT = Path(__file__).parents[2]
OTHER = "7c0f3c0e-1111-5a87-939b-4acc34df9740"


def beside(
    records: Records, flow: str, source_key: str, record_key: str | None, name: str = ""
) -> None:
    """A record of another flow than accounts, by what it is called."""
    called = {
        "flow": flow,
        "target": TARGET if flow != "products" else "sales.products",
        "source_key": source_key,
        "record_key": record_key,
    }
    records.insert("quality.record_fates", **called, fate="create", is_drift=False)
    records.insert(
        "quality.record_names", **called, name=name or None, is_there=False,
        sales_id=source_key.rpartition("/")[2] if "-" in source_key else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        "usmf/ACC-1", "USMF/acc-1", "ACC-1", "acc-1", " acc-1 ".strip(), ID, ID.upper(),
        f"{{{ID.upper()}}}", f"usmf/{ID}", "Ünïcode Works", "unicode works", "works unic", "UNIC",
        "c-1",
    ],
)  # fmt: skip
def test_any_name_of_a_record_finds_it(records: Records, asked: str) -> None:
    """Number, key, id in upper case or braces, name, words of it, with accents or without."""
    records.put("create", name="Ünïcode Works")
    records.put("create", source_key=f"usmf/{OTHER}", record_key="usmf/ACC-2", name="Else")
    found = record.explain(records.context, asked, [], 3)
    assert found["fitting"] == 1
    assert found["who"] == {
        "name": "Ünïcode Works",
        "held_name": None,
        "sales_id": ID,
        "sales_number": None,
        "finops_keys": [RECORD_KEY],
    }


def test_the_name_in_the_target_finds_it_too(records: Records) -> None:
    records.put("update", target={"OrganizationName": "Their Name Ltd"}, name="Our Name")
    found = record.explain(records.context, "their name", [], 3)
    assert (found["who"]["name"], found["who"]["held_name"]) == ("Our Name", "Their Name Ltd")


@pytest.mark.parametrize("number", ["A/1", 'O\'Neil "x"', "50%_;--", "日本-1", "P 1 : White : M"])
def test_odd_characters_are_characters(records: Records, number: str) -> None:
    """A slash in a number, quotes, signs of LIKE and SQL, letters of other scripts."""
    records.put("create", record_key=f"usmf/{number}")
    records.put("create", source_key=f"usmf/{OTHER}", record_key="usmf/5012", name="Else")
    found = record.explain(records.context, number, [], 3)
    assert found["who"]["finops_keys"] == [f"usmf/{number}"]


def test_a_number_is_the_record_s_own_before_its_contact_persons(records: Records) -> None:
    """The key of a contact person ends with the number of its customer."""
    records.put("create")
    beside(records, "contacts", f"usmf/{OTHER}", "usmf/CON-7/ACC-1", "Ada")
    assert record.explain(records.context, "ACC-1", [], 3)["who"]["sales_id"] == ID
    assert record.explain(records.context, "CON-7", [], 3)["who"]["sales_id"] == OTHER


def test_what_belongs_to_a_record_is_counted_by_fate(records: Records) -> None:
    """Prices of a product; neither the product itself nor one whose number begins alike."""
    for key in ("P1", "P1/EUR", "P1/USD", "P10", "P10/EUR"):
        beside(records, "products", key, key)
    found = record.explain(records.context, "p1", [], 3)
    assert found["parts"] == [
        {"flow": "products", "target": "sales.products", "fate": "create", "records": 2,
         "example": "P1/EUR"}
    ]  # fmt: skip
    assert "its parts: products, 2 of sales.products create, such as P1/EUR" in shown(found)


def test_one_record_in_several_legal_entities_is_one_answer(records: Records) -> None:
    """Its fate in each, and both keys."""
    records.put("create")
    records.put("update", source_key=f"demf/{ID}", record_key="demf/ACC-1", target={})
    found = record.explain(records.context, "ACC-1", [], 3)
    assert found["who"]["finops_keys"] == ["demf/ACC-1", "usmf/ACC-1"]
    assert [row["fate"] for row in found["fates"]] == ["update", "create"]


def test_a_number_of_several_records_lists_them(records: Records) -> None:
    """An account, a contact with the same number, and a customer of another company."""
    records.put("create")
    beside(records, "contacts_to_customers", f"usmf/{OTHER}", "usmf/ACC-1", "Ada")
    records.insert(
        "quality.unmatched_records", flows=FLOW, target=TARGET, record_key="demf/ACC-1",
        record_name="Theirs",
    )  # fmt: skip
    found = record.explain(records.context, "ACC-1", [], 3)
    assert found["fitting"] == 3
    assert {
        (one["sales_id"], *one["finops_keys"], one["fates"][0]["flow"], one["fates"][0]["fate"])
        for one in found["matches"]
    } == {
        (ID, RECORD_KEY, FLOW, "create"),
        (OTHER, RECORD_KEY, "contacts_to_customers", "create"),
        (None, "demf/ACC-1", FLOW, "unmatched"),
    }
    assert not any(found[part] for part in ("fates", "writes", "layers"))
    text = shown(found)
    assert "3 records fit 'ACC-1'. Give a key or an id of one of them, or --select FLOW." in text
    # One of its keys, or the flow, is precise enough.
    assert record.explain(records.context, "demf/ACC-1", [], 3)["fitting"] == 1
    chosen = record.explain(records.context, "ACC-1", ["contacts_to_customers"], 3)
    assert chosen["who"]["sales_id"] == OTHER


def test_at_most_ten_are_listed_and_all_are_counted(records: Records) -> None:
    for number in range(LISTED + 2):
        beside(records, "products", f"P{number:03}", f"P{number:03}", f"Bolt {number}")
    found = record.explain(records.context, "bolt", [], 3)
    assert (len(found["matches"]), found["fitting"]) == (LISTED, LISTED + 2)
    assert f"{LISTED + 2} records fit 'bolt', of which {LISTED} are shown." in shown(found)


@pytest.mark.parametrize("asked", ["ACC-8", "usmf/ACC-I", "Adventurе Worcs"])
def test_a_name_nearly_right_names_the_right_one(records: Records, asked: str) -> None:
    records.put("create")
    with pytest.raises(NothingStaged, match=r"Did you mean .*(ACC-1|Adventure Works)"):
        record.explain(records.context, asked, [], 3)


def test_nothing_like_it_says_how_to_name_one(records: Records) -> None:
    with pytest.raises(NothingStaged, match=r"Nothing staged is called 'zzz'\. Give a number"):
        record.explain(records.context, "zzz", [], 3)


def test_what_no_flow_takes_in_says_so(records: Records) -> None:
    """Deleted before anything was written: only the row that was read is left of it."""
    records.insert(
        "raw_sales.accounts", accountid=ID, accountnumber="ACC-5",
        deleted_at="2026-01-30 10:00:00+00",
    )  # fmt: skip
    found = record.explain(records.context, ID.upper(), [], 3, layers=False)
    assert (found["who"], found["fates"]) == (None, [])
    text = shown(found)
    assert "No flow takes it in. Sales had it in accounts until 2026-01-30 10:00:00Z." in text


def test_what_only_the_ledger_remembers_is_shown(records: Records) -> None:
    """Created and deleted again by an undo: no model has it."""
    records.write("acknowledged", operation="delete")
    found = record.explain(records.context, "acc-1", [], 3, layers=False)
    assert [row["operation"] for row in found["writes"]] == ["delete"]
    assert "delete acknowledged run-1" in shown(found)


def test_the_write_of_another_record_with_the_same_number_is_not_its_own(records: Records) -> None:
    """Two companies sent one number: a write belongs to the source record that it came from."""
    records.put("create")
    records.write("acknowledged", source_key=f"usmf/{OTHER}")
    assert record.explain(records.context, RECORD_KEY, [], 3)["writes"] == []


def test_rows_of_the_layers_are_shown_when_asked_for(records: Records) -> None:
    records.put("create")
    records.insert("raw_sales.accounts", accountid=ID, accountnumber="ACC-1", name="Adventure")
    found = record.explain(records.context, "adventure works", [], 3)
    assert [layer["table"] for layer in found["layers"]] == [
        "accounts",
        "target_finops__customers",
    ]
    assert found["layers"][0]["rows"] == [
        {"accountid": ID, "accountnumber": "ACC-1", "name": "Adventure"}
    ]
    assert 'name = "Adventure"' in shown(found)
    assert record.explain(records.context, "ACC-1", [], 3, layers=False)["layers"] == []


def unbuilt(context: Context) -> None:
    duckdb.connect(str(context.warehouse)).close()


def of_an_earlier_version(context: Context) -> None:
    with duckdb.connect(str(context.warehouse)) as connection:
        connection.execute("create schema quality; create table quality.record_fates (flow text)")


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda context: None, "run `p2c run` first"),
        (unbuilt, "not built yet: run `p2c build` first"),
        (of_an_earlier_version, "before the names of records were kept: run `p2c build` first"),
    ],
)
def test_a_warehouse_without_the_models_says_what_to_run(
    project: Path, prepare: Callable[[Context], None], message: str
) -> None:
    context = load(project)
    prepare(context)
    with pytest.raises(NothingStaged, match=message):
        record.explain(context, "A-1", [], 3)


def test_a_warehouse_that_cannot_be_opened_is_named(project: Path) -> None:
    context = load(project)
    context.warehouse.write_text("this is no DuckDB file" * 1000)
    with pytest.raises(WarehouseBusy, match=r"warehouse\.duckdb"):
        record.explain(context, "A-1", [], 3)


def test_the_command_ends_with_1_where_nothing_is_found_and_0_for_a_list(
    world: World, records: Records, p2c: Call
) -> None:
    records.put("create", name="Bolt A")
    records.put("create", source_key=f"usmf/{OTHER}", record_key="usmf/ACC-2", name="Bolt B")
    missing = p2c("explain", "nowhere")
    assert (missing.code, "Nothing staged is called 'nowhere'" in missing.err) == (1, True)
    several = p2c("explain", "bolt")
    assert (several.code, "2 records fit 'bolt'" in several.out) == (0, True)
    one = p2c("explain", "Bolt B", "--json")
    assert one.code == 0
    assert one.data["fates"][0]["next"] == "`p2c run` creates it in F&O."
    assert one.data["layers"]
    assert "target.target_finops__customers" in p2c("explain", "bolt b", "--layers").out
    assert "target.target_finops__customers" not in p2c("explain", "bolt b").out


def test_a_seed_that_cannot_be_read_is_why_nothing_is_written(
    world: World, project: Path, records: Records, p2c: Call
) -> None:
    """`p2c run` would stop at it: explain says so, and answers."""
    records.put("create")
    shutil.copytree(ROOT / "seeds", project / "seeds")
    (project / "seeds/legal_entities.csv").unlink()
    result = p2c("explain", "ACC-1")
    assert result.code == 0, result.err
    assert "next: Its flow is held back: seeds/legal_entities.csv is not there" in result.out
