"""Demo accounts of Sales, with the dirt that real account lists carry."""

import random
import string
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from p2c_sandbox.demo.ids import Row, business_unit_id, currency_id, record_id, team_id
from p2c_sandbox.demo.people import Address, People, people
from p2c_sandbox.demo.regions import GERMANY, OTHERS, UNITED_STATES, Region

FIRST_NUMBER = 1000

# What is wrong with which account; the places are fixed so that tests can point at them.
DIRT: dict[int, Row] = {
    3: {
        "name": "The International Association of Very Carefully Worded Company Names and Sons, "
        "Purveyors of Fine Goods since 1871 Limited"
    },
    4: {"name": "O'Brien & Sons' \"Trading\" 100%"},
    5: {"name": "Électricité Générale de l'Île-de-France", "address1_city": "Saint-Étienne"},
    6: {"name": "Sunny Side 🌞 Café"},
    7: {"name": "Trailing Blanks Ltd   ", "address1_city": "Denver  "},
    13: {"address1_postalcode": "01067", "address1_city": "Dresden", "address1_country": "Germany"},
    14: {
        "address1_postalcode": "00501",
        "address1_city": "Holtsville",
        "address1_country": "United States",
    },
    15: {"accountnumber": "0001234567"},
    16: {"address1_country": None, "address2_country": None},
    17: {"address1_country": ""},
    18: {"address1_country": "Atlantis"},
    19: {"address1_country": "Ruritania"},
    20: {"address2_line1": "1 Castle Square", "address2_country": "Ruritania"},
    21: {"transactioncurrencyid": None},
    22: {"transactioncurrencyid": None},
    23: {"accountnumber": None},
    24: {"accountnumber": None},
    25: {"accountnumber": None},
    26: {"statecode": 1, "statuscode": 2},
    27: {"statecode": 1, "statuscode": 2},
    28: {"statecode": 1, "statuscode": 2},
    29: {"creditlimit": Decimal("12345.67")},
    30: {"creditlimit": Decimal("0.01"), "numberofemployees": 1},
    31: {"address1_line1": "Building 7, Rear Entrance, " + "Long Lane " * 22},
    32: {"description": "First line\nsecond line, with 'quotes', \"double quotes\" and a tab\t."},
    33: {"address1_postalcode": "SW1A 2AA-EXT-99", "address1_stateorprovince": "Greater London"},
    34: {"name": "x" * 160},
}
SHARED_NUMBERS = {10: 9, 12: 11}


def account_number(number: int, seed: int) -> str:
    """`ACC-` + at least five digits + `-` + six capitals, e.g. ACC-01000-BVRCPS (flows A2)."""
    letters = random.Random(seed * 1_000_003 + number).choices(string.ascii_uppercase, k=6)
    return f"ACC-{FIRST_NUMBER + number:05d}-{''.join(letters)}"


def business_unit(number: int) -> str:
    """Of 26 accounts 4 belong to Germany, 2 to Global and 20 to the US."""
    turn = number % 26
    if turn in (1, 8, 13, 20):
        return "Contoso Germany"
    return "Contoso Global" if turn in (2, 15) else "Contoso US"


def accounts(count: int, seed: int) -> Iterator[Row]:
    """`count` accounts as rows of the Sales table; the same seed gives the same rows."""
    pool = people(seed)
    for number in range(count):
        yield _account(number, seed, pool)


def _account(number: int, seed: int, pool: People) -> Row:
    region = _region(number)
    address = pool.pick(region, number // 3)
    row: Row = {
        "accountid": record_id("accounts", str(number)),
        "accountnumber": account_number(SHARED_NUMBERS.get(number, number), seed),
        "name": address.company,
        "statecode": 0,
        "statuscode": 1,
        "transactioncurrencyid": currency_id(region.currency),
        **_owner(business_unit(number)),
        **_address(number, region, address),
        **_extras(number),
    }
    return row | DIRT.get(number, {})


@cache
def _owner(unit: str) -> Row:
    """The unit's team owns its accounts; that puts them into the unit."""
    team = team_id(unit)
    return {
        "ownerid": team,
        "ownerid__entity": "team",
        "owningteam": team,
        "owningbusinessunit": business_unit_id(unit),
    }


def _region(number: int) -> Region:
    if business_unit(number) == "Contoso Germany":
        return GERMANY
    turn = number % 7
    return OTHERS[number % len(OTHERS)] if turn in (2, 5) else UNITED_STATES


def _address(number: int, region: Region, address: Address) -> Row:
    country: str | None = region.texts[number % len(region.texts)]
    state = region.states[number % len(region.states)] if region.states else None
    # A blank country means the default country (flows G3), so only US accounts leave it out.
    if region is UNITED_STATES and number % 17 == 0:
        country = None
    row: Row = {
        "address1_line1": address.street,
        "address1_city": address.city,
        "address1_stateorprovince": state,
        "address1_postalcode": address.postal_code,
        "address1_country": country,
        "telephone1": address.phone,
    }
    if number % 4 == 0:
        row |= {
            "address2_line1": f"Gate {number % 9 + 1}, {address.street}",
            "address2_city": address.city,
            "address2_postalcode": address.postal_code,
            "address2_country": country,
        }
    return row


def _extras(number: int) -> Row:
    row: Row = {}
    if number % 2 == 0:
        row["creditlimit"] = Decimal(number * 12_345 % 10_000_000) / 100
    if number % 3 == 0:
        row["emailaddress1"] = f"office{number}@example.com"
        row["websiteurl"] = f"https://www.example.com/{number}"
    if number % 5 == 0:
        row["numberofemployees"] = number * 37 % 5000
    if number % 6 == 0:
        row["description"] = f"Met at the trade fair, stand {number}."
        row["fax"] = f"+1 555 {number:07d}"
    return row
