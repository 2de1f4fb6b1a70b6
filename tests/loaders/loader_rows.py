"""Targets and rows that are made up, so that no test leans on the real ones; a still clock."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from loaders.clock import Clock
from loaders.models import Change, Column, WriteTarget

START = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


class FakeClock(Clock):
    """Time moves only when somebody waits for it."""

    def __init__(self) -> None:
        self._lock, self._passed, self._ids = threading.Lock(), 0.0, 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        with self._lock:
            return self._passed

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        self.advance(seconds)
        condition.wait(0.001)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._passed += seconds

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}-{self._ids}"


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def target(system: str = "sales", **changes: Any) -> WriteTarget:
    """A target of each system: `widgets` in Sales, `Gadgets` in F&O."""
    names = {
        "name": Column("name", "varchar"),
        "price": Column("price", "decimal(19,4)"),
        "count": Column("count", "integer"),
        "active": Column("active", "boolean"),
        "since": Column("since", "timestamp with time zone"),
        "day": Column("day", "date"),
    }
    sales = {
        "widgetid": Column("widgetid", "varchar"),
        "ownerid": Column("ownerid", "varchar", lookup="owners"),
    }
    finops = {
        "dataAreaId": Column("dataAreaId", "varchar"),
        "Number": Column("Number", "varchar"),
    }
    values: dict[str, Any] = {
        "model": f"changes_{system}__things",
        "relation": f'"changes"."changes_{system}__things"',
        "flow": "things",
        "system": system,
        "entity_set": "widgets" if system == "sales" else "Gadgets",
        "key": ("widgetid",) if system == "sales" else ("dataAreaId", "Number"),
        "operations": frozenset({"create", "update", "deactivate", "delete"}),
        "columns": {**names, **(sales if system == "sales" else finops)},
    }
    return WriteTarget(**{**values, **changes})


def change(
    number: int = 1, operation: str = "create", system: str = "sales", **more: Any
) -> Change:
    """A change of `target(system)`; `after` and `key_values` may be dicts."""
    key = (
        {"widgetid": guid(number)}
        if system == "sales"
        else {"dataAreaId": "usmf", "Number": f"N-{number}"}
    )
    values: dict[str, Any] = {
        "write_id": f"w-{number}",
        "change_id": f"c-{number}",
        "model": f"changes_{system}__things",
        "flow": "things",
        "operation": operation,
        "source_key": str(number),
        "record_key": f"N-{number}",
        "record_id": guid(number) if system == "sales" else None,
        "key_values": key,
        "etag": None if operation == "create" else 'W/"1"',
        "changed_columns": '["name"]',
        "before": None,
        "after": {"name": f"Thing {number}"},
        "parents": "[]",
    }
    values.update(more)
    for name in ("key_values", "after", "before"):
        if isinstance(values[name], dict):
            values[name] = json.dumps(values[name])
    return Change(**values)
