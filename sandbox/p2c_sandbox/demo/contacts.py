"""Demo contacts of Sales: employees of accounts, friends of the house, and customers themselves."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

from faker import Faker

from p2c_sandbox.demo.accounts import business_unit
from p2c_sandbox.demo.ids import Row, business_unit_id, currency_id, record_id, team_id
from p2c_sandbox.demo.people import People, people
from p2c_sandbox.demo.regions import GERMANY, UNITED_STATES, Region

CONTACTS = 60
FIRST_NUMBER = 1000
# Of ten contacts six work for an account, one belongs to another contact, one to nobody; the two
# others buy for themselves (flows C1): CUSTOMERS are the places of those in a ten.
EMPLOYED, OF_A_CONTACT, OF_NOBODY, CUSTOMERS = range(6), 6, 7, (8, 9)
# The accounts they work for are clean ones: what is wrong with a contact is its own.
FIRST_ACCOUNT = 46

DIRT: dict[int, Row] = {
    1: {"firstname": "Zoë", "lastname": "O'Hara-Müller"},
    2: {"jobtitle": "Head of Café 🌞 Operations", "donotemail": True},
    3: {"address1_country": "Atlantis"},
    4: {"statecode": 1, "statuscode": 2},
    5: {"middlename": "Q.", "gendercode": 2, "familystatuscode": 4},
    10: {"msdynce_contactnumber": None},
    11: {"msdynce_contactnumber": None},
    12: {"firstname": None, "lastname": "Single Name"},
    13: {"transactioncurrencyid": None, "address1_country": None},
}


def contact_number(number: int, seed: int) -> str:
    """`CON-` + at least five digits + `-` + six capitals, e.g. CON-01000-BVRCPS (flows C3)."""
    letters = random.Random(seed * 2_000_003 + number).choices(string.ascii_uppercase, k=6)
    return f"CON-{FIRST_NUMBER + number:05d}-{''.join(letters)}"


def contact_unit(number: int) -> str:
    """Every fourth contact belongs to Germany."""
    return "Contoso Germany" if number % 4 == 1 else "Contoso US"


def contacts(count: int, seed: int) -> Iterator[Row]:
    """`count` contacts as rows of the Sales table; the same seed gives the same rows."""
    pool, fakes = people(seed), {}
    for region in (UNITED_STATES, GERMANY):
        fakes[region.locale] = Faker(region.locale)
        fakes[region.locale].seed_instance(seed)
    for number in range(count):
        region = GERMANY if contact_unit(number) == "Contoso Germany" else UNITED_STATES
        yield _contact(number, seed, region, pool, fakes[region.locale])


def account_of(unit: str, place: int) -> int:
    """The running number of the place-th clean account of a business unit."""
    found = (n for n in range(FIRST_ACCOUNT, 10_000) if business_unit(n) == unit)
    return next(n for at, n in enumerate(found) if at == place)


def _contact(number: int, seed: int, region: Region, pool: People, fake: Faker) -> Row:
    unit, address = contact_unit(number), pool.pick(region, number + 7)
    row: Row = {
        "contactid": record_id("contacts", str(number)),
        "msdynce_contactnumber": contact_number(number, seed),
        "firstname": fake.first_name(),
        "lastname": fake.last_name(),
        "jobtitle": fake.job()[:100],
        "emailaddress1": f"person{number}@example.com",
        "telephone1": address.phone,
        "address1_line1": address.street,
        "address1_city": address.city,
        "address1_postalcode": address.postal_code,
        "address1_country": region.texts[number % len(region.texts)],
        "gendercode": number % 3 or None,
        "familystatuscode": number % 5 or None,
        "transactioncurrencyid": currency_id(region.currency),
        "statecode": 0,
        "statuscode": 1,
        "ownerid": team_id(unit),
        "ownerid__entity": "team",
        "owningteam": team_id(unit),
        "owningbusinessunit": business_unit_id(unit),
        **_parent(number, unit),
    }
    row |= DIRT.get(number, {})
    return row | {"fullname": _full(row)}


def _parent(number: int, unit: str) -> Row:
    """Who the contact belongs to, and the flag that the solution keeps of it (flows C2)."""
    turn = number % 10
    if turn in EMPLOYED or turn == CUSTOMERS[0]:
        account = record_id("accounts", str(account_of(unit, number // 4)))
        return {
            "parentcustomerid": account,
            "parentcustomerid__entity": "account",
            "msdynce_iscompanyanaccount": True,
        }
    if turn == OF_A_CONTACT:
        parent = record_id("contacts", str(number - 2))
        return {"parentcustomerid": parent, "parentcustomerid__entity": "contact"}
    return {}


def _full(row: Row) -> str:
    parts = (row.get(name) for name in ("firstname", "middlename", "lastname"))
    return " ".join(str(part) for part in parts if part)
