"""How Dataverse names privileges: `prv`, the access, and a name that tables may share.

A table's own definition is right where it can be asked (`EntityDefinitions(…)`, its `Privileges`);
these names are for pages and files that are written without a tenant. Sources: Microsoft's
"Privileges by entity" of Dynamics CRM (products, price lists and unit groups under Product; orders
under Order), "Quote, order, and invoice entities" (lines need their document's privileges).
"""

from __future__ import annotations

from typing import Literal

Access = Literal["Read", "Create", "Write", "Delete", "Append", "AppendTo", "Assign"]

# In the order a person reads them in Power Platform's role editor.
ACCESSES: tuple[Access, ...] = (
    "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign",
)  # fmt: skip
NAMES = {
    "account": "Account",
    "contact": "Contact",
    "product": "Product",
    "pricelevel": "Product",
    "productpricelevel": "Product",
    "uom": "Product",
    "uomschedule": "Product",
    "quote": "Quote",
    "quotedetail": "Quote",
    "salesorder": "Order",
    "salesorderdetail": "Order",
    "invoice": "Invoice",
    "invoicedetail": "Invoice",
    "transactioncurrency": "TransactionCurrency",
    "businessunit": "BusinessUnit",
    "organization": "Organization",
    "systemuser": "User",
    "team": "Team",
    "entity": "Entity",
    "attribute": "Attribute",
    "relationship": "Relationship",
    "sdkmessage": "SdkMessage",
    "solution": "Solution",
}
# The platform's own tables, whose privileges are found by name, and who reads them: definitions,
# which messages a table takes (every new role may read these), versions of solutions, and whether
# the teams that own records may read them (G8).
DEFINITIONS = {
    "entity": "p2c doctor, p2c setup",
    "attribute": "p2c doctor, p2c setup",
    "relationship": "p2c doctor, p2c setup",
    "sdkmessage": "creating in bulk",
    "solution": "p2c doctor",
    "team": "p2c doctor",
}
DEPTH = "Global"  # what people see as Organization


def privilege_name(table: str, access: Access) -> str:
    """`prvReadOrder`; a table of one's own is named by its logical name."""
    return f"prv{access}{NAMES.get(table, table)}"


def is_known(table: str) -> bool:
    """Whether the name is Microsoft's; else the definition of the table says it."""
    return table in NAMES
