"""Where changes are written, as the dbt project declares it: no entity is known by name here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loaders.errors import UnknownModel
from loaders.models.changes import Change
from loaders.models.services import System

UndoCreate = Literal["delete", "deactivate", "none"]


@dataclass(frozen=True)
class Column:
    """A column of a target model: its dbt data_type, and how the protocol writes it.

    `lookup` is the entity set a guid points to, `navigation` the property that binds it where its
    name differs from the column's (protocols A6), `read_as` the column that shows it when it is
    read back: a lookup to several tables is bound and read by different names. `compare` is exact,
    lower (case does not matter) or never (the target computes its own). `empty` is what null is in
    F&O where the type alone does not say it (an enum's first member, protocols B6).
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

    `on_delete` is what happens to a record whose source is gone: ignore, deactivate or delete.
    `sources` are the raw tables it is computed from (`raw_<system>.<table>`), `needs` the changes
    models that are written before it, `part_of` the entity set of the document whose line a record
    is. `whole`: a new document and its lines are written all or none; the document's target has
    theirs as `parts` then. `advice` says what to do when the service refuses a row, by a regular
    expression on its words. `on_demand` flows run only when they are asked for by name. `undo` is
    how a record created here is taken back: deleted, given the values of `deactivate`, or not at
    all for `undo_reason`. `package` is the label of its data entity where new records may go as a
    data package (protocols B8).
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
    on_delete: str = "ignore"
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
    package: str | None = None

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
            for pattern, advice in target.advice.items():
                if re.search(pattern, message, re.IGNORECASE):
                    return f"{message} {advice}"
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
