"""The values that cross module borders in the loaders: frozen, and no entity is known by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx

from loaders.errors import UnknownModel

System = Literal["sales", "finops"]
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
PlanKind = Literal["changes", "retry", "undo"]
UndoCreate = Literal["delete", "deactivate", "none"]

ApplyStatus = Literal["ok", "partial", "interrupted", "aborted"]

OPERATIONS: tuple[Operation, ...] = ("create", "update", "deactivate", "delete")
MAX_WAIT = 600.0
WRITTEN: frozenset[Status] = frozenset({"acknowledged", "verified"})


@dataclass(frozen=True)
class Service:
    """One reachable service and the application that may use it.

    `url` is the environment's root (no path), `token_url` is complete, tenant included; `transport`
    replaces the network, for tests and recorders.
    """

    name: System
    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    api_version: str = "v9.2"
    ca_file: Path | None = None
    transport: httpx.BaseTransport | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ApplySettings:
    """How hard to push. Sizes are rows, times are seconds.

    The services' own ceilings are 1,000 parts a batch in Sales and 5,000 in F&O (protocols A8, B9),
    and 52 requests at once for one user (A10); a tenant's `x-ms-dop-hint` lowers `workers`.
    `finops_looks_first` reads records of F&O again before updating them: nobody knows whether F&O
    refuses an old ETag in `If-Match` (protocols B4). A Retry-After above `max_wait` ends the run;
    a target stops after `stop_after` rows in a row that fail alike.
    """

    workers: int = 4
    sales_rows_per_request: int = 500
    finops_rows_per_request: int = 250
    finops_looks_first: bool = True
    attempts: int = 6
    timeout: float = 240.0
    max_wait: float = MAX_WAIT
    stop_after: int = 50


@dataclass(frozen=True)
class Column:
    """A column of a target model: its dbt data_type, and how the protocol writes it.

    `lookup` is the entity set a guid points to, `navigation` the property that binds it where its
    name differs from the column's (protocols A6), `read_as` the column that shows it when it is
    read back: a lookup to several tables is bound and read by different names. `compare` is exact,
    lower (case does not matter) or never (the target computes its own). `empty` is what null is in
    F&O where the type alone does not say it (an enum's first member, B6).
    """

    name: str
    data_type: str
    lookup: str | None = None
    navigation: str | None = None
    read_as: str | None = None
    compare: str = "exact"
    empty: str | int | None = None

    @property
    def held_as(self) -> str:
        """The property of a record that holds it."""
        name = self.read_as or self.name
        return f"_{name}_value" if self.lookup else name


@dataclass(frozen=True)
class WriteTarget:
    """One changes model: where its rows are written, and how.

    `sources` are the raw tables it is computed from (`raw_<system>.<table>`), `needs` the changes
    models that are written before it, `part_of` the entity set of the document whose line a record
    is. `whole`: a new document and its lines are written all or none; the document's target has
    theirs as `parts` then. `advice` says what to do when the service refuses a row, by a regular
    expression on its words. `on_demand` flows run only when they are asked for by name. `undo` is
    how a record created here is taken back: deleted, given the values of `deactivate`, or not at
    all for `undo_reason`.
    """

    model: str
    relation: str
    flow: str
    system: System
    entity_set: str
    key: tuple[str, ...]
    operations: frozenset[str]
    columns: Mapping[str, Column]
    on_drift: str = "overwrite"
    on_conflict: str = "hold"
    sources: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    part_of: str | None = None
    whole: bool = False
    parts: tuple[WriteTarget, ...] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
    on_demand: bool = False
    logical_name: str | None = None
    deactivate: Mapping[str, Any] = field(default_factory=dict)
    undo: UndoCreate = "delete"
    undo_reason: str | None = None

    @property
    def name(self) -> str:
        """`<system>.<entity set>`: how reports and the quality models call the target."""
        return f"{self.system}.{self.entity_set}"

    def of(self, row: Change) -> WriteTarget:
        """The target of a row sent with this one's: its own, or that of its lines."""
        for target in (self, *self.parts):
            if target.model == row.model:
                return target
        raise UnknownModel(row.model)

    def advised(self, message: str) -> str:
        """What the service said, with what to do about it where that is declared."""
        for target in (self, *self.parts):
            for words, sentence in target.advice.items():
                if re.search(words, message, re.IGNORECASE):
                    return f"{message} {sentence}"
        return message


@dataclass(frozen=True)
class SyncGraph:
    """All write targets in the order they are written, and the version of the mapping."""

    targets: tuple[WriteTarget, ...]
    version: str

    @property
    def flows(self) -> tuple[str, ...]:
        """Names of the flows, in writing order, each once."""
        return tuple(dict.fromkeys(target.flow for target in self.targets))

    def target(self, model: str) -> WriteTarget:
        """The target of one changes model. Raises UnknownModel."""
        for target in self.targets:
            if target.model == model:
                return target
        raise UnknownModel(model)


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


@dataclass(frozen=True)
class Snapshot:
    """What a plan was computed from: a raw table's load id, rows alive, and when reading began."""

    table: str
    load_id: str
    rows: int
    read_at: datetime


@dataclass(frozen=True)
class Plan:
    """A saved plan. `counts` is {(flow, target): {operation: rows}}; its rows are in the ledger.

    `kind`: what dbt found to change, failed rows of earlier plans, or an earlier plan in reverse.
    """

    plan_id: str
    run_id: str | None
    created_at: datetime
    status: str
    mapping_version: str
    snapshots: tuple[Snapshot, ...]
    fingerprints: Mapping[str, str]
    flows: tuple[str, ...]
    limit: int | None
    counts: Mapping[tuple[str, str], Mapping[str, int]]
    kind: PlanKind = "changes"

    @property
    def changes(self) -> int:
        """Rows in the plan, blocked ones included."""
        return sum(sum(operations.values()) for operations in self.counts.values())


# Raises when a plan must not be saved, or not be applied.
Judge = Callable[[Plan], None]


@dataclass(frozen=True)
class Progress:
    """Told after each answer: rows of one target settled so far, of all the plan has for it."""

    flow: str
    target: str
    done: int
    total: int


@dataclass(frozen=True)
class TargetCounts:
    """Fates at write of one target's planned rows.

    `failed` holds rejected, failed, unresolved and set aside; `set_aside` is the part of it that
    failed the same way too often to be sent again; `unverified` is part of `written`; `unsent` are
    rows that no request carried because the run stopped early or the plan was limited.
    """

    written: int = 0
    failed: int = 0
    stale: int = 0
    blocked: int = 0
    unverified: int = 0
    unsent: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class ApplyReport:
    """Result of an apply. `status` is ok, partial (some rows failed), interrupted or aborted.

    `stopped` has a sentence for each target that ended early because its rows failed alike,
    `set_aside` one for each row or unit that was not sent because it did before.
    """

    plan_id: str
    status: ApplyStatus
    seconds: float
    counts: Mapping[tuple[str, str], TargetCounts]
    requests: int = 0
    error: Exception | None = None
    stopped: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()

    @property
    def written(self) -> int:
        """Records written in all targets."""
        return sum(counts.written for counts in self.counts.values())
