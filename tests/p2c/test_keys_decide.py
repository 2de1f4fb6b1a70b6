"""`p2c keys accept`, `reject`, `unlink`: what goes into the seed, and what is refused (K1, K2)."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import duckdb
import pytest
import typer

from p2c.lock import hold

from .cli_world import Call
from .keys_world import HEADER, seed_rows, write_seed

CONTOSO = ("customers", "a-1", "usmf", "00123")


def reasons(project: Path) -> list[str]:
    text = (project / "seeds/key_overrides.csv").read_text()
    return [row["reason"] for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize("sales", ["a-1", "{A-1}", "contoso gmbh"])
@pytest.mark.parametrize("finops", ["00123", "usmf/00123", " USMF/00123 "])
def test_accept_takes_id_or_name_and_key(
    keys_project: Path, p2c: Call, sales: str, finops: str
) -> None:
    result = p2c("keys", "accept", sales, finops)
    assert seed_rows(keys_project) == [(*CONTOSO, "pair")]
    assert "seeds/key_overrides.csv: 1 row put in." in result.out
    assert "Next: p2c plan" in result.out


def test_a_number_of_two_records_means_the_one_that_the_key_is_a_candidate_of(
    keys_project: Path, p2c: Call
) -> None:
    """ACC-1 is the number of an account and of a contact."""
    p2c("keys", "accept", "ACC-1", "P-1")
    p2c("keys", "accept", "acc-1", "00123")
    assert seed_rows(keys_project) == [
        ("contacts", "c-1", "usmf", "P-1", "pair"),
        (*CONTOSO, "pair"),
    ]


def test_the_reason_has_rule_score_day_and_what_was_said(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "a-1", "00123", "--reason", "they merged, 2025")
    p2c("keys", "reject", "a-2", "US-3")
    accepted, rejected = reasons(keys_project)
    assert accepted[:33] == "phone_and_name 88; accepted on 20"
    assert accepted.endswith(": they merged, 2025")
    assert rejected[:35] == "name_and_address 96; rejected on 20"


def test_a_pair_that_no_rule_found_can_be_accepted(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "a-3", "US-9")
    assert seed_rows(keys_project) == [("customers", "a-3", "usmf", "US-9", "pair")]
    assert reasons(keys_project)[0].startswith("accepted on ")


def test_json_has_the_rows_of_the_seed(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "a-2", "US-2")
    found = p2c("keys", "reject", "a-2", "US-2", "--json").data
    assert found["status"] == "ok"
    assert found["seed"] == "seeds/key_overrides.csv"
    assert [row["decision"] for row in found["added"]] == ["different"]
    assert [row["decision"] for row in found["removed"]] == ["pair"]
    assert seed_rows(keys_project) == [("customers", "a-2", "usmf", "US-2", "different")]
    again = p2c("keys", "reject", "a-2", "US-2", "--json").data
    assert (again["added"], again["removed"]) == ([], [])


def test_one_of_a_tie_leaves_the_other_to_no_pair(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "a-2", "US-2")
    result = p2c("keys", "accept", "a-2", "US-3")
    assert result.code == 1
    assert "ACC-2 Fabrikam is the pair of usmf/US-2 already (override)" in result.err
    assert "p2c keys unlink a-2 usmf/US-2" in result.err
    assert len(seed_rows(keys_project)) == 1


def test_a_record_that_is_linked_elsewhere_is_named(keys_project: Path, p2c: Call) -> None:
    result = p2c("keys", "accept", "a-3", "US-4")
    assert result.code == 1
    assert "usmf/US-4 is the pair of ACC-4 Northwind already (rule:email_and_name)" in result.err
    assert seed_rows(keys_project) == []
    p2c("keys", "unlink", "a-4", "US-4", "--yes")
    assert p2c("keys", "accept", "a-3", "US-4").code == 0
    assert ("customers", "a-3", "usmf", "US-4", "pair") in seed_rows(keys_project)


def test_a_contact_is_one_person_in_a_company(keys_project: Path, p2c: Call) -> None:
    """P-1 is a contact person and P-9 a customer, and the seed holds one number of a contact."""
    result = p2c("keys", "accept", "--entity", "contacts", "--yes")
    assert "Ann Beebe would be the pair of usmf/P-1 and of usmf/P-9" in result.err
    assert p2c("keys", "accept", "c-1", "P-9").code == 0
    assert p2c("keys", "accept", "c-1", "P-1").code == 1


def test_many_at_once_are_refused_when_one_would_be_in_two_pairs(
    keys_project: Path, p2c: Call
) -> None:
    result = p2c("keys", "accept", "--entity", "customers", "--yes", "--json")
    assert result.code == 1
    (problem,) = result.data["problems"]
    assert "ACC-2 Fabrikam would be the pair of usmf/US-2 and of usmf/US-3" in problem
    assert "p2c keys reject a-2 usmf/US-3" in problem
    assert seed_rows(keys_project) == []
    # As the message says: one of the two is rejected, then the rest goes.
    p2c("keys", "reject", "a-2", "usmf/US-3")
    assert p2c("keys", "accept", "--entity", "customers", "--yes").code == 0
    assert sum(row[4] == "pair" for row in seed_rows(keys_project)) == 5


def test_many_are_shown_and_asked_about(
    keys_project: Path, p2c: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    asked: list[str] = []

    def refused(text: str, err: bool) -> bool:
        asked.append(text)
        return False

    monkeypatch.setattr(typer, "confirm", refused)
    words = ("keys", "accept", "--rule", "name", "--score", "..72", "--entity", "customers")
    result = p2c(*words)
    assert "3 candidates to accept:" in result.err
    assert "ACC-6 Globex ? usmf/US-6 Globex; name 72" in result.err
    assert (result.code, asked) == (1, ["Accept 3?"])
    assert seed_rows(keys_project) == []
    monkeypatch.setattr(typer, "confirm", lambda text, err: True)
    assert p2c(*words).code == 0
    assert {row[2] for row in seed_rows(keys_project)} == {"usmf", "demf"}


def test_where_nobody_can_be_asked_yes_is_asked_for(keys_project: Path, p2c: Call) -> None:
    for words in (("reject", "--score", "..70"), ("unlink", "a-4", "US-4")):
        result = p2c("keys", *words, "--json")
        assert result.code == 1
        assert "--yes" in result.data["error"]
    assert seed_rows(keys_project) == []


def test_reject_by_filter_leaves_what_is_linked(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "reject", "--score", "..100", "--yes")
    assert ("customers", "a-4", "usmf", "US-4", "different") not in seed_rows(keys_project)
    assert p2c("keys", "reject", "--rule", "name", "--status", "linked").code == 2
    result = p2c("keys", "reject", "a-4", "US-4")
    assert "are a pair (rule:email_and_name). `p2c keys unlink a-4 usmf/US-4`" in result.err


def test_links_can_be_made_decisions(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "--status", "linked", "--entity", "customers", "--yes")
    assert [row[3] for row in seed_rows(keys_project)] == ["US-4", "US-8"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a-99", "00123"), "Sales has no record 'a-99'"),
        (("Contso GmbH", "00123"), "Did you mean Contoso GmbH?"),
        (("a-1", "US-99"), "of the customers under the key 'US-99'. Did you mean US-9"),
        (("a-1", "00123", "--company", "xx"), "no customers in 'xx'; there are some in demf"),
        (("a-1", "DE-6"), "is no record of demf"),
        (("a-1", "00123", "--entity", "products"), "no record 'a-1' among the products"),
    ],
)  # fmt: skip
def test_what_is_unknown_is_named_with_what_is_near(
    keys_project: Path, p2c: Call, words: tuple, message: str
) -> None:
    result = p2c("keys", "accept", *words)
    assert result.code == 1
    assert message in result.err
    assert seed_rows(keys_project) == []


@pytest.mark.parametrize(
    "words", [(), ("a-1",), ("a-1", " "), ("a-1", "00123", "--rule", "name"), ("--yes",)]
)
def test_wrong_usage(keys_project: Path, p2c: Call, words: tuple) -> None:
    for command in ("accept", "reject"):
        assert p2c("keys", command, *words).code == 2


def test_a_name_that_two_records_have_asks_for_the_id(keys_project: Path, p2c: Call) -> None:
    with duckdb.connect("warehouse.duckdb") as connection:
        connection.execute(
            "update match.match_sales_records set name = 'Contoso GmbH' where record_key = 'a-2'"
        )
        connection.execute(
            "insert into match.match_customers select 'a-2', * exclude sales_id "
            "from match.match_customers where sales_id = 'a-1'"
        )
    result = p2c("keys", "accept", "Contoso GmbH", "00123")
    assert "is not only one record of Sales: customers a-1 (ACC-1 Contoso GmbH)" in result.err
    assert "customers a-2 (ACC-2 Contoso GmbH). Give the id." in result.err


def test_unlink_shows_what_becomes_of_both_and_ends_the_pair(keys_project: Path, p2c: Call) -> None:
    result = p2c("keys", "unlink", "ACC-4", "US-4", "--yes")
    assert "Sales: ACC-4 Northwind is created in F&O, in usmf, unless" in result.err
    assert "F&O: usmf/US-4 Northwind Ltd may be a-3 Adatum (phone 70)" in result.err
    assert "Nothing is deleted in either system." in result.err
    assert seed_rows(keys_project) == [("customers", "a-4", "usmf", "US-4", "different")]
    assert "unlinked on 20" in reasons(keys_project)[0]
    again = p2c("keys", "unlink", "ACC-4", "US-4", "--yes")
    assert "decided as different already" in again.err


def test_unlink_names_records_that_are_alike(keys_project: Path, p2c: Call) -> None:
    found = p2c("keys", "unlink", "a-8", "US-8", "--yes", "--json").data
    sales, finops = found["consequences"]
    assert (sales["becomes"], finops["becomes"]) == ("create", "unmatched")
    assert "There is usmf/US-9 Litware with the same name in F&O" in sales["message"]
    assert "p2c unmatched" in finops["message"]


def test_unlink_takes_the_row_of_the_pair_out(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "a-2", "US-2")
    found = p2c("keys", "unlink", "a-2", "US-2", "--yes", "--json").data
    assert [row["decision"] for row in found["removed"]] == ["pair"]
    assert seed_rows(keys_project) == [("customers", "a-2", "usmf", "US-2", "different")]
    # The other one of the tie is what the record may be then.
    assert "usmf/US-3 Fabrikam Old (name_and_address 96)" in found["consequences"][0]["message"]


def test_unlink_of_a_product_creates_it_in_sales(keys_project: Path, p2c: Call) -> None:
    p2c("keys", "accept", "p-1", "100000")
    found = p2c("keys", "unlink", "p-1", "100000", "--yes", "--json").data
    source, target = found["consequences"]
    assert (source["system"], source["becomes"]) == ("finops", "create")
    assert "is created in Sales, unless" in source["message"]
    assert (target["system"], target["becomes"]) == ("sales", "review")


def test_unlink_of_what_is_no_pair_says_which_pairs_there_are(
    keys_project: Path, p2c: Call
) -> None:
    result = p2c("keys", "unlink", "a-3", "US-4", "--yes")
    assert result.code == 1
    assert "are no pair. Known pairs of them: a-4 = usmf/US-4 (rule:email_and_name)." in result.err
    assert "p2c keys reject a-3 usmf/US-4" in result.err


def test_a_row_for_all_companies_stays_when_one_is_decided(keys_project: Path, p2c: Call) -> None:
    """A row for one legal entity goes before one for all, which may speak of others too."""
    write_seed(keys_project, "", "customers,a-1,,00123,pair,")
    assert p2c("keys", "unlink", "a-1", "00123", "--company", "usmf", "--yes").code == 0
    general = ("customers", "a-1", "", "00123", "pair")
    assert seed_rows(keys_project) == [general, (*CONTOSO, "different")]
    assert p2c("keys", "accept", "a-1", "00123", "--company", "usmf").code == 0
    assert seed_rows(keys_project) == [general, (*CONTOSO, "pair")]


def test_without_a_company_the_row_for_all_goes(keys_project: Path, p2c: Call) -> None:
    write_seed(keys_project, "customers,a-1,,00123,pair,")
    assert p2c("keys", "unlink", "a-1", "00123", "--yes").code == 0
    assert seed_rows(keys_project) == [(*CONTOSO, "different")]


def test_unlink_of_two_with_one_number_says_that_a_number_must_change(
    keys_project: Path, p2c: Call
) -> None:
    with duckdb.connect("warehouse.duckdb") as connection:
        connection.execute(
            "update match.match_sales_records set number = 'us-8' where record_key = 'a-8'"
        )
    found = p2c("keys", "unlink", "a-8", "US-8", "--yes", "--json").data
    assert found["consequences"][0]["becomes"] == "rejected"
    assert "give one of the two another" in found["consequences"][0]["message"]


def test_a_run_that_is_on_holds_the_seed(keys_project: Path, p2c: Call) -> None:
    with hold(keys_project / "warehouse.duckdb", "run"):
        result = p2c("keys", "accept", "a-1", "00123")
    assert (result.code, "held by process" in result.err) == (1, True)
    assert (keys_project / "seeds/key_overrides.csv").read_text() == HEADER
