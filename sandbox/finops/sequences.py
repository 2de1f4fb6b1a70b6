"""Number sequences: who gives customers and documents their numbers (protocols B6)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.odata.store import Store


@dataclass(frozen=True)
class NumberSequence:
    """Numbers of one field, per company: a prefix and nine digits, e.g. C000000001."""

    code: str
    column: str
    prefix: str

    def next(self, store: Store, company: str) -> str:
        """The next number of a company; kept when the transaction is."""
        number = store.next_number(f"sequence/{company}/{self.code}")
        return f"{self.prefix}{number:09d}"

    def refusal(self) -> str:
        """What the infolog says when a client may not choose the number."""
        return f"Number sequence '{self.code}' does not allow editing."


CUSTOMER_ACCOUNTS = NumberSequence("Cust_1", "CustomerAccount", "C")
SALES_ORDERS = NumberSequence("Sale_1", "SalesOrderNumber", "SO")
SALES_QUOTATIONS = NumberSequence("Sale_2", "SalesQuotationNumber", "SQ")
PARTIES = NumberSequence("Part_1", "PartyNumber", "")
