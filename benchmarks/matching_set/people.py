"""Persons who work for companies, and what each system has of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.matching_set import noise
from benchmarks.matching_set.customers import Company, Record
from benchmarks.matching_set.vocabulary import FREE, phone

# Not the list of the product: some names are on both, some on one only.
SHORT = {
    "Robert": "Bob",
    "William": "Bill",
    "James": "Jim",
    "Michael": "Mike",
    "Elizabeth": "Liz",
    "Katherine": "Kate",
    "Thomas": "Tom",
    "Joseph": "Joe",
    "Johannes": "Jo",
    "Francesco": "Franco",
    "Alexander": "Sascha",
    "Giuseppe": "Beppe",
    "Francisco": "Paco",
    "Wilhelmina": "Mina",
}
CHANGES: Sequence[tuple[float, noise.Change]] = (
    (0.12, noise.typing_error),
    (0.04, noise.capitals),
    (0.15, noise.without_accents),
    (0.01, noise.looks_alike),
)


@dataclass(frozen=True)
class Person:
    """One real person; `company` is a truth of companies."""

    truth: int
    first_name: str
    surname: str
    company: Company
    email: str
    phone: str
    identity: str


def people(draw: random.Random, companies: Sequence[Company], count: int) -> list[Person]:
    """`count` people; some companies employ relatives of one surname, or several of one name."""
    found: list[Person] = []
    while len(found) < count:
        company = draw.choice(companies)
        surname = draw.choice(company.country.surnames)
        team = draw.choice((1, 1, 1, 2, 3, 5))
        desk_numbers = draw.random() < 0.6
        for _ in range(team):
            if draw.random() > 0.06:
                surname = draw.choice(company.country.surnames)
            number = phone(draw, company.country) if desk_numbers else company.phone
            found.append(_person(draw, company, surname, number, len(found)))
    return found[:count]


def _person(draw: random.Random, company: Company, surname: str, number: str, truth: int) -> Person:
    first_name = draw.choice(company.country.first_names)
    plain = noise.without_accents(draw, f"{first_name}.{surname}").lower().replace(" ", "")
    short = noise.without_accents(draw, f"{first_name[0]}{surname}").lower().replace(" ", "")
    email = f"{draw.choice((plain, plain, short))}@{company.domain}"
    if draw.random() < 0.12:
        email = company.email
    return Person(
        truth, first_name, surname, company, email, number, f"{draw.randint(10**8, 10**9)}"
    )


def record(draw: random.Random, person: Person) -> Record:
    """What a clerk has typed of one: address and number of their company, or their own."""
    first_name, surname = person.first_name, person.surname
    if draw.random() < 0.10:
        first_name = SHORT.get(
            first_name, first_name[0] + "." if draw.random() < 0.3 else first_name
        )
    if draw.random() < 0.02:  # married
        new = draw.choice(person.company.country.surnames)
        surname = f"{surname}-{new}" if draw.random() < 0.5 else new
    name = noise.changed(draw, f"{first_name} {surname}", CHANGES)
    if draw.random() < 0.04:
        name = noise.swapped_words(draw, name).replace(",", "")
    where, has_address = person.company.address, draw.random() < 0.6
    return Record(
        truth=person.truth,
        name=name,
        phone=_phone(draw, person),
        email=_email(draw, person),
        street=where.street if has_address else None,
        postal_code=where.postal_code if has_address else None,
        town=where.town if has_address or draw.random() < 0.3 else None,
        parent=person.company.truth,
        tax_number=person.identity if draw.random() < 0.15 else None,
    )


def _phone(draw: random.Random, person: Person) -> str | None:
    roll = draw.random()
    if roll < 0.25:
        return None
    number = phone(draw, person.company.country) if roll < 0.35 else person.phone
    return noise.rewritten_phone(draw, number) if draw.random() < 0.5 else number


def _email(draw: random.Random, person: Person) -> str | None:
    roll = draw.random()
    if roll < 0.15:
        return None
    if roll < 0.23:
        return f"{person.surname.lower()}{draw.randint(1, 99)}@{draw.choice(FREE)}"
    if roll < 0.28:
        return person.company.email
    return noise.changed(draw, person.email, ((0.02, noise.typing_error), (0.04, noise.capitals)))
