"""System pricing, and discounts by line item (rule G8)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.tenant import Tenant

LINE_ITEM = 0  # organization.discountcalculationmethod: 0 line item, 1 per unit
PLACE = "in Sales, Settings > Administration > System settings > Sales:"


def checks(tenant: Tenant) -> Iterator[Check]:
    """With other settings amounts differ for ever between the two systems."""
    columns = ["oobpricecalculationenabled", "discountcalculationmethod"]
    rows = tenant.rows("sales", "organizations", columns)
    if not rows:
        yield note("system pricing (G8)", "Sales shows no organization row")
        return
    on, method = (rows[0].get(column) for column in columns)
    if on:
        yield ok("system pricing (G8)", "on")
    else:
        todo = f"{PLACE} Use system pricing calculation = Yes"
        yield problem("system pricing (G8)", "off", todo)
    if method == LINE_ITEM:
        yield ok("discount method (G8)", "line item")
    else:
        shown = "per unit" if method == 1 else str(method)
        todo = f"{PLACE} Discount calculation method = Line item"
        yield problem("discount method (G8)", shown, todo)
