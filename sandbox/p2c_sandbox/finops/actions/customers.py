"""What F&O's own people keep of a customer that comes from Sales."""

from __future__ import annotations

from typing import Annotated

from p2c_sandbox.finops.desk import Desk
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.taxes import RATES


def set_tax_group(
    desk: Desk,
    *,
    customer: Annotated[str, "Customer account."],
    group: Annotated[str, "Sales tax group, e.g. DOM; a blank one for no tax."],
) -> dict[str, object]:
    """Say which sales tax a customer pays; orders with totals keep what they have."""
    groups = sorted({known for _, known, _ in RATES})
    if group and group.upper() not in groups:
        raise FinopsError(f"There is no sales tax group '{group}': {', '.join(groups)}.")
    key = {"CustomerAccount": customer}
    desk.update("CustomersV3", key, SalesTaxGroup=group.upper())
    return {"company": desk.company, "customer": customer, "tax_group": group.upper()}
