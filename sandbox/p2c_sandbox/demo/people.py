"""Names and addresses from several languages, drawn once and then used again."""

from collections.abc import Mapping
from dataclasses import dataclass

from faker import Faker

from p2c_sandbox.demo.regions import GERMANY, OTHERS, UNITED_STATES, Region

POOL_SIZE = 120


@dataclass(frozen=True)
class Address:
    """A company at an address, as one locale writes it."""

    company: str
    street: str
    city: str
    postal_code: str
    phone: str


@dataclass(frozen=True)
class People:
    """A pool of companies per region; a bigger data set numbers the names it uses again."""

    pools: Mapping[str, tuple[Address, ...]]

    def pick(self, region: Region, number: int) -> Address:
        """The company for the account with this running number; the same one every time."""
        pool = self.pools[region.locale]
        turn, place = divmod(number, len(pool))
        found = pool[place]
        if turn == 0:
            return found
        company = f"{found.company} {turn + 1}"
        return Address(company, found.street, found.city, found.postal_code, found.phone)


def people(seed: int) -> People:
    """Draw the pools; the same seed gives the same people."""
    regions = (UNITED_STATES, GERMANY, *OTHERS)
    return People({region.locale: _pool(region.locale, seed) for region in regions})


def _pool(locale: str, seed: int) -> tuple[Address, ...]:
    fake = Faker(locale)
    fake.seed_instance(seed)
    return tuple(_address(fake) for _ in range(POOL_SIZE))


def _address(fake: Faker) -> Address:
    return Address(
        company=fake.company(),
        street=fake.street_address().replace("\n", ", "),
        city=fake.city(),
        postal_code=fake.postcode(),
        phone=fake.phone_number(),
    )
