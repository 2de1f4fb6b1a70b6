"""What whole runs of `p2c` left in both systems, past the loaders; commands in the background."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from tests.loop.world import COMMAND, Row, World

TARGETS = {
    "sales": {
        "products": ("productnumber",),
        "productpricelevels": ("_productid_value", "_pricelevelid_value", "_uomid_value"),
        "salesorders": ("salesorderid",),
        "salesorderdetails": ("_salesorderid_value", "sequencenumber", "salesorderdetailname"),
        "invoices": ("invoiceid",),
        "invoicedetails": ("invoicedetailid",),
    },
    "finops": {
        "CustomersV2": ("dataAreaId", "CustomerAccount"),
        "CDSContactPersons": ("dataAreaId", "ContactPersonPartyNumber", "AssociatedPartyNumber"),
        "CDSSalesQuotationHeaders": ("dataAreaId", "SalesQuotationNumber"),
        "CDSSalesQuotationLines": (
            "dataAreaId",
            "SalesQuotationNumber",
            "LineCreationSequenceNumber",
        ),
        "CDSSalesOrderHeaders": ("dataAreaId", "SalesOrderNumber"),
        "CDSSalesOrderLines": ("dataAreaId", "SalesOrderNumber", "LineCreationSequenceNumber"),
    },
}
# What a service notes about a record by itself. Its own plug-ins make price list items and the line
# of the header's tax.
OWN = re.compile(
    r"@odata|^(modified|created|overridden)|versionnumber|productpricelevelid|salesorderdetailid"
    r"|RecId|InventoryLotId|OrderCreationDateTime"
)
State = dict[tuple[str, str], list[Row]]


def state(world: World) -> State:
    """What both systems hold of the records that flows write, without the services' own notes."""
    found: State = {}
    for system, sets in TARGETS.items():
        api = world.sales if system == "sales" else world.finops
        for entity_set, key in sets.items():
            query = "cross-company=true" if system == "finops" else ""
            rows = sorted(api.rows(entity_set, query), key=lambda row: key_of(row, key))
            kept = [{n: v for n, v in row.items() if not OWN.search(n)} for row in rows]
            found[system, entity_set] = kept
    return found


def key_of(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    """A record's natural key, for there may be only one with it."""
    return tuple(str(row[name]) for name in names)


def popen(
    world: World, *words: str, command: Sequence[str] = tuple(COMMAND)
) -> subprocess.Popen[str]:
    """A command in the background."""
    return subprocess.Popen(
        [*command, *words],
        cwd=world.project,
        env=world._environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def runs_to_the_fixed_point(world: World) -> int:
    """Runs until one writes nothing."""
    for number in range(1, 5):
        answer = world.p2c("run", "--json")
        assert answer.exit == 0, answer.err
        if answer.json["writes"] == 0:
            return number
    raise AssertionError("no fixed point")
