"""Two systems that are full already: the same companies under other numbers, typed by other people.

Who is who is known here by construction, and nowhere else: neither system has a word of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .world import Row, World

COMPANY = "usmf"
COUNTRY = {"AddressCountryRegionId": "USA"}


@dataclass(frozen=True)
class Firm:
    """A company as each system has it; None where it is not."""

    sales: Row | None
    finops: Row | None


def _in_sales(number: str, name: str, **values: str) -> Row:
    return {"accountnumber": number, "name": name, "address1_country": "US", **values}


def _in_finops(number: str, name: str, **values: str) -> Row:
    return {
        "dataAreaId": COMPANY, "CustomerAccount": number, "OrganizationName": name,
        "CustomerGroupId": "10", "SalesCurrencyCode": "USD", **COUNTRY, **values,
    }  # fmt: skip


# Names without a word in common, so that only the two of a pair are alike; UNSURE ones have an i.
SURE = (
    "Adventure Cycles", "Blue Yonder Airlines", "Coho Vineyard", "Datum Instruments",
    "Fabrikam Residences", "Graphic Design Institute", "Humongous Insurance", "Lamna Healthcare",
    "Munson Pickles", "Northwest Orchards", "Proseware Textiles", "Relecloud Hosting",
)  # fmt: skip
UNSURE = (
    "Southridge Video", "Tailspin Toys", "Wide World Importers", "Wingtip Leather",
    "Alpine Skihouse", "Bellini College", "Consolidated Messenger", "Lucerne Publishing",
)  # fmt: skip
NEW = ("Margie Travel", "Nod Carpets", "Olympia Brewery", "Parnell Aerospace")
THEIRS = ("Woodgrove Bank", "Litware Optics", "Contoso Pharmaceuticals")
# A chain: one name in two towns, and only one of its branches is in each system.
CHAIN = "Fourth Coffee"


def firms() -> list[Firm]:
    """20 of 25 accounts are customers in F&O already, under numbers of its own."""
    return [
        *(_sure(number, name) for number, name in enumerate(SURE, start=1)),
        *(_unsure(number, name) for number, name in enumerate(UNSURE, start=1)),
        *(Firm(_in_sales(f"A-3{n:03}", name), None) for n, name in enumerate(NEW)),
        Firm(_in_sales("A-4000", CHAIN, address1_city="Boston", address1_postalcode="02108"), None),
        Firm(None, _in_finops("US-400", CHAIN, AddressCity="Tacoma", AddressZipCode="98402")),
        *(Firm(None, _in_finops(f"US-5{n:02}", name)) for n, name in enumerate(THEIRS)),
    ]


def _sure(number: int, name: str) -> Firm:
    """An e-mail address and the name; F&O has a telephone number too, and a legal form."""
    email = f"office@{name.split(maxsplit=1)[0].lower()}.example"
    ours = _in_sales(
        f"A-1{number:03}", name, emailaddress1=email, telephone1=f"206 555 01{number:02}",
        description=f"Entered by sales: {name}", address1_city="Seattle",
    )  # fmt: skip
    theirs = _in_finops(
        f"US-1{number:02}", f"{name.upper()}, Inc.", PrimaryContactEmail=email.upper(),
        PrimaryContactPhone=f"+1 425 555 02{number:02}",
    )  # fmt: skip
    return Firm(ours, theirs)


def _unsure(number: int, name: str) -> Firm:
    """Nothing but the name, with a typing error."""
    return Firm(
        _in_sales(f"A-2{number:03}", name, description=f"Entered by sales: {name}"),
        _in_finops(f"US-2{number:02}", name.replace("i", "y", 1) + " LLC"),
    )


@dataclass(frozen=True)
class Full:
    """Both systems, filled; `pairs` is account number → customer account of the 20 in both."""

    world: World
    pairs: dict[str, str]
    new: frozenset[str]
    before: dict[str, Row] = field(default_factory=dict)


def fill(world: World) -> Full:
    """Enter all firms as people in each system would."""
    for firm in (found := firms()):
        if firm.sales:
            world.sales.create("accounts", firm.sales)
        if firm.finops:
            world.finops.create("CustomersV2", firm.finops)
    pairs = {
        str(firm.sales["accountnumber"]): str(firm.finops["CustomerAccount"])
        for firm in found
        if firm.sales and firm.finops
    }
    new = frozenset(
        str(firm.sales["accountnumber"]) for firm in found if firm.sales and not firm.finops
    )
    return Full(world, pairs, new, customers(world))


def customers(world: World) -> dict[str, Row]:
    """Customers of F&O by account."""
    rows = world.finops.rows("CustomersV2", "cross-company=true")
    return {str(row["CustomerAccount"]): row for row in rows if row["dataAreaId"] == COMPANY}
