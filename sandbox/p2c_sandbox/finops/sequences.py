"""Number sequences: who gives customers and documents their numbers (protocols B6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c_sandbox.odata.store import Store

FIRST: Mapping[str, int] = {"demf": 500_000_001}


@dataclass(frozen=True)
class NumberSequence:
    """Numbers of one field, per company: a prefix and nine digits, e.g. C000000001.

    With `apart` each company counts on from a number of its own, as a careful administrator sets
    it up for what goes to Sales: there the numbers of all companies meet (flows O9).
    """

    code: str
    column: str
    prefix: str
    apart: bool = False

    def next(self, store: Store, company: str) -> str:
        """The next number of a company; kept when the transaction is."""
        first = FIRST.get(company, 1) if self.apart else 1
        number = store.next_number(f"sequence/{company}/{self.code}", first=first)
        return f"{self.prefix}{number:09d}"

    def refusal(self) -> str:
        """What the infolog says when a client may not choose the number."""
        return f"Number sequence '{self.code}' does not allow editing."


CUSTOMER_ACCOUNTS = NumberSequence("Cust_1", "CustomerAccount", "C")
SALES_ORDERS = NumberSequence("Sale_1", "SalesOrderNumber", "SO", apart=True)
SALES_QUOTATIONS = NumberSequence("Sale_2", "SalesQuotationNumber", "SQ", apart=True)
PARTIES = NumberSequence("Part_1", "PartyNumber", "")
LOTS = NumberSequence("Inve_1", "InventoryLotId", "LOT")
INVOICES = NumberSequence("Sale_3", "InvoiceNumber", "CIV", apart=True)
CREDIT_NOTES = NumberSequence("Sale_4", "InvoiceNumber", "CCN", apart=True)
VOUCHERS = NumberSequence("Sale_5", "LedgerVoucher", "CIVV")
