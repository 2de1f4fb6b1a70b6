"""Quotations and orders: their numbers. What a document does comes with the documents."""

from __future__ import annotations

from sandbox.finops.rules.base import Rules
from sandbox.finops.sequences import SALES_ORDERS, SALES_QUOTATIONS

ORDER_RULES = Rules(sequence=SALES_ORDERS)
QUOTATION_RULES = Rules(sequence=SALES_QUOTATIONS)
