"""What people do with Northwind's orders in both systems, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

from p2c_sandbox.process import Running
from p2c_sandbox.sales.desk import session

from tests.loop.world import SALES_PATH, Row, World

from .convert import COMPANY
from .orders import Order

ACTIVE = 647390000
SYNCED = ("confirm-order", "calculate-totals", "pick", "packing-slip", "invoice")
TIMEOUT_SECONDS = 120.0


def make_sellable(world: World) -> None:
    """Northwind's products were discontinued after its orders: F&O refuses stopped ones."""
    stopped = "$filter=IsSalesStopped eq Microsoft.Dynamics.DataEntities.NoYes'Yes'"
    for row in world.finops.rows("SellableReleasedProducts", stopped):
        key = f"dataAreaId='{COMPANY}',ProductNumber='{row['ProductNumber']}'"
        world.finops.update(f"SellableReleasedProducts({key})", {"IsSalesStopped": "No"})


def tax_domestic(world: World, orders: Sequence[Order]) -> None:
    """Put the customers that pay tax into the tax group of F&O whose rate is 6.5 %."""
    for customer in sorted({order.customer for order in orders if order.percent}):
        key = f"dataAreaId='{COMPANY}',CustomerAccount='{customer}'"
        world.finops.update(f"CustomersV3({key})", {"SalesTaxGroup": "DOM"})


def activate_products(world: World) -> None:
    """Products arrive as drafts (P5), and only active ones can be sold."""
    _update_all(world, "products", "product", {"statecode": 0, "statuscode": 1})


def activate_orders(world: World) -> None:
    """Activate every order of Sales, as the button does."""
    _update_all(world, "salesorders", "salesorder", {"msdynce_processingstatus": ACTIVE})


def _update_all(world: World, entity_set: str, entity: str, values: Row) -> None:
    """The same values for every row of Sales, in one bulk message."""
    key, named = f"{entity}id", f"Microsoft.Dynamics.CRM.{entity}"
    targets = [
        {"@odata.type": named, key: row[key], **values}
        for row in world.sales.rows(entity_set, f"$select={key}")
    ]
    running = world.sandbox
    secret = (running.client_id, running.client_secret)
    with session(running.sales.url, running.sales.token_url, secret) as http:
        path = f"{SALES_PATH}{entity_set}/Microsoft.Dynamics.CRM.UpdateMultiple"
        answer = http.post(path, json={"Targets": targets}, timeout=TIMEOUT_SECONDS)
        assert answer.is_success, answer.text


def deliver_and_invoice(running: Running, orders: Sequence[Order]) -> None:
    """In F&O: charge the freight, confirm, total, pick, pack and invoice each order."""
    secret = (running.client_id, running.client_secret)
    with session(running.finops.url, running.finops.token_url, secret) as http:

        def do(action: str, **options: str) -> None:
            answer = http.post(f"/data/SandboxActions/{action}", json=options)
            assert answer.is_success, f"{action} {options}: {answer.text}"

        for order in orders:
            do("add-charge", order=order.number, amount=str(order.freight))
            for action in SYNCED:
                do(action, order=order.number)
