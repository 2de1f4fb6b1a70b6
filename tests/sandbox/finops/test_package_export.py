"""Protocols B8: export of data packages, whole and what changed."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from .conftest import CUSTOMER

GROUPS = "DataManagementDefinitionGroups"
LABEL = "Customers V3"
DETAIL = {
    "DefinitionGroupId": "P", "EntityName": LABEL, "SourceFormat": "CSV-Unicode",
    "DefaultRefreshType": "IncrementalPush", "AutoGenerateMapping": "Yes", "SkipStaging": "No",
}  # fmt: skip


def act(api, action: str, **body: Any) -> Any:
    answer = api.post(f"{GROUPS}/Microsoft.Dynamics.DataEntities.{action}", body)
    assert answer.status == 200, answer.body
    return answer.json["value"]


def refusal(api, action: str, **body: Any) -> tuple[int, str]:
    answer = api.post(f"{GROUPS}/Microsoft.Dynamics.DataEntities.{action}", body)
    return answer.status, answer.reason


def project(api, **detail: Any) -> None:
    assert api.post(GROUPS, {"Name": "P", "OperationType": "Export"}).status == 201
    assert api.post(f"{GROUPS[:-1]}Details", DETAIL | detail).status == 201


def customers(api, *accounts: str, **more: Any) -> None:
    for account in accounts:
        body = {**CUSTOMER, "CustomerAccount": account, **more}
        assert api.post("CustomersV3", body).status == 201


def start(api, execution: str, company: str = "USMF", **more: Any) -> Any:
    body = {"definitionGroupId": "P", "packageName": "x", "executionId": execution}
    return act(api, "ExportToPackage", **body, reExecute=False, legalEntityId=company, **more)


def status(api, execution: str) -> str:
    return act(api, "GetExecutionSummaryStatus", executionId=execution)


def url(api, execution: str) -> str:
    return act(api, "GetExportedPackageUrl", executionId=execution)


def exported(api, execution: str, company: str = "USMF") -> list[dict[str, str]]:
    """Rows of a job that goes well, by the names in the file."""
    start(api, execution, company)
    assert [status(api, execution) for _ in range(2)] == ["Executing", "Succeeded"]
    return rows(api.service.packages.blobs.read(url(api, execution)))


def rows(package: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        content = archive.read(f"{LABEL}.csv")
    assert content.startswith(b"\xff\xfe")
    return list(csv.DictReader(io.StringIO(content.decode("utf-16"), newline="")))


def accounts(found: list[dict[str, str]]) -> list[str]:
    return [row["CUSTOMERACCOUNT"] for row in found]


@pytest.fixture
def filled(api):
    project(api)
    customers(api, "C-1", "C-2")
    customers(api, "C-9", dataAreaId="demf", SalesCurrencyCode="EUR")
    return api


def test_b8_values_in_the_file(api):
    project(api)
    customers(api, "C-1", OrganizationName='A "b", c\r\nd', CreditLimit=-0.5)
    ((row),) = exported(api, "1")
    assert (row["ORGANIZATIONNAME"], row["CREDITLIMIT"]) == ('A "b", c\r\nd', "-0.500000")
    assert (row["ONHOLDSTATUS"], row["CREDMANCUSTOMERSINCE"]) == ("No", "")
    assert "DATAAREAID" not in row


def test_b8_the_first_increment_is_whole_and_the_next_holds_changed_rows_whole(filled):
    assert accounts(exported(filled, "1")) == ["C-1", "C-2"]
    path = "CustomersV3(dataAreaId='usmf',CustomerAccount='C-2')"
    assert filled.patch(path, {"CreditLimit": 5}).status == 204
    filled.delete("CustomersV3(dataAreaId='usmf',CustomerAccount='C-1')")
    ((changed),) = exported(filled, "2")
    assert (changed["CUSTOMERACCOUNT"], changed["ORGANIZATIONNAME"]) == ("C-2", "Adventure Works")
    assert exported(filled, "3") == []


def test_b8_each_company_has_its_own_increments(filled):
    assert accounts(exported(filled, "1", "demf")) == ["C-9"]
    assert accounts(exported(filled, "2")) == ["C-1", "C-2"]
    assert exported(filled, "3", "demf") == []


def test_b8_the_watermark_moves_by_the_export_not_by_the_download(filled):
    start(filled, "1")
    filled.service.packages._jobs["1"].polls = 0
    assert exported(filled, "2") == []
    assert accounts(rows(filled.service.packages.blobs.read(url(filled, "1")))) == ["C-1", "C-2"]


def test_b8_a_job_may_be_executed_again_for_the_same_rows(filled):
    assert len(exported(filled, "1")) == 2
    refused = refusal(filled, "ExportToPackage", definitionGroupId="P", executionId="1")
    assert refused == (400, "The execution '1' already exists.")
    body = {"definitionGroupId": "P", "executionId": "1", "legalEntityId": "usmf"}
    act(filled, "ExportToPackage", **body, reExecute=True)
    assert [status(filled, "1") for _ in range(2)][1] == "Succeeded"
    assert len(rows(filled.service.packages.blobs.read(url(filled, "1")))) == 2


def test_b8_reset_version_token_makes_the_next_increment_whole(filled):
    exported(filled, "1")
    named = {"definitionGroupId": "P", "sourceName": LABEL}
    assert act(filled, "ResetVersionToken", entityName=LABEL, **named) is True
    assert act(filled, "ResetVersionToken", entityName="Other", **named) is False
    assert len(exported(filled, "2")) == 2


def test_b8_a_full_push_is_always_whole(api):
    project(api, DefaultRefreshType="FullPush")
    customers(api, "C-1")
    assert (len(exported(api, "1")), len(exported(api, "2"))) == (1, 1)


def test_b8_without_mapping_nothing_is_staged_and_the_job_does_not_end(api):
    project(api, AutoGenerateMapping="No")
    customers(api, "C-1")
    start(api, "1")
    assert {status(api, "1") for _ in range(5)} == {"Executing"}
    assert url(api, "1") == ""
    ((job),) = api.rows("DataManagementExecutionJobDetails?$filter=JobId eq '1'")
    assert (job["StagingStatus"], job["StagingRecordsToBeProcessedCount"]) == ("Executing", 0)


def test_b8_two_jobs_on_one_project_are_one_too_many(filled):
    start(filled, "1")
    start(filled, "2")
    assert status(filled, "2") == "Executing"
    assert status(filled, "2") == "Failed"
    ((error),) = json.loads(act(filled, "GetExecutionErrors", executionId="2"))
    assert "DMF2025" in error["ErrorMessage"]
    assert status(filled, "1") == "Succeeded"


def test_b8_the_file_is_there_when_the_job_has_ended(filled):
    start(filled, "1")
    assert url(filled, "1") == ""
    assert [status(filled, "1"), status(filled, "1")] == ["Executing", "Succeeded"]
    assert url(filled, "1").startswith("https://contoso.operations.dynamics.com/.blobs/")
    ((job),) = filled.rows("DataManagementExecutionJobDetails")
    assert (job["EntityName"], job["StagingRecordsToBeProcessedCount"]) == (LABEL, 2)


def test_b8_an_address_ends(filled):
    start(filled, "1")
    filled.service.packages._jobs["1"].polls = 0
    address, blobs = url(filled, "1"), filled.service.packages.blobs
    now = blobs.clock()
    assert blobs.read(address) is not None
    assert blobs.read(address.replace("se=", "se=9")) is None
    blobs.clock = lambda: now + 3700
    assert blobs.read(address) is None


def test_b8_other_answers(make_api):
    api = make_api(
        package_unseen=1, package_url_polls=1, package_value="nested", package_header="as_named",
        package_company="included", package_no_changes="no_file",
    )  # fmt: skip
    project(api)
    customers(api, "C-1")
    assert start(api, "1") == {"value": "1"}
    assert refusal(api, "GetExecutionSummaryStatus", executionId="1")[0] == 400
    assert [status(api, "1") for _ in range(2)] == ["Executing", "Succeeded"]
    assert url(api, "1") == ""
    ((row),) = rows(api.service.packages.blobs.read(url(api, "1")))
    assert (row["CustomerAccount"], row["dataAreaId"]) == ("C-1", "usmf")
    start(api, "2")
    for _ in range(2):
        assert refusal(api, "GetExecutionSummaryStatus", executionId="3")[0] == 400
    assert refusal(api, "GetExecutionSummaryStatus", executionId="2")[0] == 400
    assert [status(api, "2") for _ in range(2)] == ["Executing", "Succeeded"]
    assert {url(api, "2") for _ in range(3)} == {""}


def test_b8_a_job_can_be_synchronous(make_api):
    api = make_api(package_runs="synchronous")
    project(api)
    start(api, "1")
    assert status(api, "1") == "Succeeded"


def test_b8_change_tracking_has_to_be_on(make_api):
    api = make_api(package_untracked="CustomersV2,CustomersV3")
    project(api)
    start(api, "1")
    assert [status(api, "1") for _ in range(2)] == ["Executing", "Failed"]
    assert "Change tracking is not enabled" in act(api, "GetExecutionErrors", executionId="1")


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        ({"EntityName": "Nothing"}, "Entity Nothing does not exist in the target environment"),
        ({"SkipStaging": "Yes"}, "Staging cannot be skipped"),
        ({"DefinitionGroupId": "Q"}, "is not found in the related table 'Data projects'"),
    ],
)
def test_b8_entities_of_a_project_are_checked(api, detail, text):
    api.post(GROUPS, {"Name": "P", "OperationType": "Export"})
    answer = api.post(f"{GROUPS[:-1]}Details", DETAIL | detail)
    assert (answer.status, text in answer.reason) == (400, True)


def test_b8_projects_that_cannot_be_exported(api):
    ask = {"executionId": "1", "legalEntityId": "usmf"}
    assert refusal(api, "ExportToPackage", definitionGroupId="P", **ask)[0] == 400
    api.post(GROUPS, {"Name": "P", "OperationType": "Import"})
    assert "not an export" in refusal(api, "ExportToPackage", definitionGroupId="P", **ask)[1]
    api.patch(f"{GROUPS}('P')", {"OperationType": "Export"})
    start(api, "1")
    assert [status(api, "1") for _ in range(2)] == ["Executing", "Failed"]
    assert "has no entities" in act(api, "GetExecutionErrors", executionId="1")


def test_b8_a_project_that_is_deleted_takes_its_entities_along(filled):
    assert filled.delete(f"{GROUPS}('P')").status == 204
    assert filled.rows(f"{GROUPS[:-1]}Details") == []
    assert filled.rows(GROUPS) == []


@pytest.mark.parametrize(
    ("fault", "seen"), [("job_never_ends", {"Executing"}), ("job_fails", {"Executing", "Failed"})]
)
def test_b8_jobs_can_be_made_to_end_badly(filled, fault, seen):
    body = json.dumps({"definitionGroupId": "P", "executionId": "1", "legalEntityId": "usmf"})
    name = f"{GROUPS}/Microsoft.Dynamics.DataEntities.ExportToPackage"
    assert filled.send("POST", name, json.loads(body), x_sandbox_job=fault).status == 200
    assert {status(filled, "1") for _ in range(4)} == seen
    assert url(filled, "1") == ""
    assert accounts(exported(filled, "2")) == ["C-1", "C-2"]


def test_b8_what_is_not_built_says_so(api):
    for action in ("ExportToPackageDelta", "ExportToPackagePreview"):
        answer = api.post(f"{GROUPS}/Microsoft.Dynamics.DataEntities.{action}", {})
        assert (answer.status, action in answer.json["error"]["message"]) == (501, True)
