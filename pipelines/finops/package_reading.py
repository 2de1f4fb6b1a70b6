"""Reading a table by data packages (protocols B7, B8): in full, or what changed where it is told.

- Without change tracking every reading is a package of all rows, compared with OData's count.
- With it a new data project's first package is all rows, later ones those that changed. Packages
  tell nothing of deletions: the keys alone are read over OData when that is due, or when the
  service counts other rows than the warehouse would have.
- A full reading after a set time is the truth the changes are measured against: what they had not
  told is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..common.client import ODataClient
from ..common.package_errors import (
    ActionRefused,
    BadPackage,
    BlobExpired,
    PackageError,
    PackageFailed,
    PackageWithoutFile,
)
from ..common.packages import Patience
from ..common.reading import DELTA, TableRead, Tally, read_all
from ..common.rows import Rows
from ..common.tables import Packaged, Table
from .held import Held, Missed
from .odata import read_pages
from .package_export import Exporter
from .package_state import PackageState
from .packages import package_actions
from .settings import FinopsConnection

# After these the changes of a project cannot be had any more, and a full reading can.
LOST = (ActionRefused, PackageFailed, PackageWithoutFile, BlobExpired, BadPackage)


@dataclass(frozen=True)
class PackageReader:
    """One table. warehouse: what was read before; None where nothing is known of it."""

    client: ODataClient
    connection: FinopsConnection
    table: Table
    tally: Tally
    warehouse: Path | None
    clock: Callable[[], datetime]

    def read(self, state: PackageState | None) -> TableRead:
        """What changed since `state`, or everything. Raises PackageError, CountMismatch."""
        if state is None or self.warehouse is None or not self._packaged.changes:
            return self._everything()
        try:
            changes = self._rows(state)
        except LOST as error:
            return self._instead(state, error)
        if state.is_due("full_at", self.connection.full_read_hours, self.clock()):
            return self._measured(state.exported(), changes)
        return self._changes(state.exported(), changes)

    # -- in full ----------------------------------------------------------------------------------

    def _everything(self) -> TableRead:
        """All rows by a new project, compared with the service's count."""
        used: list[PackageState] = []

        def read() -> TableRead:
            used.append(PackageState.new(self.table.name, changes=self._packaged.changes))
            self._exporter.make_project(used[-1])
            rows = self._rows(used[-1])
            return TableRead(rows, entries=rows.num_rows, pages=1)

        try:
            found = read_all(self.table, read, self._count)
        finally:
            self._clear_away(used if not self._packaged.changes else used[:-1])
        if not self._packaged.changes:
            return found
        return replace(found, delta_link=used[-1].exported().read_in_full(self.clock()).link)

    def _instead(self, state: PackageState, error: PackageError) -> TableRead:
        found = self._everything()
        self._clear_away([state])
        warning = f"{self.table.name}: read in full, because its changes cannot be had ({error})"
        return replace(found, warnings=(*found.warnings, warning))

    def _measured(self, state: PackageState, changes: Rows) -> TableRead:
        """All rows, and a warning where they are not what the changes had told."""
        found = self._everything()
        try:
            later = self._rows(state)
        except LOST as error:
            return self._with(found, f"{self.table.name}: the changes were not measured ({error})")
        self._clear_away([state])
        missed = self._held.missed(found.rows, changes, later)
        return self._with(found, _told(self.table.name, missed) if missed.count else "")

    # -- changes ----------------------------------------------------------------------------------

    def _changes(self, state: PackageState, changes: Rows) -> TableRead:
        count = self._count()
        is_due = state.is_due("keys_at", self.connection.keys_hours, self.clock())
        if not is_due and count in (None, self._held.count_with(changes)):
            return TableRead(
                changes, DELTA, entries=changes.num_rows, service_count=count,
                delta_link=state.link, pages=1,
            )  # fmt: skip
        return self._with_keys(state, changes)

    def _with_keys(self, state: PackageState, changes: Rows) -> TableRead:
        """The changes, and which rows are gone by the keys that are still there."""
        keys = self._keys()
        if self._held.unknown(keys.rows, changes):  # made since the export, or missed by it
            for part in self._rows(state).tables():
                changes.add(part)
            changes.keep_last()
            state = state.exported()
        if count := self._held.unknown(keys.rows, changes):
            found = self._everything()
            self._clear_away([state])
            return self._with(found, _told(self.table.name, Missed(count, ())))
        gone = self._held.gone(keys.rows, self.clock())
        changes.add(gone)
        changes.keep_last()
        return TableRead(
            changes, DELTA, entries=changes.num_rows, service_count=keys.rows.num_rows, pages=1,
            gone=gone.num_rows, delta_link=replace(state, keys_at=self.clock().isoformat()).link,
        )  # fmt: skip

    def _keys(self) -> TableRead:
        """The key columns of all rows, over OData."""
        columns = tuple(c for c in self.table.columns if c.name in self.table.key)
        return read_pages(self.client, replace(self.table, columns=columns), lambda _: None)

    # -- both -------------------------------------------------------------------------------------

    @property
    def _packaged(self) -> Packaged:
        assert self.table.packaged is not None
        return self.table.packaged

    @property
    def _held(self) -> Held:
        assert self.warehouse is not None
        return Held(self.warehouse, self.table)

    @property
    def _exporter(self) -> Exporter:
        patience = Patience(end=self.connection.package_minutes * 60)
        actions = package_actions(self.client, self.table.name, patience)
        return Exporter(self.client, self.table, actions, self.tally)

    def _rows(self, state: PackageState) -> Rows:
        exporter = self._exporter
        return exporter.rows(state, exporter.companies())

    def _count(self) -> int | None:
        return self.client.count(self.table, self.connection.query)

    def _clear_away(self, states: list[PackageState]) -> None:
        for state in states:
            self._exporter.remove_project(state)

    @staticmethod
    def _with(found: TableRead, warning: str) -> TableRead:
        return replace(found, warnings=(*found.warnings, warning)) if warning else found


def _told(name: str, missed: Missed) -> str:
    shown = f" (such as {', '.join(missed.examples)})" if missed.examples else ""
    return (
        f"{name}: a full reading found {missed.count:,} rows{shown} that the export of changes had "
        "not told of; they are read now. Change tracking of the primary table alone misses changes "
        "in related tables: choose the entire entity, or take `changes: true` out of tables.yml"
    )
