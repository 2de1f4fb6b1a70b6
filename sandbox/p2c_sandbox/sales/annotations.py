"""Annotations on request: formatted values, lookup targets, counts (protocols A3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase

import orjson

from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Column, Table
from p2c_sandbox.odata.store import Store

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
TOTAL_EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
PREFERENCE = "odata.include-annotations"


class Annotator:
    """Adds the annotations that `Prefer: odata.include-annotations` names."""

    def __init__(self, store: Store, table: Table, patterns: list[str]) -> None:
        self.store = store
        self.table = table
        self.patterns = patterns

    @classmethod
    def of(cls, store: Store, table: Table, prefer: Mapping[str, str]) -> Annotator | None:
        """None when no annotations were asked for."""
        asked = prefer.get(PREFERENCE)
        if not asked:
            return None
        return cls(store, table, [part.strip() for part in asked.split(",")])

    def wants(self, name: str) -> bool:
        """True when a pattern such as `*` or `Microsoft.Dynamics.CRM.*` names the annotation."""
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)

    def counts(self, total: int | None, cap: int) -> Json:
        """Members beside `value`: -1 when `$count` was not asked."""
        found: Json = {}
        if self.wants(TOTAL):
            found[f"@{TOTAL}"] = -1 if total is None else min(total, cap)
        if self.wants(TOTAL_EXCEEDED):
            found[f"@{TOTAL_EXCEEDED}"] = total is not None and total > cap
        return found

    def annotate(self, rows: list[Json]) -> None:
        """Put annotations into the rows, each next to its column."""
        for name in [name for name in (rows[0] if rows else {}) if name in self.table.by_wire]:
            column = self.table.by_wire[name]
            if column.is_lookup:
                self._lookup(rows, column)
            elif self.wants(FORMATTED):
                self._formatted(rows, column)

    def _formatted(self, rows: list[Json], column: Column) -> None:
        for row in rows:
            if (value := row[column.wire]) is not None and column.type not in ("string", "guid"):
                row[f"{column.wire}@{FORMATTED}"] = formatted(column, value)

    def _lookup(self, rows: list[Json], column: Column) -> None:
        found = self._targets(column, [row[column.wire] for row in rows if row[column.wire]])
        for row in rows:
            entity, navigation, name = found.get(row[column.wire], ("", "", None))
            if not entity:
                continue
            if self.wants(FORMATTED) and name is not None:
                row[f"{column.wire}@{FORMATTED}"] = name
            if self.wants(LOGICAL_NAME):
                row[f"{column.wire}@{LOGICAL_NAME}"] = entity
            if self.wants(NAVIGATION):
                row[f"{column.wire}@{NAVIGATION}"] = navigation

    def _targets(self, column: Column, ids: list[str]) -> dict[str, tuple[str, str, str | None]]:
        """Guid -> logical name, navigation property, primary name of the row it points to."""
        found: dict[str, tuple[str, str, str | None]] = {}
        wanted = list(dict.fromkeys(ids))
        for navigation, target_set in column.targets.items():
            target = self.store.service.table(target_set)
            for row in self.store.get_many(target_set, target.key_column, wanted):
                name = row[target.name_column] if target.name_column else None
                text = None if name is None else str(name)
                found.setdefault(str(row[target.key_column]), (target.entity, navigation, text))
        return found


def formatted(column: Column, value: object) -> str:
    """A value as the English (US) user interface shows it."""
    if column.is_scaled or column.type == "bigint":
        number = Decimal(bytes(orjson.dumps(value)).decode().strip('"'))
        return f"${number:,.2f}" if column.type == "money" else f"{number:,}"
    if isinstance(value, bool):
        return column.options.get(int(value), "Yes" if value else "No")
    if isinstance(value, int):
        return column.options.get(value, f"{value:,}")
    if column.type == "datetime":
        moment = datetime.fromisoformat(str(value))
        hour = moment.hour % 12 or 12
        half = "AM" if moment.hour < 12 else "PM"
        return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment.minute:02d} {half}"
    year, month, day = str(value).split("-")
    return f"{int(month)}/{int(day)}/{year}"
