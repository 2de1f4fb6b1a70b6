"""The two error dialects, judged by consequence (protocols A11, B5)."""

import json

import pytest

from loaders.services.multipart import PartAnswer
from loaders.services.responses import finops_error, finops_outcome, infolog, sales_outcome
from tests.loaders.loader_rows import change


def sales(status: int, code: str = "", message: str = "No", operation: str = "update") -> str:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return sales_outcome(change(1, operation), PartAnswer(status, {}, body)).status


@pytest.mark.parametrize(
    ("status", "code", "operation", "verdict"),
    [
        (204, "", "update", "acknowledged"),
        (400, "0x80040203", "update", "rejected"),
        (403, "0x80040220", "update", "rejected"),
        (405, "0x80040227", "delete", "rejected"),
        (412, "0x80060882", "update", "stale"),
        (412, "0x80040237", "create", "exists"),
        (412, "0x80060892", "create", "rejected"),
        (412, "0x80060892", "update", "rejected"),
        (404, "0x80040217", "update", "stale"),
        (404, "0x80040217", "delete", "acknowledged"),
        (404, "0x80040217", "create", "rejected"),
        (429, "0x80072322", "update", "retry"),
        (400, "0x80044150", "update", "retry"),
        (500, "0x80044151", "update", "retry"),
        (503, "", "update", "retry"),
        (500, "0x80040224", "update", "rejected"),
    ],
)
def test_sales_codes(status: int, code: str, operation: str, verdict: str) -> None:
    assert sales(status, code, operation=operation) == verdict


def test_a_missing_lookup_is_told_from_a_missing_row() -> None:
    mine = f"widget With Id = {change(1).record_id} Does Not Exist"
    assert sales(404, "0x80040217", mine) == "stale"
    other = "owner With Id = 99999999-0000-4000-8000-000000000000 Does Not Exist"
    assert sales(404, "0x80040217", other) == "rejected"


def finops_body(message: str, **inner: object) -> bytes:
    innermost = {"message": message, "type": "X.Y.AxODataWriteException", **inner}
    error = {"code": "", "message": "An error has occurred.", "innererror": innermost}
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("status", "message", "operation", "verdict"),
    [
        (500, "Write failed for table row of type 'E'. Infolog: Error: No.", "create", "rejected"),
        (400, "No resources were found when selecting for update.", "update", "stale"),
        (400, "No resources were found when selecting for update.", "delete", "acknowledged"),
        (500, "Cannot create a record in G. The record already exists.", "create", "exists"),
        (500, "An update conflict occurred due to another user process", "update", "retry"),
        (429, "system experiencing high resource utilization", "update", "retry"),
        (412, "changed", "update", "stale"),
    ],
)
def test_finops_texts(status: int, message: str, operation: str, verdict: str) -> None:
    row = change(1, operation, "finops")
    assert finops_outcome(row, PartAnswer(status, {}, finops_body(message))).status == verdict


def test_a_gateways_html_inside_a_batch_says_nothing_about_the_row() -> None:
    """Only the service's own error body, complete, is taken for its word."""
    for status in (400, 403, 404, 408, 409, 500, 502):
        for body in (b"<h1>Bad</h1>", b"", b'{"error":{"code":"0x80040203","mess'):
            answer = PartAnswer(status, {}, body)
            assert sales_outcome(change(1), answer).status == "doubtful"
            assert finops_outcome(change(1, system="finops"), answer).status == "doubtful"


@pytest.mark.parametrize("status", [408, 423, 425])
def test_a_row_refused_for_now_is_another_try(status: int) -> None:
    """Timed out, locked, too early: tried again, at most after a look at the record."""
    assert sales(status, "", operation="create") == "retry"
    answer = PartAnswer(status, {}, finops_body("not now"))
    verdict = finops_outcome(change(1, "create", "finops"), answer).status
    assert verdict == ("doubtful" if status == 408 else "retry")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_inside_of_finops_may_pass(status: int) -> None:
    """A 5xx in F&O's own JSON that judges no row: look, then send again."""
    body = finops_body("Operation is not valid due to the current state of the object.")
    answer = PartAnswer(status, {}, body)
    assert finops_outcome(change(1, "create", "finops"), answer).status == "doubtful"


@pytest.mark.parametrize("status", [400, 409])
def test_any_services_already_exists_is_a_record_to_read_back(status: int) -> None:
    """Other OData services say "Entity already exists" with 409 or 400."""
    body = json.dumps({"error": {"code": "", "message": "Entity already exists."}}).encode()
    for system, judge in (("sales", sales_outcome), ("finops", finops_outcome)):
        answer = PartAnswer(status, {}, body)
        assert judge(change(1, "create", system), answer).status == "exists"
        assert judge(change(1, "update", system), answer).status == "rejected"


def test_a_service_that_wants_a_version_gets_one() -> None:
    """428: the record is read for its ETag, then the update goes out with it."""
    body = json.dumps({"error": {"code": "", "message": "If-Match is required."}}).encode()
    for system, judge in (("sales", sales_outcome), ("finops", finops_outcome)):
        answer = PartAnswer(428, {}, body)
        assert judge(change(1, "update", system), answer).status == "doubtful"
        assert judge(change(1, "create", system), answer).status == "rejected"


def test_the_infolog_becomes_the_sentence_a_person_needs() -> None:
    text = (
        "Write failed for table row of type 'CustCustomerV2Entity'. Infolog: "
        "Info: Started; Warning: Look here; Error: The value 'X' in field 'Customer group' is not "
        "found in the related table 'Customer groups'; Error: validateWrite failed."
    )
    assert infolog(text) == (
        "The value 'X' in field 'Customer group' is not found in the related table "
        "'Customer groups' validateWrite failed."
    )


def test_a_field_validation_names_the_field() -> None:
    text = (
        "Field validation failed on table of type 'E' for the following fields: CountryId. "
        "Infolog: Warning: The value 'ZZ' is not found."
    )
    assert infolog(text) == "CountryId: The value 'ZZ' is not found."


def test_the_cause_is_the_deepest_message() -> None:
    inner = {"message": "Infolog: Error: Site is mandatory", "type": "A.B.Deep"}
    body = finops_body("outer", internalexception=inner)
    assert finops_error(body) == ("Deep", "Site is mandatory")


def test_a_body_without_error_object_keeps_its_message() -> None:
    body = json.dumps({"Message": "No HTTP resource was found that matches"}).encode()
    assert finops_error(body) == (None, "No HTTP resource was found that matches")


def test_the_facts_of_an_answer_are_kept() -> None:
    body = json.dumps({"error": {"code": "0x80040203", "message": "No"}}).encode()
    outcome = sales_outcome(change(1), PartAnswer(400, {"REQ_ID": "r-9"}, body))
    facts = (outcome.error_code, outcome.error_message, outcome.request_id)
    assert facts == ("0x80040203", "No", "r-9")
