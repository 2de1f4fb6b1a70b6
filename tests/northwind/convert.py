"""Northwind's customers and products as CSV files that `p2c sandbox load` takes.

    python -m tests.northwind.convert NORTHWIND_DIR OUTPUT_DIR

Customers become accounts of Sales with a contact each, products become sellable released products
of F&O. What Northwind does not say (company, currency, unit) is what its README says of it all: US
dollars; everything is sold by the piece.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Row = dict[str, str]

ACCOUNTS = "sales.accounts.csv"
CONTACTS = "sales.contacts.csv"
PRODUCTS = "finops.SellableReleasedProducts.csv"
NUMBER_LENGTH = 20
COMPANY, CURRENCY, UNIT = "usmf", "USD", "ea"


def convert(northwind: Path, output: Path) -> None:
    """Write the files into `output`, which is made when it is not there."""
    output.mkdir(parents=True, exist_ok=True)
    customers = read(northwind / "customers.csv")
    write(output / ACCOUNTS, accounts(customers))
    write(output / CONTACTS, contacts(customers))
    categories = {row["category_id"]: row for row in read(northwind / "categories.csv")}
    write(output / PRODUCTS, products(read(northwind / "products.csv"), categories))


def accounts(customers: Iterable[Row]) -> Iterator[Row]:
    """Accounts of Sales; the customer's id, made unique, is the account number."""
    used: set[str] = set()
    for row in customers:
        yield {
            "accountnumber": unique(row["customer_id"], used),
            "name": row["company_name"],
            "transactioncurrencyid.isocurrencycode": CURRENCY,
            "telephone1": row["phone"],
            "fax": row["fax"],
            "description": f"Contact: {row['contact_name']}, {row['contact_title']}",
            "address1_line1": row["address"],
            "address1_city": row["city"],
            "address1_stateorprovince": row["region"],
            "address1_postalcode": row["postal_code"],
            "address1_country": row["country"],
        }


def contacts(customers: Iterable[Row]) -> Iterator[Row]:
    """The person at each customer; Sales gives them their numbers."""
    used: set[str] = set()
    for row in customers:
        first, _, last = row["contact_name"].partition(" ")
        yield {
            "firstname": first,
            "lastname": last,
            "jobtitle": row["contact_title"],
            "parentcustomerid_account.accountnumber": unique(row["customer_id"], used),
            "telephone1": row["phone"],
            "address1_line1": row["address"],
            "address1_city": row["city"],
            "address1_stateorprovince": row["region"],
            "address1_postalcode": row["postal_code"],
            "address1_country": row["country"],
        }


def products(rows: Iterable[Row], categories: dict[str, Row]) -> Iterator[Row]:
    """Released products of F&O; the cost is not in Northwind."""
    for row in rows:
        category = categories[row["category_id"]]["category_name"]
        yield {
            "dataAreaId": COMPANY,
            "ProductNumber": f"NW-{int(row['product_id']):04d}",
            "ProductName": row["product_name"],
            "ProductDescription": f"{category}: {row['quantity_per_unit']}",
            "CurrencyCode": CURRENCY,
            "SalesPrice": row["unit_price"],
            "SalesUnitSymbol": UNIT,
            "InventoryUnitSymbol": UNIT,
            "SalesUnitDecimalPrecision": "0",
            "IsStockedProduct": "Yes",
            "IsSalesStopped": "Yes" if row["discontinued"] == "1" else "No",
            "ProductType": "Item",
        }


def unique(number: str, used: set[str]) -> str:
    """The number, or with the first free `-2`, `-3` … behind it; at most 20 characters."""
    base = number.strip()[:NUMBER_LENGTH]
    found, turn = base, 2
    while found.lower() in used:
        ending = f"-{turn}"
        found, turn = base[: NUMBER_LENGTH - len(ending)] + ending, turn + 1
    used.add(found.lower())
    return found


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def write(path: Path, rows: Iterable[Row]) -> None:
    found = list(rows)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(found[0]))
        writer.writeheader()
        writer.writerows(found)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
