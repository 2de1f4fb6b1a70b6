"""Plans a run in reverse, from the before-images the ledger kept.

What was updated gets its values back, what was created is deleted or deactivated; each row carries
the version its record has now, so that applying it meets either that record or none. A record that
somebody changed since, or that a later run wrote, is left alone, and the plan says so.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.errors import UndoRefused
from loaders.exact_json import dumps, loads
from loaders.ledger.history import standing
from loaders.ledger.ledger import Ledger
from loaders.models import (
    ApplySettings,
    Change,
    Plan,
    Service,
    SyncGraph,
    System,
    WriteTarget,
)
from loaders.planning.rows import Row, writes
from loaders.services.readback import read_records
from loaders.services.records import Found, Record, Unreadable, described, not_held
from loaders.services.writers import Writers

PRUNED = "Rows of it were dropped for their age (setting `ledger_days`)."
Later = Mapping[str, Any] | None


def make_undo(
    graph: SyncGraph,
    ledger: Ledger,
    plan_id: str,
    services: Mapping[System, Service],
    *,
    run_id: str | None = None,
    settings: ApplySettings | None = None,
) -> Plan:
    """Save the reverse of what a plan wrote; reads the records, writes to no target.

    Rows that cannot be taken back are in the plan as blocked, with the reason. Raises UnknownPlan,
    UndoRefused when that is all of them, ServiceError.
    """
    if ledger.plan(plan_id).is_pruned:
        raise UndoRefused(plan_id, (PRUNED,))
    written = list(standing(ledger, plan_id))[::-1]
    with Writers(services, settings or ApplySettings(), threading.Event(), ledger.clock) as writers:
        rows = list(_Undo(graph, writers).rows(written))
    refused = [str(row["error_message"]) for row in rows if row.get("status") == "blocked"]
    if len(refused) == len(rows):
        raise UndoRefused(plan_id, _commonest(refused) or ("It wrote nothing.",))
    plan = Plan(
        plan_id=ledger.clock.new_id("plan"),
        run_id=run_id,
        created_at=ledger.clock.now(),
        status="planned",
        mapping_version=graph.version,
        snapshots=(),
        fingerprints={},
        flows=tuple(dict.fromkeys(row["flow"] for row in rows)),
        limit=None,
        counts={},
        kind="undo",
    )
    return ledger.add_plan(plan, writes(rows))


def _commonest(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(reason for reason, _ in Counter(reasons).most_common())


class _Item:
    """One write, its record as it is now, and why it stays as it is, if it does."""

    def __init__(self, target: WriteTarget, change: Change, found: Found) -> None:
        self.target, self.change = target, change
        self.unread = found.message if isinstance(found, Unreadable) else None
        self.record: Record | None = None if isinstance(found, Unreadable) else found
        self.name = f"{target.name}/{change.record_key}"
        self.parents: list[str] = json.loads(change.parents or "[]")
        self.reason: str | None = None

    @property
    def documents(self) -> list[str]:
        """The records it is a part of: the header of a line."""
        document = f"{self.target.system}.{self.target.part_of}/"
        return [name for name in self.parents if self.target.part_of and name.startswith(document)]

    def stay(self, why: str) -> None:
        """It is not taken back after all."""
        self.reason = f"{self.change.record_key} stays, because {why}."


class _Undo:
    """Reverse rows, children before the parents they refer to."""

    def __init__(self, graph: SyncGraph, writers: Writers) -> None:
        self._graph, self._writers = graph, writers

    def rows(self, written: Sequence[tuple[Change, Later]]) -> Iterator[Row]:
        """One ledger row for each write, in reverse order."""
        items = list(self._items(written))
        _keep_together(items)
        referred = {name for item in items for name in item.parents}
        for item in items:
            yield _row(item, is_parent=item.name in referred)

    def _items(self, written: Sequence[tuple[Change, Later]]) -> Iterator[_Item]:
        records = self._records([change for change, _ in written])
        for change, later in written:
            record = records.get(change.write_id)
            item = _Item(self._graph.target(change.model), change, record)
            item.reason = _refusal(item, later)
            yield item

    def _records(self, written: Sequence[Change]) -> Mapping[str, Found]:
        """What the records hold now, by write id."""
        records: dict[str, Found] = {}
        for _, _, found in read_records(self._graph, self._writers, written):
            records.update(found)
        return records


def _keep_together(items: Sequence[_Item]) -> None:
    """What stays keeps the records it refers to; a document that stays keeps its lines."""
    created = {item.name: item for item in items if item.change.operation == "create"}
    parts: dict[str, list[_Item]] = {}
    for item in items:
        for name in item.documents:
            parts.setdefault(name, []).append(item)
    staying = [item for item in items if item.reason]
    while staying:
        one = staying.pop()
        parents = [created[name] for name in one.parents if name in created]
        for other in [*parents, *parts.get(one.name, ())]:
            if other.reason is None:
                part = one.name in other.documents
                what = "the document it is part of" if part else "a record that refers to it"
                other.stay(f"{what} does")
                staying.append(other)


def _row(item: _Item, *, is_parent: bool) -> Row:
    """A ledger row. A parent's version moves as its children go: its values are judged instead."""
    target, change, record = item.target, item.change, item.record
    row = {
        "change_id": f"undo-{change.change_id}",
        "model": target.model,
        "flow": target.flow,
        "system": target.system,
        "entity_set": target.entity_set,
        "operation": change.operation,
        "record_key": change.record_key,
        "record_id": change.record_id,
        "source_key": change.source_key,
        "key_values": change.key_values,
        "etag": record.etag if record else None,
        "changed_columns": change.changed_columns,
        "before": change.after,
        "after": change.before,
        "parents": "[]",
        "agreement": _agreement(change),
    }
    if item.reason:
        return {**row, "status": "blocked", "error_message": item.reason}
    if change.operation == "create":
        row.update(_removal(target, change, record))
    if change.operation == "deactivate":
        row["operation"] = "update"  # it gets back what the deactivation took
    if row["operation"] == "delete":
        row["unit"] = change.unit  # what came whole goes whole
        row["etag"] = None if is_parent else row["etag"]
    return row


def _agreement(change: Change) -> str | None:
    """A first contact taken back was none; what another write left alone is left alone again.

    The undo of such an undo is the first contact once more.
    """
    if change.is_first_contact:
        return f'{{"undone":{change.agreement}}}'
    if undone := loads(change.agreement).get("undone"):
        return dumps(undone).decode()
    return change.agreement


def _refusal(item: _Item, later: Later) -> str | None:
    """Why a write stays as it is; None when it can be taken back."""
    name = item.change.record_key
    if later:
        run = later["run_id"] or later["plan_id"]
        return f"{name} was written again by {run}: undo that first."
    if reason := _policy(item.target, item.change):
        return f"{name}: {reason}"
    if item.unread:
        return f"{name}: {item.unread}"
    if item.record is None:
        return f"{name} is no longer there."
    if changed := _changed(item.target, item.change, item.record):
        return f"{name} was changed since: {'; '.join(changed)}."
    return None


def _policy(target: WriteTarget, change: Change) -> str | None:
    """Why no write of this kind can be taken back."""
    if change.operation == "create":
        if target.undo == "none":
            return target.undo_reason or f"records in {target.name} are never taken back."
        if target.undo == "deactivate" and not target.deactivate:
            return f"{target.name} declares no `deactivate` values."
    elif change.operation == "delete":
        return "the ledger does not hold deleted records; the next run creates what is missing."
    elif not change.before:
        return f"what it was before the {change.operation} is not in the ledger."
    return None


def _changed(target: WriteTarget, change: Change, record: Record) -> list[str]:
    """What the record no longer holds of what was written, and did hold once."""
    wanted = loads(change.after)
    found = not_held(target, wanted, record)
    never_persisted = loads(change.not_persisted)
    return described(wanted, {n: v for n, v in found.items() if n not in never_persisted})


def _removal(target: WriteTarget, change: Change, record: Record | None) -> Row:
    """A created record, taken back as its target says; by the key it has now (protocols B4)."""
    held = record.values if record else {}
    key = {n: v if v is not None else held.get(n) for n, v in loads(change.key_values).items()}
    if target.undo == "deactivate":
        return {
            "operation": "deactivate",
            "before": None,
            "after": dumps(target.deactivate).decode(),
            "changed_columns": json.dumps(list(target.deactivate)),
            "key_values": dumps(key).decode(),
        }
    return {"operation": "delete", "after": None, "key_values": dumps(key).decode()}
