"""Companies, and what each system has of them.

Besides companies of their own there are chains (one name in many towns, one domain, often one
switchboard) and groups (sisters with one address, domain and number, and names that begin alike).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.matching_set import noise
from benchmarks.matching_set.vocabulary import (
    FORMS,
    FREE,
    LONG_FORMS,
    TRADES,
    Address,
    Country,
    address,
    phone,
)

CHAINS, GROUPS = 0.10, 0.06  # share of all companies
RENAMED, MOVED, NEW_PHONE, NEW_EMAIL = 0.006, 0.08, 0.10, 0.15


@dataclass(frozen=True)
class Company:
    """One real company; `truth` is its label, `form` its legal form behind the name."""

    truth: int
    country: Country
    name: str
    form: str
    phone: str
    email: str
    domain: str
    address: Address


@dataclass(frozen=True)
class Record:
    """What one system has of a company, a person or a product; empty is None."""

    truth: int
    name: str
    number: str | None = None
    phone: str | None = None
    email: str | None = None
    street: str | None = None
    postal_code: str | None = None
    town: str | None = None
    parent: int | None = None
    tax_number: str | None = None


def companies(draw: random.Random, lands: Sequence[Country], count: int) -> list[Company]:
    """`count` companies in a random order."""
    found: list[Company] = []
    while len(found) < count:
        country, roll = draw.choice(lands), draw.random()
        # A chain has about 25 branches, a group 4 sisters: chances by share, not by head.
        if roll < CHAINS / 25 / (1 - CHAINS - GROUPS):
            found += _chain(draw, country, len(found))
        elif roll < (CHAINS / 25 + GROUPS / 4) / (1 - CHAINS - GROUPS):
            found += _group(draw, country, len(found))
        else:
            found.append(_single(draw, country, len(found)))
    del found[count:]
    draw.shuffle(found)
    return found


def _single(draw: random.Random, country: Country, truth: int) -> Company:
    name = _name(draw, country)
    domain = _domain(draw, name, country, truth)
    mailbox = draw.choice(
        ("info", "office", "sales", "kontakt", draw.choice(country.first_names).lower())
    )
    email = f"{mailbox}@{domain}"
    if draw.random() < 0.12:  # small firms have an address where anybody can have one
        email = f"{domain.partition('.')[0]}{draw.randint(1, 99)}@{draw.choice(FREE)}"
    where = address(draw, country)
    form = draw.choice(FORMS[country.locale])
    return Company(truth, country, name, form, phone(draw, country), email, domain, where)


def _chain(draw: random.Random, country: Country, first: int) -> Iterator[Company]:
    head = _single(draw, country, first)
    central, named = draw.random() < 0.5, draw.random() < 0.4
    towns = draw.sample(country.towns, min(len(country.towns), draw.randint(8, 45)))
    for i, town in enumerate(towns):
        yield replace(
            head,
            truth=first + i,
            name=f"{head.name} {town[0]}" if named else head.name,
            phone=head.phone if central else phone(draw, country),
            email=head.email if draw.random() < 0.6 else f"{i}.branch@{head.domain}",
            address=address(draw, country, town),
        )


def _group(draw: random.Random, country: Country, first: int) -> Iterator[Company]:
    head = _single(draw, country, first)
    trades = draw.sample(TRADES, draw.randint(2, 6))
    for i, trade in enumerate(trades):
        yield replace(
            head,
            truth=first + i,
            name=f"{head.name.split(' ')[0]} {trade}",
            form=draw.choice(FORMS[country.locale]),
            email=head.email if draw.random() < 0.5 else f"{trade.lower()}@{head.domain}",
        )


def _name(draw: random.Random, country: Country) -> str:
    surname, trade = draw.choice(country.surnames), draw.choice(TRADES)
    initials = "".join(draw.choice("ABCDEFGHIKLMNOPRSTUVWZ") for _ in range(3))
    family = draw.choice(("Brothers", "Söhne", "et Fils", "Group", "Partners"))
    kinds = (
        (0.45, f"{surname} {trade}"),
        (0.15, f"{surname} & {draw.choice(country.surnames)}"),
        (0.10, f"{draw.choice(country.first_names)} {surname} {trade}"),
        (0.08, f"{draw.choice(country.towns)[0]} {trade}"),
        (0.06, f"{initials} {trade}"),
        (0.06, f"{surname} {family}"),
        (0.06, f"{surname}{draw.choice(('tec', 'soft', 'plan', 'werk', 'net'))} {trade}"),
        (0.04, f"{surname} {trade} {draw.randint(2, 99)}"),
    )
    (name,) = draw.choices([name for _, name in kinds], [share for share, _ in kinds])
    return name


def _domain(draw: random.Random, name: str, country: Country, truth: int) -> str:
    """Nobody shares a domain with a namesake, so the label is part of it."""
    plain = noise.without_accents(draw, name).lower()
    word = "".join(c for c in plain if c.isascii() and c.isalnum())[:24]
    top = country.locale[-2:].lower().replace("us", "com")
    return f"{word}{truth}.{top}"


def record(draw: random.Random, company: Company) -> Record:
    """What a clerk has typed of it."""
    where = company.address
    if draw.random() < MOVED:
        town = None if draw.random() < 0.4 else (where.town, where.postal_code)
        where = address(draw, company.country, town)
    name = _typed_name(draw, company, where)
    return Record(
        truth=company.truth,
        name=name,
        phone=_typed_phone(draw, company),
        email=_typed_email(draw, company),
        street=_typed(draw, where.street, 0.06, ((0.25, noise.rewritten_street),)),
        postal_code=_typed(draw, where.postal_code, 0.05, ((0.03, noise.typing_error),)),
        town=_typed(draw, where.town, 0.03, ((0.04, noise.typing_error), (0.5, noise.spoken))),
    )


def _typed_name(draw: random.Random, company: Company, where: Address) -> str:
    if draw.random() < RENAMED:
        return _name(draw, company.country)
    name, form = company.name, company.form
    name = noise.changed(draw, name, noise.NAME_CHANGES)
    roll = draw.random()
    if roll < 0.25:
        return name
    if roll < 0.31:
        form = LONG_FORMS.get(form, form)
    elif roll < 0.36:
        form = draw.choice(FORMS[company.country.locale])
    elif roll < 0.46:
        form = form.replace(".", "").upper()
    if draw.random() < 0.03:
        return f"{name} {where.town} {form}"
    return f"{form} {name}" if draw.random() < 0.01 else f"{name} {form}"


def _typed_phone(draw: random.Random, company: Company) -> str | None:
    roll = draw.random()
    if roll < 0.12:
        return None
    number = phone(draw, company.country) if roll < 0.12 + NEW_PHONE else company.phone
    return noise.rewritten_phone(draw, number) if draw.random() < 0.6 else number


def _typed_email(draw: random.Random, company: Company) -> str | None:
    roll = draw.random()
    if roll < 0.18:
        return None
    if roll < 0.18 + NEW_EMAIL:
        return f"{draw.choice(('einkauf', 'ap', 'billing', 'order'))}@{company.domain}"
    if roll < 0.35:
        return f"{draw.choice(company.country.first_names).lower()}@{draw.choice(FREE)}"
    return noise.changed(draw, company.email, ((0.02, noise.typing_error), (0.05, noise.capitals)))


def _typed(
    draw: random.Random, text: str, missing: float, changes: Sequence[tuple[float, noise.Change]]
) -> str | None:
    return None if draw.random() < missing else noise.changed(draw, text, changes)
