"""Names of data entities as people see them: in data projects and packages (protocols B8)."""

from __future__ import annotations

from collections.abc import Mapping

from p2c_sandbox.odata.model import Service, Table

LABELS: Mapping[str, str] = {
    "Customers V2": "CustomersV2",
    "Customers V3": "CustomersV3",
    "CDS Contacts": "CDSContactPersons",
    "CDS sales order headers": "CDSSalesOrderHeaders",
    "CDS sales order lines": "CDSSalesOrderLines",
    "CDS sales quotation header": "CDSSalesQuotationHeaders",
    "CDS sales quotation lines": "CDSSalesQuotationLines",
    "Sellable released products": "SellableReleasedProducts",
    "Externally maintained customer sales invoice headers": (
        "ExternallyMaintainedCustomerSalesInvoiceHeaders"
    ),
    "Externally maintained customer sales invoice lines": (
        "ExternallyMaintainedCustomerSalesInvoiceLines"
    ),
}
_SETS = {label.lower(): entity_set for label, entity_set in LABELS.items()}


def labelled(service: Service, label: str) -> Table | None:
    """The table behind a label, in any case of letters."""
    return service.tables.get(_SETS.get(label.strip().lower(), ""))
