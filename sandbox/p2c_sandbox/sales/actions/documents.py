"""New quotes and orders: customer, currency, price list, addresses and lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from p2c_sandbox.odata.folding import fold
from p2c_sandbox.sales.desk import Row, SalesDesk, SalesRefused, quoted

_LINE = re.compile(
    r"(?P<what>.+)=(?P<quantity>-?\d+(?:\.\d+)?)"
    r"(?:@(?P<price>-?\d+(?:\.\d+)?))?(?:-(?P<discount>\d+(?:\.\d+)?))?"
)
_ADDRESS = ("line1", "line2", "city", "stateorprovince", "postalcode", "country")

Customer = Annotated[str, "Account number, contact number, or name."]
Lines = Annotated[
    tuple[str, ...], "PRODUCT=QUANTITY[@PRICE][-DISCOUNT]; the discount is the whole line's."
]
WriteIns = Annotated[tuple[str, ...], "TEXT=QUANTITY@PRICE, a line without a product."]
Name = Annotated[str, "Name of the document."]
Prices = Annotated[str, "Price list; the first by name in the currency when left out."]
Currency = Annotated[str, "ISO code; the customer's when left out."]
Unit = Annotated[str, "Business unit it belongs to; the customer's when left out."]
Freight = Annotated[Decimal, "Freight amount of the header."]


@dataclass(frozen=True)
class Draft:
    """What a person gives for a new document."""

    customer: str
    lines: tuple[str, ...] = ()
    write_ins: tuple[str, ...] = ()
    name: str = ""
    price_list: str = ""
    currency: str = ""
    business_unit: str = ""
    freight: Decimal = Decimal(0)


@dataclass(frozen=True)
class Party:
    """A customer: an account or a contact."""

    row: Row
    entity_set: str

    @property
    def navigation(self) -> str:
        return "customerid_account" if self.entity_set == "accounts" else "customerid_contact"

    @property
    def reference(self) -> str:
        key = "accountid" if self.entity_set == "accounts" else "contactid"
        return f"/{self.entity_set}({self.row[key]})"


def body(desk: SalesDesk, draft: Draft, lines: str) -> dict[str, Any]:
    """The JSON body of a new document; `lines` is the navigation property of its lines."""
    party = customer(desk, draft.customer)
    currency = _currency(desk, party.row, draft.currency)
    price_list = _price_list(desk, draft.price_list, currency)
    document: dict[str, Any] = {
        "name": draft.name or f"For {party.row.get('name') or party.row.get('fullname')}",
        f"{party.navigation}@odata.bind": party.reference,
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})",
        "pricelevelid@odata.bind": f"/pricelevels({price_list})",
        "ownerid@odata.bind": owner(desk, party.row, draft.business_unit),
        lines: [line(desk, text) for text in draft.lines]
        + [write_in(text) for text in draft.write_ins],
    }
    if draft.freight:
        document["freightamount"] = draft.freight
    for part in _ADDRESS:
        if (text := party.row.get(f"address1_{part}")) is not None:
            document |= {f"billto_{part}": text, f"shipto_{part}": text}
    return document


def customer(desk: SalesDesk, named: str) -> Party:
    """By account number, contact number, account name or full name."""
    places = (
        ("accounts", "accountnumber"),
        ("contacts", "msdynce_contactnumber"),
        ("accounts", "name"),
        ("contacts", "fullname"),
    )
    for entity_set, column in places:
        rows = desk.find(entity_set, f"{column} eq {quoted(named)}")
        if len(rows) > 1:
            raise SalesRefused(f"There is more than one customer '{named}': give the number.")
        if rows:
            return Party(rows[0], entity_set)
    raise SalesRefused(f"There is no account or contact '{named}' in Sales.")


def owner(desk: SalesDesk, row: Row, business_unit: str = "") -> str:
    """The owner of a row, or the default team of a business unit, as a reference."""
    if business_unit:
        unit = desk.one("businessunits", "name", business_unit, "business unit")
        term = f"_businessunitid_value eq {unit['businessunitid']} and isdefault eq true"
        teams = desk.find("teams", term)
        if not teams:
            raise SalesRefused(f"The business unit '{business_unit}' has no default team.")
        return f"/teams({teams[0]['teamid']})"
    team = row.get("_owningteam_value")
    return f"/teams({team})" if team else f"/systemusers({row['_owninguser_value']})"


def line(desk: SalesDesk, text: str) -> dict[str, Any]:
    """The body of a line that sells a product."""
    parts = _parsed(text, "PRODUCT=QUANTITY[@PRICE][-DISCOUNT]")
    product = desk.one("products", "productnumber", parts["what"], "product")
    line: dict[str, Any] = {
        "productid@odata.bind": f"/products({product['productid']})",
        "uomid@odata.bind": f"/uoms({product['_defaultuomid_value']})",
        "quantity": Decimal(parts["quantity"]),
    }
    if parts["price"]:
        line |= {"ispriceoverridden": True, "priceperunit": Decimal(parts["price"])}
    if parts["discount"]:
        line["manualdiscountamount"] = Decimal(parts["discount"])
    return line


def write_in(text: str) -> dict[str, Any]:
    """The body of a line without a product."""
    parts = _parsed(text, "TEXT=QUANTITY@PRICE")
    return {
        "isproductoverridden": True,
        "ispriceoverridden": True,
        "productdescription": parts["what"],
        "quantity": Decimal(parts["quantity"]),
        "priceperunit": Decimal(parts["price"] or 0),
        "manualdiscountamount": Decimal(parts["discount"] or 0),
    }


def _parsed(text: str, form: str) -> dict[str, str]:
    match = _LINE.fullmatch(text)
    if match is None:
        raise SalesRefused(f"'{text}' is not a line of the form {form}.")
    return match.groupdict()


def _currency(desk: SalesDesk, party: Row, code: str) -> str:
    if code:
        found = desk.one("transactioncurrencies", "isocurrencycode", code, "currency")
        return str(found["transactioncurrencyid"])
    own = party.get("_transactioncurrencyid_value")
    return str(own or desk.find("organizations")[0]["_basecurrencyid_value"])


def _price_list(desk: SalesDesk, name: str, currency: str) -> str:
    if name:
        return str(desk.one("pricelevels", "name", name, "price list")["pricelevelid"])
    rows = desk.find("pricelevels", f"_transactioncurrencyid_value eq {currency}")
    active = [row for row in rows if row["statecode"] == 0]
    if not active:
        raise SalesRefused("There is no price list in the currency of the document.")
    return str(min(active, key=lambda row: fold(str(row["name"]), accents=False))["pricelevelid"])
