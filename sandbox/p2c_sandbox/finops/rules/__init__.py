"""Business rules by entity set; a set without an entry has none."""

from collections.abc import Mapping

from p2c_sandbox.finops.rules import (
    contacts,
    customers,
    invoices,
    orders,
    projects,
    quotations,
)
from p2c_sandbox.finops.rules.base import Rules

NO_RULES = Rules()
RULES: Mapping[str, Rules] = {
    "CustomersV2": customers.RULES,
    "CustomersV3": customers.RULES,
    "CDSContactPersons": contacts.RULES,
    "CDSSalesQuotationHeaders": quotations.HEADERS,
    "CDSSalesQuotationLines": quotations.LINES,
    "CDSSalesOrderHeaders": orders.HEADERS,
    "CDSSalesOrderLines": orders.LINES,
    "CDSSalesOrderLinesV2": orders.LINES,
    "SalesOrderLines": invoices.READ_ONLY,
    "ExternallyMaintainedCustomerSalesInvoiceHeaders": invoices.READ_ONLY,
    "ExternallyMaintainedCustomerSalesInvoiceLines": invoices.READ_ONLY,
    "DataManagementDefinitionGroups": projects.PROJECTS,
    "DataManagementDefinitionGroupDetails": projects.DETAILS,
    "DataManagementExecutionJobDetails": invoices.READ_ONLY,
}
