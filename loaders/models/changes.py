"""One row to write, what became of it, and what its record held when it was read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from loaders.exact_json import loads

Operation = Literal["create", "update", "deactivate", "delete"]
Status = Literal[
    "planned",
    "sent",
    "acknowledged",
    "verified",
    "rejected",
    "stale",
    "blocked",
    "failed",
    "unresolved",
    "quarantined",
]

Interim = Literal["exists", "retry", "doubtful"]

OPERATIONS: tuple[Operation, ...] = ("create", "update", "deactivate", "delete")
# What takes a record away that the target has.
REMOVALS: tuple[Operation, ...] = ("deactivate", "delete")
WRITTEN: frozenset[Status] = frozenset({"acknowledged", "verified"})
# What is left of an answer that is not final, once nothing more is tried.
FINAL: Mapping[Status | Interim, Status] = {
    "exists": "stale",
    "retry": "failed",
    "doubtful": "failed",
}


@dataclass(frozen=True)
class Change:
    """One row of a changes model, under its write id in the ledger.

    JSON columns stay text until a writer encodes them: rows are planned without parsing one.
    `unit` names the new document it is written with, all or none: `<its model>/<its record key>`.
    `agreement` is what the models want to know again of a record whose pair is new or where values
    of the target stay: {"first_contact", "held", "kept"}, or {"undone": the same} where that was
    taken back. `idempotency_key` is the same for the same intended write, in whichever plan.
    """

    write_id: str
    change_id: str
    model: str
    flow: str
    operation: Operation
    source_key: str | None
    record_key: str
    record_id: str | None
    key_values: str
    etag: str | None
    changed_columns: str
    before: str | None
    after: str | None
    parents: str
    status: Status = "planned"
    attempts: int = 0
    not_persisted: str | None = None
    error_message: str | None = None
    unit: str | None = None
    agreement: str | None = None
    idempotency_key: str = ""

    @property
    def is_first_contact(self) -> bool:
        """Whether it is the first that the two linked records are to agree on."""
        return bool(self.agreement and loads(self.agreement).get("first_contact"))

    @property
    def kept(self) -> Mapping[str, Any]:
        """What the source has in columns that stay as the target has them."""
        return dict(loads(self.agreement).get("kept", {})) if self.agreement else {}

    @property
    def sent_as(self) -> str:
        """The model whose target sends it: its own, or the document's of its unit."""
        return self.unit.partition("/")[0] if self.unit else self.model


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one write, as its service's answer says or as it was read back.

    On the way of a request the status may be interim. `exists`: a create met a record, read it
    back. `retry`: not processed, it may be sent again. `doubtful`: nobody knows whether it was
    processed, read it back. The ledger keeps `final()` alone. `named` is the write id that a change
    set's single answer carries: the row at fault.
    """

    write_id: str
    status: Status | Interim
    http_status: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    record_id: str | None = None
    attempts: int = 1
    named: str | None = None

    def final(self, attempts: int) -> Outcome:
        """The same for the ledger, after so many requests that carried it."""
        status = FINAL.get(self.status, self.status)
        if status == self.status and attempts == self.attempts:
            return self
        return replace(self, status=status, attempts=attempts)


@dataclass(frozen=True)
class Verification:
    """A write read back: no message when the record holds what was written.

    `not_persisted` is {column: what the record holds instead}, empty when the record is not as it
    should be altogether (it is gone, or still there).
    """

    message: str | None = None
    not_persisted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the record is as written."""
        return self.message is None
