"""Business rules by entity set; a set without an entry has none."""

from collections.abc import Mapping

from sandbox.finops.rules import contacts, customers, documents
from sandbox.finops.rules.base import Rules

NO_RULES = Rules()
RULES: Mapping[str, Rules] = {
    "CustomersV2": customers.RULES,
    "CustomersV3": customers.RULES,
    "CDSContactPersons": contacts.RULES,
    "CDSSalesQuotationHeaders": documents.QUOTATION_RULES,
    "CDSSalesOrderHeaders": documents.ORDER_RULES,
}
