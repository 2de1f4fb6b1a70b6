"""Accounts, contacts and products as a person enters or activates them."""

from __future__ import annotations

from typing import Annotated, Any

from p2c_sandbox.sales.actions.documents import owner
from p2c_sandbox.sales.desk import SELLER, SalesDesk


def add_account(  # noqa: PLR0913 - the fields of a form
    desk: SalesDesk,
    *,
    name: Annotated[str, "Company name."],
    street: Annotated[str, "Street of the main address."] = "",
    city: Annotated[str, "City."] = "",
    postal_code: Annotated[str, "Postal code."] = "",
    state: Annotated[str, "State or province."] = "",
    country: Annotated[str, "Country, as text; blank means the default country."] = "",
    currency: Annotated[str, "ISO code of its currency."] = "",
    business_unit: Annotated[str, "Business unit it belongs to; the seller's when left out."] = "",
) -> dict[str, object]:
    """Enter an account; Sales gives it a number."""
    fields = {
        "name": name,
        "address1_line1": street,
        "address1_city": city,
        "address1_postalcode": postal_code,
        "address1_stateorprovince": state,
        "address1_country": country,
    }
    body: dict[str, Any] = {column: text for column, text in fields.items() if text}
    if currency:
        found = desk.one("transactioncurrencies", "isocurrencycode", currency, "currency")
        bound = f"/transactioncurrencies({found['transactioncurrencyid']})"
        body["transactioncurrencyid@odata.bind"] = bound
    if business_unit:
        body["ownerid@odata.bind"] = owner(desk, {}, business_unit)
    row = desk.create("accounts", body)
    return {"account": row["accountnumber"], "id": row["accountid"]}


def add_contact(
    desk: SalesDesk,
    *,
    last_name: Annotated[str, "Last name."],
    first_name: Annotated[str, "First name."] = "",
    account: Annotated[str, "Account number of the company."] = "",
    email: Annotated[str, "E-mail address."] = "",
    country: Annotated[str, "Country, as text; blank means the default country."] = "",
) -> dict[str, object]:
    """Enter a contact, on its own or of an account; Sales gives it a number."""
    fields = {
        "lastname": last_name,
        "firstname": first_name,
        "emailaddress1": email,
        "address1_country": country,
    }
    body: dict[str, Any] = {column: text for column, text in fields.items() if text}
    body["ownerid@odata.bind"] = f"/systemusers({SELLER})"
    if account:
        company = desk.one("accounts", "accountnumber", account, "account")
        body["parentcustomerid_account@odata.bind"] = f"/accounts({company['accountid']})"
        body["ownerid@odata.bind"] = owner(desk, company)
    row = desk.create("contacts", body)
    return {"contact": row["msdynce_contactnumber"], "id": row["contactid"]}


def activate_product(
    desk: SalesDesk, *, product: Annotated[str, "Product number."]
) -> dict[str, object]:
    """Activate a product, so that it can be sold."""
    row = desk.one("products", "productnumber", product, "product")
    desk.change("products", row["productid"], {"statecode": 0, "statuscode": 1})
    return {"product": product, "id": row["productid"]}
