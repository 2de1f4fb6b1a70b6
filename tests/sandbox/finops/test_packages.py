"""Protocols B8 and D16: import of data packages."""

import io
import json
import zipfile
from typing import Any

import pytest

GROUPS = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<DataManagementPackageManifest
    xmlns="http://schemas.microsoft.com/dynamics/2015/01/DataManagement">
  <DefinitionGroupName>Import</DefinitionGroupName>
  <PackageEntityList>
    <DataManagementPackageEntityData>
      {fields}
      <EntityName>{entity}</EntityName>
      <InputFilePath>Customers V3.csv</InputFilePath>
    </DataManagementPackageEntityData>
  </PackageEntityList>
</DataManagementPackageManifest>"""
HEAD = "CUSTOMERACCOUNT,ORGANIZATIONNAME,CUSTOMERGROUPID,SALESCURRENCYCODE,CREDITLIMIT\r\n"
COLUMNS = HEAD.strip().split(",")
GOOD = "C-1,Adventure Works,10,USD,12.5\r\nC-2,Contoso,10,USD,\r\n"
BAD = "C-3,Fabrikam,nothere,USD,\r\n"


def package(
    rows: str, entity: str = "Customers V3", columns: list[str] = COLUMNS, coding: str = "utf-16-le"
) -> bytes:
    one = "<EntityMap><EntityField>{0}</EntityField><XMLField>{0}</XMLField></EntityMap>"
    listed = "".join(map(one.format, columns))
    fields = f"<EntityMapList>{listed}</EntityMapList>" if columns else ""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("Manifest.xml", MANIFEST.format(entity=entity, fields=fields))
        archive.writestr("PackageHeader.xml", "<DataManagementPackageHeader/>")
        archive.writestr("Customers V3.csv", ("\ufeff" + HEAD + rows).encode(coding))
    return kept.getvalue()


def act(api, action: str, **body: Any) -> Any:
    answer = api.post(GROUPS + action, body)
    assert answer.status == 200, answer.body
    return answer.json["value"]


def imported(api, content: bytes, **more: Any) -> str:
    """Execution id of an import; the file goes in behind the HTTP side."""
    address = json.loads(act(api, "GetAzureWriteUrl", uniqueFileName="x.zip"))
    api.service.packages.blobs.put(address["BlobId"], content)
    body = {"packageUrl": address["BlobUrl"], "definitionGroupId": "Import", "executionId": ""}
    options = {"execute": True, "overwrite": True, "legalEntityId": "USMF"} | more
    return act(api, "ImportFromPackage", **(body | options))


def statuses(api, job: str) -> list[str]:
    return [act(api, "GetExecutionSummaryStatus", executionId=job) for _ in range(2)]


def errors(api, job: str) -> dict[str, str]:
    found = json.loads(act(api, "GetExecutionErrors", executionId=job))
    return {error["RecordId"]: error["ErrorMessage"] for error in found}


def accounts(api) -> list[str]:
    return [row["CustomerAccount"] for row in api.rows("CustomersV3?$select=CustomerAccount")]


def test_d16_rows_are_created_and_then_changed(api):
    assert statuses(api, imported(api, package(GOOD))) == ["Executing", "Succeeded"]
    again = GOOD.replace("Contoso", "Contoso Ltd")
    assert statuses(api, imported(api, package(again)))[1] == "Succeeded"
    rows = api.rows("CustomersV3?$select=CustomerAccount,OrganizationName,CreditLimit")
    assert [(r["OrganizationName"], r["CreditLimit"]) for r in rows] == [
        ("Adventure Works", 12.5),
        ("Contoso Ltd", 0),
    ]
    details = api.rows("DataManagementExecutionJobDetails")
    counts = ("TargetRecordsCreatedCount", "TargetRecordsUpdatedCount")
    assert sorted([row[name] for name in counts] for row in details) == [[0, 2], [2, 0]]


@pytest.mark.parametrize(("rows", "status"), [(GOOD + BAD, "PartiallySucceeded"), (BAD, "Failed")])
def test_d16_rows_that_are_refused_are_named(api, rows, status):
    job = imported(api, package(rows))
    assert statuses(api, job) == ["Executing", status]
    assert "'nothere' in field 'Customer group'" in errors(api, job)["usmf,C-3"]
    asked = {"executionId": job, "entityName": "Customers V3"}
    assert act(api, "GenerateImportTargetErrorKeysFile", **asked) is True
    content = api.service.packages.blobs.read(act(api, "GetImportTargetErrorKeysFileUrl", **asked))
    assert content == b'Entity,Key\r\nCustomersV3,"usmf,C-3"\r\n'
    assert act(api, "GetImportStagingErrorFileUrl", **asked) == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("c-1,Again,10,USD,\r\n", "DMF1959"),
        ("C-9,Dear,10,USD,much\r\n", "DMF2018"),
        (f"C-{'9' * 30},Long,10,USD,1\r\n", "DMF2018"),
    ],
)
def test_b8_lines_that_are_not_staged_are_in_the_staging_file(api, row, code):
    job = imported(api, package(GOOD + row))
    assert statuses(api, job)[1] == "PartiallySucceeded"
    [message] = errors(api, job).values()
    assert message.startswith(code)
    asked = {"executionId": job, "entityName": "Customers V3"}
    content = api.service.packages.blobs.read(act(api, "GetImportStagingErrorFileUrl", **asked))
    heading, line = content.decode("utf-16").splitlines()
    assert heading == f"{HEAD.strip()},ERRORMESSAGE"
    assert line.startswith(row.strip())
    assert act(api, "GenerateImportTargetErrorKeysFile", **asked) is False
    assert act(api, "GetImportTargetErrorKeysFileUrl", **asked) == ""
    assert sorted(accounts(api)) == ["C-1", "C-2"]


def test_b8_without_a_field_map_it_succeeds_with_no_row(api):
    job = imported(api, package(GOOD, columns=[]))
    assert statuses(api, job)[1] == "Succeeded"
    assert (errors(api, job), accounts(api)) == ({}, [])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"no zip", "cannot be read"),
        (package(GOOD)[:-30], "cannot be read"),
        (package(GOOD, "Nothing"), "Entity Nothing does not exist in the target environment"),
        (package(GOOD, coding="utf-8"), "Selected file is not Unicode"),
        (package(GOOD, columns=[*COLUMNS, "MORE"]), "DMF2022"),
        (package(GOOD, columns=COLUMNS[:-1]), "DMF2025"),
    ],
)
def test_d16_a_package_that_cannot_be_read_fails(api, content, text):
    job = imported(api, content)
    assert statuses(api, job) == ["Executing", "Failed"]
    assert text in errors(api, job)[""]
    assert accounts(api) == []


def test_b8_a_project_that_exists_is_replaced_only_on_request(api):
    statuses(api, imported(api, package(GOOD)))
    body = {"definitionGroupId": "Import", "overwrite": False, "executionId": "second"}
    answer = api.post(f"{GROUPS}ImportFromPackage", body)
    message = answer.json["error"]["innererror"]["message"]
    assert (answer.status, message) == (
        400,
        "The data project 'Import' exists and overwrite has not been specified.",
    )


def test_b8_an_execution_is_begun_once_and_one_at_a_time_on_a_project(api):
    job = imported(api, package(GOOD), executionId="mine")
    assert api.post(f"{GROUPS}ImportFromPackage", {"executionId": "mine"}).status == 400
    other = imported(api, package(BAD))
    assert "DMF2025" in errors(api, other)[""]
    assert statuses(api, job)[1] == "Succeeded"


def test_d16_jobs_that_do_not_run_or_are_not_known(api):
    assert statuses(api, imported(api, package(GOOD), execute=False))[1] == "NotRun"
    assert api.rows("CustomersV3") == []
    asked = {"executionId": "nothere"}
    for action in ("GetExecutionSummaryStatus", "GetExecutionErrors", "DeleteExecutionHistoryJob"):
        assert api.post(GROUPS + action, asked).status == 400


def test_b8_a_job_that_is_deleted_is_not_known_any_more(api):
    job = imported(api, package(GOOD))
    act(api, "DeleteExecutionHistoryJob", executionId=job)
    answer = api.post(f"{GROUPS}GetExecutionSummaryStatus", {"executionId": job})
    message = answer.json["error"]["innererror"]["message"]
    assert (answer.status, "details were not found" in message) == (400, True)


def test_d16_a_wrong_address_is_a_failed_job(api):
    address = "http://x/.blobs/other?sig=0"
    body = {"packageUrl": address, "definitionGroupId": "Import", "execute": True}
    job = act(api, "ImportFromPackage", executionId="mine", legalEntityId="usmf", **body)
    assert (job, statuses(api, job)[1]) == ("mine", "Failed")


def test_b8_a_job_that_nobody_knows_may_be_called_so(make_api):
    assert statuses(make_api(package_unknown="unknown"), "nothere")[1] == "Unknown"


@pytest.mark.parametrize(("mode", "named"), [("all", 4), ("half", 2), ("none", 0)])
def test_b8_not_every_refused_row_has_to_be_named(make_api, mode, named):
    api = make_api(package_named=mode)
    rows = "".join(BAD.replace("C-3", f"C-{number}") for number in range(4))
    job = imported(api, package(GOOD + rows))
    assert statuses(api, job)[1] == "PartiallySucceeded"
    assert len(errors(api, job)) == named
