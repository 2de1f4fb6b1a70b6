"""`p2c explain`: how a record is linked, what it may be besides, and what holds its flow back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from p2c.lookup import record
from p2c.screen.explain_text import LINKS
from tests.docs.test_json_page import listed

from .record_world import FLOW, ID, RECORD_KEY, SOURCE_KEY, TARGET, Records, shown


def test_a_record_to_review_names_its_candidates(records: Records) -> None:
    records.put("blocked", detail="match_to_review: it may be US-007 (Adventure Wks, 82)")
    evidence = {"name": {"agrees": "close", "sales": "Adventure Works", "finops": "Adventure Wks"}}
    records.insert(
        "match.match_customers", sales_id=ID, data_area_id="usmf", finops_table="customers",
        finops_key="US-007", status="review", review_reason="score", rule="name_and_town",
        score=82, sales_name="Adventure Works", finops_name="Adventure Wks",
        evidence=json.dumps(evidence),
    )  # fmt: skip
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["candidates"][0]["evidence"] == evidence
    pair = f"{ID} usmf/US-007"
    assert found["fates"][0]["next"] == (
        f"Decide: `p2c keys accept {pair}` if the two are the same, `p2c keys reject {pair}` if "
        "not, then `p2c run`."
    )
    text = shown(found)
    assert "usmf/US-007" in text
    assert 'name close: "Adventure Works" · "Adventure Wks"' in text
    # The other way round: the customer of F&O is asked for.
    records.insert(
        "quality.unmatched_records", flows=FLOW, target=TARGET, record_key="usmf/US-007",
        record_name="Adventure Wks",
    )  # fmt: skip
    theirs = record.explain(records.context, "us-007", [], 3)
    assert [row["sales_id"] for row in theirs["candidates"]] == [ID]


def test_a_link_says_how_and_since_when(records: Records) -> None:
    records.put("identical", target={"OrganizationName": "Adventure Works"})
    records.insert(
        "keys.keys_customers", account_id=ID, data_area_id="usmf", customer_account="ACC-1",
        matched_by="override",
    )  # fmt: skip
    records.insert(
        "ledger.links", link_id="1", flow=FLOW, source_key=SOURCE_KEY,
        first_seen="2026-01-30 09:00:00+00",
    )  # fmt: skip
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["link"]["matched_by"] == "override"
    assert "link: by a person's decision, since 2026-01-30 09:00:00Z" in shown(found)


def test_every_way_of_matching_has_words() -> None:
    """By the crosswalk's own list; a rule has its name."""
    path = Path(__file__).parents[2] / "models/keys/_crosswalk.yml"
    (model,) = yaml.safe_load(path.read_text())["models"]
    (column,) = [one for one in model["columns"] if one["name"] == "matched_by"]
    (test,) = column["data_tests"]
    assert set(LINKS) == set(test["accepted_values"]["arguments"]["values"])


def test_the_crosswalk_goes_before_the_tables_of_keys(records: Records) -> None:
    """Interface 3: rule, score, evidence and since when, of the legal entity of the record."""
    records.put("identical", target={"OrganizationName": "Adventure Works"})
    records.run(
        "create table keys.keys_crosswalk (entity varchar, sales_id varchar, data_area_id varchar,"
        " finops_table varchar, finops_key varchar, matched_by varchar, score integer,"
        " evidence varchar, first_seen timestamptz, last_seen timestamptz)"
    )
    pairs = (
        ("usmf", "contact_persons", "link"),
        ("usmf", "customers", "rule:tax_number"),
        ("demf", "customers", "created"),
    )
    for company, table, rule in pairs:
        records.insert(
            "keys.keys_crosswalk", entity="customers", sales_id=ID, data_area_id=company,
            finops_table=table, finops_key="ACC-1", matched_by=rule, score=98,
            first_seen="2026-01-29 08:00:00+00",
            evidence='{"tax_number": {"agrees": "same", "sales": "DE1", "finops": "DE1"}}',
        )  # fmt: skip
    found = record.explain(records.context, RECORD_KEY, [], 3)
    text = shown(found)
    assert "link: rule:tax_number, score 98, since 2026-01-29 08:00:00Z" in text
    assert 'tax_number same: "DE1" · "DE1"' in text
    assert "a run made" not in text


def test_a_flow_that_is_held_back_says_which_row_to_mend(records: Records) -> None:
    records.put("create")
    row = "legal_entities, row 2: two rows are the default."

    def held(flows: Sequence[str]) -> dict[str, list[str]]:
        return {flow: [row] for flow in flows}

    found = record.explain(records.context, RECORD_KEY, [], 3, held=held)
    assert found["fates"][0]["next"] == f"Its flow is held back: {row}"


def test_without_dbt_s_manifest_the_rest_is_answered(records: Records) -> None:
    """Its folder was cleaned: what differs is not known, all else is."""
    records.put("update", changed=["OrganizationName"], target={"OrganizationName": "Old"})
    (records.context.path("target_dir") / "manifest.json").unlink()
    (fate,) = record.explain(records.context, RECORD_KEY, [], 3)["fates"]
    assert fate["differences"] == []
    assert fate["next"] == "`p2c run` updates it in F&O."


def test_the_page_lists_every_field(records: Records) -> None:
    """docs/json.md, as `--json` prints them."""
    records.put("update", changed=["OrganizationName"], target={"OrganizationName": "Old"})
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert listed("explain") == set(found) | set(found["fates"][0])
