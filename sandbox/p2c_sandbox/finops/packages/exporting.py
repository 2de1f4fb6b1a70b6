"""ExportToPackage: which entities of a project, whole or what changed since (protocols B8).

The first incremental export of an entity is full; later ones hold whole rows that were written
since the last export of the same project, entity and company that went well, downloaded or not.
Deleted rows are in no package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.labels import labelled
from p2c_sandbox.finops.packages.csvfile import pieces, wanted
from p2c_sandbox.finops.packages.zipped import Part, package
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.errors import NotOffered
from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.odata.store import Store

PROJECTS = "DataManagementDefinitionGroups"
DETAILS = "DataManagementDefinitionGroupDetails"
INCREMENTAL = "IncrementalPush"
CSV_UNICODE = "CSV-Unicode"


class ExportError(Exception):
    """The job fails; the sentence says why."""


class Exported(NamedTuple):
    """A package (None: no row, and such exports have no file), rows by entity, and where each
    started. `mapped`: without a field map nothing is staged and the job does not end."""

    package: bytes | None
    rows: Mapping[str, int]
    since: Mapping[str, int]
    mapped: bool = True


def project_of(store: Store, name: str) -> Row:
    """The data project to export. Raises FinopsError."""
    found = store.get(PROJECTS, {"Name": name})
    if found is None:
        raise FinopsError(f"The data project '{name}' does not exist.")
    if found["OperationType"] != "Export":
        raise FinopsError(f"The data project '{name}' is not an export project.")
    return found


def export(
    store: Store,
    settings: FinopsSettings,
    project: str,
    company: str,
    again: Mapping[str, int] | None = None,
) -> Exported:
    """Make the package; `again`: where a job that is executed again had started.

    Raises ExportError, and NotOffered for another format than CSV-Unicode.
    """
    details = [row for row in _details(store, project) if row["Disable"] != "Yes"]
    if store.get("LegalEntities", {"LegalEntityId": company}) is None:
        raise ExportError(f"The legal entity '{company}' does not exist.")
    if not details:
        raise ExportError(f"The data project '{project}' has no entities.")
    if any(row["AutoGenerateMapping"] != "Yes" for row in details):
        return Exported(None, {str(row["EntityName"]): 0 for row in details}, {}, mapped=False)
    with store.transaction():
        since = {str(d["EntityName"]): _since(store, settings, d, company) for d in details}
        since |= again or {}
        parts, rows = _parts(store, settings, details, company, since)
        content = package(project, parts, settings)
        for detail in details:
            if detail["DefaultRefreshType"] == INCREMENTAL:
                store.set_number(_watermark(detail, company), store.version)
    without_file = not any(rows.values()) and settings.package_no_changes == "no_file"
    return Exported(None if without_file else content, rows, since)


def reset(store: Store, project: str, label: str) -> bool:
    """ResetVersionToken: the next incremental export is full, in every company."""
    found = store.get(DETAILS, {"DefinitionGroupId": project, "EntityName": label})
    if found is None:
        return False
    with store.transaction():
        for entity in store.find("LegalEntities", {}):
            store.set_number(_watermark(found, str(entity["LegalEntityId"])), 0)
    return True


def _details(store: Store, project: str) -> Iterator[Row]:
    found = store.find(DETAILS, {"DefinitionGroupId": project})
    order = ("ExecutionUnit", "LevelInExecutionUnit", "SequenceInLevel")
    yield from sorted(found, key=lambda row: [int(str(row[name])) for name in order])


def _parts(
    store: Store,
    settings: FinopsSettings,
    details: list[Row],
    company: str,
    since: Mapping[str, int],
) -> tuple[list[Part], dict[str, int]]:
    parts, rows = [], {}
    for detail in details:
        label, table = str(detail["EntityName"]), _table(store, detail)
        where = wanted(table, company, since[label])
        sql = f'SELECT count(*) FROM "{table.storage}" t WHERE {where.text}'
        rows[label] = int(store.execute(sql, where.params)[0][0])
        parts.append(Part(detail, table, pieces(store, table, settings, where)))
    return parts, rows


def _table(store: Store, detail: Row) -> Table:
    table = labelled(store.service, str(detail["EntityName"]))
    if table is None:
        name = detail["EntityName"]
        raise ExportError(f"Entity {name} does not exist in the target environment.")
    if detail["SourceFormat"] != CSV_UNICODE:
        raise NotOffered(f"The sandbox does not export as {detail['SourceFormat']}.")
    return table


def _since(store: Store, settings: FinopsSettings, detail: Row, company: str) -> int:
    if detail["DefaultRefreshType"] != INCREMENTAL:
        return 0
    if _table(store, detail).set in settings.package_untracked.split(","):
        raise ExportError(
            f"Change tracking is not enabled for the entity {detail['EntityName']}, which an "
            "incremental push needs."
        )
    return store.number(_watermark(detail, company))


def _watermark(detail: Row, company: str) -> str:
    """Per project, entity and company; shared entities have one for each company, too."""
    return f"dmf/{detail['DefinitionGroupId']}/{detail['EntityName']}/{company}/{COMPANY}"
