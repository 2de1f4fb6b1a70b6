"""`p2c explain`: an answer for each fate of a record and for each end of a write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import yaml

from loaders.models.changes import Status
from loaders.report import FATES
from p2c.lookup import record, record_advice
from p2c.screen.explain_text import IN_WORDS

from .record_world import FLOW, RECORD_KEY, SOURCE_KEY, TARGET, Records, shown

MESSAGE = "Add Atlantis to seeds/value_map_countries.csv."
NAMES = {"source": {"OrganizationName": "New"}, "target": {"OrganizationName": "Old"}}
PARENT = "The group 99 is unknown."


def rejected(records: Records) -> None:
    records.put("rejected", detail="[]")
    records.insert(
        "quality.rejected_records", flow=FLOW, target=TARGET, source_key=SOURCE_KEY,
        record_key=RECORD_KEY, code="no_value_map", column_name="address1_country",
        value="Atlantis", message=MESSAGE,
    )  # fmt: skip


def blocked(records: Records) -> None:
    """It waits for another account, which is rejected."""
    other = "usmf/11111111-fece-5a87-939b-4acc34df9740"
    records.put(
        "blocked", detail="its head office ACC-2 is rejected",
        parents=["finops.CustomersV2/usmf/ACC-2"],
    )  # fmt: skip
    records.put("rejected", source_key=other, record_key="usmf/ACC-2", detail="[]", name="Head")
    records.insert(
        "quality.rejected_records", flow=FLOW, target=TARGET, source_key=other,
        record_key="usmf/ACC-2", code="no_group", message=PARENT,
    )  # fmt: skip


def conflict(records: Records) -> None:
    why = "both systems changed it since they last agreed: OrganizationName"
    records.put("conflict", agreed={"OrganizationName": "Agreed"}, detail=why, **NAMES)
    records.differ("conflict", "hold")


def unmatched(records: Records) -> None:
    records.insert(
        "quality.unmatched_records", flows="accounts, contacts_to_customers", target=TARGET,
        record_key=RECORD_KEY, record_name="Only theirs",
    )  # fmt: skip


# How each fate comes to be, what is said of it, and what to do next.
CASES: dict[str, tuple[Callable[[Records], None], str, str]] = {
    "filtered": (
        lambda records: records.put("filtered", detail="it is inactive"),
        "out of scope: it is inactive",
        "Nothing while this holds: it is inactive. When it no longer does, `p2c run` takes",
    ),
    "identical": (
        lambda records: records.put("identical", target={"OrganizationName": "Adventure Works"}),
        "both systems agree",
        "Nothing: both systems agree.",
    ),
    "create": (
        lambda records: records.put("create"),
        "only Sales has it: to be created in F&O",
        "`p2c run` creates it in F&O.",
    ),
    "update": (
        lambda records: records.put("update", changed=["OrganizationName"], **NAMES),
        'OrganizationName: Sales "New", F&O "Old"; will be written',
        "`p2c run` updates OrganizationName in F&O.",
    ),
    "deactivate": (
        lambda records: records.put("deactivate", target={}),
        "gone in Sales: to be taken away in F&O too",
        "`p2c run` deactivates it in F&O (OnHoldStatus = All), as on_delete of the flow",
    ),
    "rejected": (
        rejected,
        'cannot be written: no_value_map (address1_country is "Atlantis")',
        f"{MESSAGE} Then `p2c run`.",
    ),
    "blocked": (
        blocked,
        "it waits: its head office ACC-2 is rejected",
        f"Mend what it waits for, then `p2c run` writes both: Its head office ACC-2 is rejected. "
        f"finops.CustomersV2/usmf/ACC-2: {PARENT}",
    ),
    "conflict": (
        conflict,
        'last agreed "Agreed"; not written: conflict: both changed since they last agreed',
        "Give OrganizationName the same value in Sales and in F&O, then `p2c run`",
    ),
    "unmatched": (
        unmatched,
        "Only theirs Sales no record F&O usmf/ACC-1",
        "Nothing: no flow touches what only F&O has.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fate", [*FATES, "unmatched"])
def test_each_fate_has_its_answer(records: Records, fate: str) -> None:
    """The fates are the code's own list: a new one fails here until it has an answer."""
    put, words, to_do = CASES[fate]
    put(records)
    found = record.explain(records.context, RECORD_KEY, [], 3)
    (one,) = found["fates"]
    assert one["fate"] == fate
    assert one["in_scope"] == (fate != "filtered")
    assert one["next"].startswith(to_do)
    text = shown(found)
    assert words in text
    assert f"{fate}:" in text
    assert to_do in text


def test_every_fate_and_every_status_has_words() -> None:
    assert set(IN_WORDS) == {*FATES, "unmatched"} == set(record_advice.FATES)
    assert set(record_advice.WRITES) == set(get_args(Status))


ROOT = Path(__file__).parents[2]
ERROR = "Customer group 99 does not exist."
# What to do when the last write of a record that is to be created ended so, after the build.
ENDS = {
    "planned": "Plan plan-1 has it: `p2c apply plan-1` writes it",
    "sent": "F&O has not answered yet: the next `p2c run` reads the record back",
    "acknowledged": "Run run-1 has written it since; `p2c plan` looks again.",
    "verified": "Run run-1 has written it since; `p2c plan` looks again.",
    "rejected": f"Correct it as F&O says, then `p2c run`: {ERROR}",
    "stale": "It had changed in F&O since it was read, and was left alone: `p2c run` reads",
    "blocked": f"Mend what it waits for, then `p2c run` writes both: {ERROR}",
    "failed": f"It was refused for a passing reason; `p2c run` or `p2c retry` tries again: {ERROR}",
    "unresolved": "F&O has not answered yet: the next `p2c run` reads the record back",
    "quarantined": (
        f"Correct it, then `p2c retry --quarantined`; its last tries all failed alike: {ERROR}"
    ),
}


@pytest.mark.parametrize("status", get_args(Status))
def test_each_end_of_a_write_has_its_answer(records: Records, status: str) -> None:
    """Whatever the service said stands beside it, with the request that its support asks for."""
    records.put("create")
    wrong = status not in ("planned", "sent", "acknowledged", "verified")
    answer = {"error_code": "x1", "error_message": ERROR, "request_id": "req-7", "attempts": 3}
    records.write(status, **answer if wrong else {})
    found = record.explain(records.context, RECORD_KEY, [], 3)
    (fate,) = found["fates"]
    assert fate["next"].startswith(ENDS[status])
    assert [row["status"] for row in fate["writes"]] == [status]
    text = shown(found)
    assert f"create {status}" in text
    assert (f"after 3 tries x1: {ERROR} (request req-7)" in text) == wrong


def test_a_value_that_was_not_persisted_is_told(records: Records) -> None:
    records.put("identical", **NAMES)
    records.differ("not_persisted", None)
    records.write("acknowledged", error_code="not_persisted", error_message="It holds Old.")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["next"].startswith("F&O took it and holds another value.")


# Each kind of quality.drift in words, with the policy that decides.
KINDS = {
    "drift": "drift: only the target changed (on_drift: keep)",
    "conflict": "conflict: both changed since they last agreed (on_conflict: keep)",
    "first_contact": "first contact: nothing was agreed before (on_first_contact: keep)",
    "kept": "kept at first contact, as the target had it (on_first_contact: keep)",
    "not_persisted": "not persisted: it was written, and the target kept another value",
}


def kinds() -> list[str]:
    """The model's own list: a new kind fails below until it has words."""
    model = yaml.safe_load((ROOT / "models/quality/_drift.yml").read_text())["models"][0]
    (kind,) = [column for column in model["columns"] if column["name"] == "kind"]
    (test,) = [test for test in kind["data_tests"] if isinstance(test, dict)]
    return list(test["accepted_values"]["arguments"]["values"])


@pytest.mark.parametrize("kind", kinds())
def test_what_differs_and_is_not_written_says_why_and_since(records: Records, kind: str) -> None:
    """By column: what the source has, what the target has, what was agreed (K3)."""
    records.put("identical", agreed={"OrganizationName": "Agreed"}, **NAMES)
    records.differ(kind, None if kind == "not_persisted" else "keep")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    (row,) = found["fates"][0]["differences"]
    assert (row["source"], row["target"], row["agreed"]) == ("New", "Old", "Agreed")
    assert not row["is_written"]
    assert row["why"] == KINDS[kind]
    assert found["fates"][0]["next"].startswith("Nothing is written: OrganizationName differ")
    text = shown(found)
    assert f"not written: {KINDS[kind]}, since 2026-01-30 11:00:00Z" in text


def test_a_conflict_names_the_policies_that_stop_it(records: Records) -> None:
    records.put("conflict", **NAMES)
    records.differ("first_contact", "hold")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["next"].endswith("for the flow accounts: on_first_contact.")


def test_a_record_gone_at_the_source_says_what_would_take_it_away(records: Records) -> None:
    records.put("filtered", target={}, detail="gone at the source (on_delete: ignore)")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["next"].startswith("Nothing: F&O keeps what it has. To take it away")


def test_drift_that_is_overwritten_says_so(records: Records) -> None:
    records.put("update", changed=["OrganizationName"], **NAMES)
    records.differ("drift", "overwrite")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    text = "will be written: drift: only the target changed (on_drift: overwrite)"
    assert text in shown(found)


def test_a_record_that_is_held_says_of_its_other_columns_why_they_wait(records: Records) -> None:
    records.put("conflict", **NAMES)
    (row,) = record.explain(records.context, RECORD_KEY, [], 3)["fates"][0]["differences"]
    assert row["why"] == "changed at the source; the record is held for another column"


def test_money_of_another_scale_does_not_differ(records: Records) -> None:
    records.put("identical", source={"CreditLimit": "10.5"}, target={"CreditLimit": "10.500000"})
    found = record.explain(records.context, RECORD_KEY, ["accounts"], 3)
    names = [row["column"] for row in found["fates"][0]["differences"]]
    assert "CreditLimit" not in names


@pytest.mark.parametrize(
    ("built", "moment"),
    [
        ("2026-01-31 10:00:00+00", "before the last write"),
        ("2026-01-31 13:00:00+00", "after the last write"),
        (None, None),
    ],
)
def test_it_says_whether_it_speaks_of_before_or_after_the_last_write(
    records: Records, built: str | None, moment: str | None
) -> None:
    """The build is compared with the last write of that record, at noon."""
    records.put("update", changed=["OrganizationName"], **NAMES)
    records.write("acknowledged", at="2026-01-31 12:00:00+00")
    moment_sql = f"timestamptz '{built}'" if built else "null"
    records.run(f"update quality.record_fates set built_at = {moment_sql}")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["speaks_of"] == moment
    assert ("p2c plan" in shown(found)) == (moment == "before the last write")


def test_a_read_older_than_the_build_is_what_a_fate_speaks_of(records: Records) -> None:
    """Built again after a write without reading again: it still knows nothing of the write."""
    records.put("create")
    records.write("acknowledged", at="2026-01-31 12:00:00+00")
    records.run(
        "update quality.record_fates set built_at = '2026-01-31 13:00:00+00'",
        "create table raw_sales.reads as select 'accounts' as table_name, 'full' as mode,"
        " timestamptz '2026-01-31 11:00:00+00' as started_at",
    )
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["speaks_of"] == "before the last write"


def test_one_that_no_run_has_written_says_so(records: Records) -> None:
    records.put("create")
    found = record.explain(records.context, RECORD_KEY, [], 3)
    assert found["fates"][0]["speaks_of"] == "a record that no run has written"
