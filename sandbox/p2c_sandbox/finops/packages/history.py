"""`DataManagementExecutionJobDetails`: what each job did with each entity (protocols B8)."""

from __future__ import annotations

from collections.abc import Mapping

from p2c_sandbox.odata.model import Value
from p2c_sandbox.odata.store import Store

SET = "DataManagementExecutionJobDetails"


class History:
    """Kept in the store, as the service keeps it for a while after a job's end."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def exported(self, job: str, project: str, rows: Mapping[str, int], *, ended: bool) -> None:
        """Rows of an export by entity."""
        status = "Ended" if ended else "Executing"
        for label, count in rows.items():
            self._keep(job, project, label, StagingStatus=status, TargetStatus=status,
                       StagingRecordsToBeProcessedCount=count)  # fmt: skip

    def imported(self, job: str, project: str, label: str, *, created: int, updated: int) -> None:
        """Rows of an import."""
        self._keep(job, project, label, StagingStatus="Ended", TargetStatus="Ended",
                   StagingRecordsToBeProcessedCount=created + updated,
                   TargetRecordsCreatedCount=created,
                   TargetRecordsUpdatedCount=updated)  # fmt: skip

    def _keep(self, job: str, project: str, label: str, **more: Value) -> None:
        counts = ("StagingRecordsToBeProcessedCount", "TargetRecordsCreatedCount",
                  "TargetRecordsUpdatedCount")  # fmt: skip
        key = {"JobId": job, "EntityName": label}
        row = {**key, "DefinitionGroupId": project, **dict.fromkeys(counts, 0), **more}
        with self.store.transaction():
            if (found := self.store.get(SET, key)) is not None:
                self.store.delete(SET, found)
            self.store.insert(SET, [row])
