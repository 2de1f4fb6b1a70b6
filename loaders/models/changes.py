"""One row to write, what became of it, and what its record held when it was read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    "set_aside",
]

OPERATIONS: tuple[Operation, ...] = ("create", "update", "deactivate", "delete")
WRITTEN: frozenset[Status] = frozenset({"acknowledged", "verified"})


@dataclass(frozen=True)
class Change:
    """One row of a changes model, under its write id in the ledger.

    JSON columns stay text until a writer encodes them: rows are planned without parsing one.
    `unit` names the new document it is written with, all or none: `<its model>/<its record key>`.
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
    not_kept: str | None = None
    error_message: str | None = None
    unit: str | None = None

    @property
    def sent_as(self) -> str:
        """The model whose target sends it: its own, or the document's of its unit."""
        return self.unit.partition("/")[0] if self.unit else self.model


@dataclass(frozen=True)
class Outcome:
    """What became of one write. `sent` false: no request carried it, the row waits as planned."""

    write_id: str
    status: Status
    http_status: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    record_id: str | None = None
    attempts: int = 1


@dataclass(frozen=True)
class Finding:
    """A write read back: no message when the record holds what was written.

    `not_kept` is {column: what the record holds instead}, empty when the record is not as it should
    be altogether (it is gone, or still there).
    """

    message: str | None = None
    not_kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the record is as written."""
        return self.message is None
