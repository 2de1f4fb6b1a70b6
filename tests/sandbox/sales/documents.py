"""Quotes, orders and invoices for tests, entered by a person or by the integration."""

from decimal import Decimal

from .conftest import UNIT, USD, refusal

SELLER = "00000001-0000-0000-0000-000000000002"
DRAFT, ACTIVE, CONFIRMED = 647390011, 647390000, 647390001
TYPE = "Microsoft.Dynamics.CRM."


def bind(entity_set, row_id):
    return f"/{entity_set}({row_id})"


class Office:
    """Masters of one company, and documents made out to its customer.

    `as_person` says who asks: a person, or the application user.
    """

    def __init__(self, sales):
        self.sales = sales
        self.as_person = True
        self.account = sales.create("accounts", name="Adventure")
        self.prices = sales.price_list(f"Prices of {self.account}")

    # -- asking -----------------------------------------------------------------------------

    def ask(self, method, path, body=None):
        named = {"MSCRMCallerID": SELLER} if self.as_person else {}
        return self.sales.request(method, path, body, **named)

    def make(self, entity_set, body):
        answer = self.ask("POST", entity_set, body)
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")

    def set(self, path, **values):
        answer = self.ask("PATCH", path, values)
        assert answer.status_code == 204, answer.text

    def refused(self, method, path, body=None):
        """Code and text of a request that must fail with 400."""
        status, code, text = refusal(self.ask(method, path, body))
        assert status == 400, text
        return code, text

    def act(self, name, body, status=204):
        answer = self.ask("POST", name, body)
        assert answer.status_code == status, answer.text
        return answer

    def row(self, entity_set, row_id):
        return self.sales.read(f"{entity_set}({row_id})")

    def lines(self, kind, row_id):
        """Lines of a document by their number."""
        sets = {
            "quote": ("quotes", "quote_details"),
            "order": ("salesorders", "order_details"),
            "invoice": ("invoices", "invoice_details"),
        }
        headers, details = sets[kind]
        rows = self.sales.read(f"{headers}({row_id})/{details}")["value"]
        return {row["sequencenumber"]: row for row in rows}

    # -- masters ----------------------------------------------------------------------------

    def product(self, number="P1", price=None, external=True):
        """An active product; with a price it stands on the price list."""
        product = self.sales.product(number, msdynce_ismaintainedexternally=external)
        self.sales.patch(f"products({product})", {"statecode": 0, "statuscode": 1})
        if price is not None:
            self.sales.create(
                "productpricelevels",
                productid__bind=bind("products", product),
                pricelevelid__bind=bind("pricelevels", self.prices),
                uomid__bind=bind("uoms", UNIT),
                amount=Decimal(price),
            )
        return product

    def contact(self, **more):
        return self.sales.create("contacts", lastname="Buyer", **more)

    # -- documents --------------------------------------------------------------------------

    def header(self, **more):
        binds = {
            "customerid_account@odata.bind": bind("accounts", self.account),
            "pricelevelid@odata.bind": bind("pricelevels", self.prices),
            "transactioncurrencyid@odata.bind": bind("transactioncurrencies", USD),
        }
        return {"name": "Document", **binds, **more}

    def for_contact(self, contact):
        body = self.header(**{"customerid_contact@odata.bind": bind("contacts", contact)})
        del body["customerid_account@odata.bind"]
        return body

    def quote(self, *lines, **more):
        return self.make("quotes", self.header(quote_details=list(lines), **more))

    def order(self, *lines, **more):
        return self.make("salesorders", self.header(order_details=list(lines), **more))

    def invoice(self, *lines, **more):
        return self.make("invoices", self.header(invoice_details=list(lines), **more))

    def sold(self, product, quantity=1, price=None, discount=None, tax=None, **more):
        """A line; with a price it overrides the price list's."""
        body = {
            "productid@odata.bind": bind("products", product),
            "uomid@odata.bind": bind("uoms", UNIT),
            "quantity": Decimal(quantity),
            **more,
        }
        if price is not None:
            body |= {"ispriceoverridden": True, "priceperunit": Decimal(price)}
        if discount is not None:
            body["manualdiscountamount"] = Decimal(discount)
        if tax is not None:
            body["tax"] = Decimal(tax)
        return body

    def written_in(self, text="Work", quantity=1, price="10", **more):
        return {
            "isproductoverridden": True,
            "productdescription": text,
            "quantity": Decimal(quantity),
            "priceperunit": Decimal(price),
            **more,
        }

    def external_order(self, *lines, **more):
        """An order of F&O, as the integration writes it; lines afterwards, as a run does."""
        self.as_person = False
        sent = {"msdynce_ismaintainedexternally": True, "msdynce_processingstatus": CONFIRMED}
        order = self.make("salesorders", self.header(**sent, **more))
        for line in lines:
            self.add_line("salesorderdetails", "salesorderid", "salesorders", order, line)
        return order

    def add_line(self, lines, column, headers, row_id, line):
        return self.make(lines, {f"{column}@odata.bind": bind(headers, row_id), **line})

    def close_body(self, name, column, row_id, status):
        sets = {"quoteid": "quotes", "salesorderid": "salesorders"}
        activity = {f"{column}@odata.bind": bind(sets[column], row_id), "subject": "x"}
        return {"Status": status, name: activity}

    def win(self, quote):
        return self.act("WinQuote", self.close_body("QuoteClose", "quoteid", quote, 4))
