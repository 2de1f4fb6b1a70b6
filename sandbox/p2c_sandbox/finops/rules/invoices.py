"""Entities that are for reading: posted invoices, and the standard entity of order lines."""

from __future__ import annotations

from p2c_sandbox.finops.rules.base import Change, Rules


def for_reading(change: Change) -> None:
    """Invoices come from posting, and nothing changes them."""
    change.refuse(f"The data entity {change.table.set} is read-only.")


READ_ONLY = Rules(hooks=(for_reading,), before_delete=(for_reading,))
