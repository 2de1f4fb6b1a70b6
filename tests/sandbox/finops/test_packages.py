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
      <EntityName>Customers V3</EntityName>
      <InputFilePath>Customers V3.csv</InputFilePath>
      <TargetEntity>{entity}</TargetEntity>
    </DataManagementPackageEntityData>
  </PackageEntityList>
</DataManagementPackageManifest>"""
HEAD = "CUSTOMERACCOUNT,ORGANIZATIONNAME,CUSTOMERGROUPID,SALESCURRENCYCODE,CREDITLIMIT\n"
GOOD = "C-1,Adventure Works,10,USD,12.5\nC-2,Contoso,10,USD,\n"
BAD = "C-3,Fabrikam,nothere,USD,\n"


def package(rows: str, entity: str = "CUSTCUSTOMERV3ENTITY") -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("Manifest.xml", MANIFEST.format(entity=entity))
        archive.writestr("PackageHeader.xml", "<DataManagementPackageHeader/>")
        archive.writestr("Customers V3.csv", HEAD + rows)
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
    return act(api, "ImportFromPackage", **body, **options)


def statuses(api, job: str) -> list[str]:
    return [act(api, "GetExecutionSummaryStatus", executionId=job) for _ in range(2)]


def test_d16_rows_are_created_and_then_changed(api):
    assert statuses(api, imported(api, package(GOOD))) == ["Executing", "Succeeded"]
    again = GOOD.replace("Contoso", "Contoso Ltd")
    assert statuses(api, imported(api, package(again)))[1] == "Succeeded"
    rows = api.rows("CustomersV3?$select=CustomerAccount,OrganizationName,CreditLimit")
    assert [(r["OrganizationName"], r["CreditLimit"]) for r in rows] == [
        ("Adventure Works", 12.5),
        ("Contoso Ltd", 0),
    ]


@pytest.mark.parametrize(("rows", "status"), [(GOOD + BAD, "PartiallySucceeded"), (BAD, "Failed")])
def test_d16_rows_that_are_refused_are_named(api, rows, status):
    job = imported(api, package(rows))
    assert statuses(api, job) == ["Executing", status]
    (error,) = json.loads(act(api, "GetExecutionErrors", executionId=job))
    assert error["RecordId"] == "usmf,C-3"
    assert "'nothere' in field 'Customer group'" in error["ErrorMessage"]
    asked = {"executionId": job, "entityName": "CustomersV3"}
    assert act(api, "GenerateImportTargetErrorKeysFile", **asked) is True
    content = api.service.packages.blobs.read(act(api, "GetImportTargetErrorKeysFileUrl", **asked))
    assert content == b'Entity,Key\r\nCustomersV3,"usmf,C-3"\r\n'
    assert act(api, "GetImportStagingErrorFileUrl", **asked) == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"no zip", "cannot be read"), (package(GOOD, "NOTHERE"), "does not have the entity")],
)
def test_d16_a_package_that_cannot_be_read_fails(api, content, text):
    job = imported(api, content)
    assert statuses(api, job) == ["Executing", "Failed"]
    assert text in act(api, "GetExecutionErrors", executionId=job)


def test_d16_jobs_that_do_not_run_or_are_not_known(api):
    assert statuses(api, imported(api, package(GOOD), execute=False))[1] == "NotRun"
    assert api.rows("CustomersV3") == []
    early = api.post(f"{GROUPS}GetExecutionSummaryStatus", {"executionId": "nothere"})
    assert (early.status, "details were not found" in early.reason) == (400, True)
    assert api.post(f"{GROUPS}GetExecutionErrors", {"executionId": "nothere"}).status == 400


def test_d16_a_wrong_address_is_a_failed_job(api):
    body = {"packageUrl": "http://x/.blobs/other?sig=0", "execute": True}
    job = act(api, "ImportFromPackage", executionId="mine", legalEntityId="usmf", **body)
    assert (job, statuses(api, job)[1]) == ("mine", "Failed")


def test_b8_a_job_that_nobody_knows_may_be_called_so(make_api):
    assert statuses(make_api(package_unknown="unknown"), "nothere")[1] == "Unknown"
