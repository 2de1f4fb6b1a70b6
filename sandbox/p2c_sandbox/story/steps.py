"""The steps of the story: what people do, and what a run has to move afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from p2c_sandbox.story.stage import FIRST_PART, FREIGHT, SOLD, TAX_GROUP, Moves, Sold, Stage, Step


def _release(stage: Stage) -> str:
    for sold in SOLD:
        stage.do(
            "finops.release-product",
            product=stage.product(sold),
            name=f"Adventure {sold.name}",
            price=sold.price,
        )
    stage.do("finops.populate-distinct-products")
    return " and ".join(stage.product(sold) for sold in SOLD) + " are released in F&O."


def _activate_products(stage: Stage) -> str:
    for sold in SOLD:
        stage.do("sales.activate-product", product=stage.product(sold))
    return "The products are activated in Sales, so that they can be sold."


def _prospect(stage: Stage) -> str:
    result = stage.do(
        "sales.add-account",
        name="Adventure",
        street="1 Summit Road",
        city="Seattle",
        state="WA",
        postal_code="98101",
        country="United States",
        currency="USD",
    )
    stage.numbers["account"] = account = str(result["account"])
    contact = stage.do(
        "sales.add-contact", first_name="Ada", last_name="Adventure", account=account
    )
    return f"Prospect Adventure is {account} in Sales, its contact is {contact['contact']}."


def _tax_group(stage: Stage) -> str:
    stage.do("finops.set-tax-group", customer=stage.numbers["account"], group=TAX_GROUP)
    return "F&O gives the customer a sales tax group, which is F&O's own business."


def _quote(stage: Stage) -> str:
    result = stage.do(
        "sales.add-quote",
        customer=stage.numbers["account"],
        name="Adventure's first trip",
        lines=tuple(_line(stage, sold) for sold in SOLD),
    )
    stage.numbers["quote"] = quote = str(result["quote"])
    stage.do("sales.activate-quote", quote=quote)
    return f"Quote {quote} is written and activated: 10.00 off on 3 tents."


def _line(stage: Stage, sold: Sold) -> str:
    discount = f"-{sold.discount}" if sold.discount else ""
    return f"{stage.product(sold)}={sold.quantity}@{sold.price}{discount}"


def _win(stage: Stage) -> str:
    stage.do("sales.win-quote", quote=stage.numbers["quote"])
    result = stage.do("sales.order-from-quote", quote=stage.numbers["quote"])
    stage.numbers["order"] = str(result["order"])
    return f"The quote is won; order {result['order']} is made of it, still a draft."


def _activate(stage: Stage) -> str:
    stage.do("sales.activate-order", order=stage.numbers["order"])
    return "The order is activated: F&O owns it from now on."


def _confirm(stage: Stage) -> str:
    stage.do("finops.confirm-order", order=stage.numbers["order"])
    return "The order is confirmed in F&O; its totals are not calculated yet."


def _totals(stage: Stage) -> str:
    order = stage.numbers["order"]
    stage.do("finops.add-charge", order=order, amount=FREIGHT)
    stage.do("finops.calculate-totals", order=order)
    return f"Freight of {FREIGHT} is added, with tax; totals are calculated."


def _pick(stage: Stage) -> str:
    stage.do("finops.pick", order=stage.numbers["order"])
    return "The picking list is posted."


def _ship_part(stage: Stage) -> str:
    stage.do("finops.packing-slip", order=stage.numbers["order"], quantities=_texts(FIRST_PART))
    return "Two of the tents are packed and shipped."


def _ship_rest(stage: Stage) -> str:
    stage.do("finops.packing-slip", order=stage.numbers["order"])
    return "The rest is packed and shipped."


def _invoice_part(stage: Stage) -> str:
    result = stage.do("finops.invoice", order=stage.numbers["order"], quantities=_texts(FIRST_PART))
    stage.numbers["first invoice"] = str(result["invoice"])
    return f"The two tents are invoiced, with the freight: {result['invoice']}."


def _invoice_rest(stage: Stage) -> str:
    result = stage.do("finops.invoice", order=stage.numbers["order"])
    stage.numbers["second invoice"] = str(result["invoice"])
    return f"The rest is invoiced: {result['invoice']}."


def _texts(quantities: Mapping[int, Decimal]) -> dict[str, str]:
    return {str(line): str(quantity) for line, quantity in quantities.items()}


_ORDER_MOVES: Moves = {"orders_back → sales.salesorders": {"update": 1}}
STEPS: tuple[Step, ...] = (
    Step("products are released", _release, {"products → sales.products": {"create": 2}}),
    Step("products are activated", _activate_products),
    Step(
        "a prospect is entered",
        _prospect,
        {
            "accounts → finops.CustomersV2": {"create": 1},
            "contacts → finops.CDSContactPersons": {"create": 1},
        },
    ),
    Step("F&O sets a tax group", _tax_group),
    Step(
        "a quotation is activated",
        _quote,
        {
            "quotations → finops.CDSSalesQuotationHeaders": {"create": 1},
            "quotations → finops.CDSSalesQuotationLines": {"create": 2},
        },
    ),
    Step("the quotation is won", _win),
    Step(
        "the order is activated",
        _activate,
        {
            "orders_out → finops.CDSSalesOrderHeaders": {"create": 1},
            "orders_out → finops.CDSSalesOrderLines": {"create": 2},
        },
    ),
    Step("the order is confirmed", _confirm),
    Step(
        "totals are calculated",
        _totals,
        {**_ORDER_MOVES, "orders_back → sales.salesorderdetails": {"update": 2}},
        goes_on=True,
    ),
    Step("the order is picked", _pick, _ORDER_MOVES, goes_on=True),
    Step("a part is shipped", _ship_part, _ORDER_MOVES, goes_on=True),
    Step("the rest is shipped", _ship_rest, _ORDER_MOVES, goes_on=True),
    Step(
        "a part is invoiced",
        _invoice_part,
        {
            **_ORDER_MOVES,
            "invoices → sales.invoices": {"create": 1},
            "invoices → sales.invoicedetails": {"create": 1},
        },
        goes_on=True,
    ),
    Step(
        "the rest is invoiced",
        _invoice_rest,
        {
            **_ORDER_MOVES,
            "invoices → sales.invoices": {"create": 1},
            "invoices → sales.invoicedetails": {"create": 2},
        },
    ),
)
