"""What a record that was read back says about the write whose answer is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from loaders.exact_json import loads
from loaders.models import Change, Outcome, WriteTarget
from loaders.services.records import Found, Record, Unreadable, differences
from loaders.units import together, unit_of


def judged_row(
    target: WriteTarget,
    row: Change,
    record: Record | None,
    doubtful: Mapping[str, Outcome | None],
) -> Outcome | None:
    """The verdict on a row read back; None: it was not written, it may be sent again."""
    exists = doubtful[row.write_id]
    written = Outcome(row.write_id, "acknowledged")
    if record is None:
        return _judged_absent(row, written, exists)
    if row.operation != "delete" and not differences(target, loads(row.after), record):
        return written
    if is_unversioned(row) and differences(target, loads(row.before), record):
        return _judged_other(target, row, record, exists)
    if row.operation != "create" and row.etag in (None, record.etag):
        return None
    return _judged_other(target, row, record, exists)


def _judged_absent(row: Change, written: Outcome, exists: Outcome | None) -> Outcome | None:
    if row.operation == "delete":
        return written
    if row.operation == "create":
        return replace(exists, status="rejected") if exists else None
    message = f"{row.record_key} is no longer there; the next run decides."
    return replace(written, status="stale", error_message=message)


def _judged_other(
    target: WriteTarget, row: Change, record: Record, exists: Outcome | None
) -> Outcome:
    wanted = loads(row.after) or loads(row.before)
    found = "; ".join(differences(target, wanted, record)[:5])
    what = "is already there with other values" if row.operation == "create" else "was changed"
    message = f"{row.record_key} {what} ({found}); the next run judges it again."
    return replace(exists or Outcome(row.write_id, "stale"), status="stale", error_message=message)


def is_unpinned(row: Change) -> bool:
    """To be deleted whatever its version, if it still holds what it did (undo of a parent)."""
    return row.operation == "delete" and row.etag is None and bool(row.before)


def is_unversioned(row: Change) -> bool:
    """To be changed or deleted, and without an ETag: it may be unpinned, or was read by a package,
    which has none. What it held stands for it, and the record's ETag of now is sent."""
    return row.operation != "create" and row.etag is None and bool(row.before)


def unreadable(rows: Sequence[Change], records: Mapping[str, Found]) -> Mapping[str, Unreadable]:
    """Rows whose record could not be read back, by write id; a unit is judged whole or not."""
    unread: dict[str, Unreadable] = {}
    for members in together(rows, unit_of):
        found = [records.get(row.write_id) for row in members]
        if odd := next((one for one in found if isinstance(one, Unreadable)), None):
            unread.update({row.write_id: odd for row in members})
    return unread


def whole(
    rows: Sequence[Change], verdicts: Mapping[str, Outcome | None]
) -> dict[str, Outcome | None]:
    """Verdicts on rows read back, None for those that may be sent again.

    Of a new document that is partly there nothing is sent again: the record is somebody else's, or
    the service does not keep change sets whole. What is missing is stale, and the next run judges
    it. A document to be deleted stays whole when one of its records was changed.
    """
    judged = dict(verdicts)
    for members in together(rows, unit_of):
        decided = [row for row in members if _decides(row, verdicts[row.write_id])]
        if members[0].unit and decided:
            missing = [row for row in members if _is_missing(verdicts[row.write_id])]
            judged.update({row.write_id: _left_out(row, members[0], decided[0]) for row in missing})
    return judged


def _decides(row: Change, outcome: Outcome | None) -> bool:
    """Whether what was found of one row keeps the others of its unit from being sent again."""
    if outcome is None:
        return False
    created = outcome.status == "acknowledged" and row.operation == "create"
    return created or outcome.status == "stale"


def _is_missing(outcome: Outcome | None) -> bool:
    return outcome is None or outcome.status == "rejected"


def _left_out(row: Change, document: Change, decided: Change) -> Outcome:
    message = (
        f"{document.record_key} is already there without all that was sent with it: "
        f"{row.record_key} was not written; the next run judges it again."
        if row.operation == "create"
        else f"{row.record_key} stays: {decided.record_key}, which goes with it, was changed."
    )
    return Outcome(row.write_id, "stale", error_message=message)
