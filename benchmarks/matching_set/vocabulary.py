"""Words to make names and addresses of, drawn once from Faker's lists for several countries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from faker import Faker

LOCALES = ("en_US", "de_DE", "fr_FR", "it_IT", "es_ES", "sv_SE", "nl_NL")
TRADES = [
    "Logistics",
    "Logistik",
    "Transport",
    "Consulting",
    "Bakery",
    "Bäckerei",
    "Boulangerie",
    "Electric",
    "Elektro",
    "Foods",
    "Plastics",
    "Packaging",
    "Verpackungen",
    "Metallbau",
    "Steel",
    "Machining",
    "Maschinenbau",
    "Tools",
    "Instruments",
    "Optics",
    "Pharma",
    "Medical",
    "Labs",
    "Software",
    "Data",
    "Media",
    "Print",
    "Druck",
    "Design",
    "Architects",
    "Bau",
    "Construction",
    "Roofing",
    "Plumbing",
    "Heating",
    "Solar",
    "Energy",
    "Energie",
    "Water",
    "Chemie",
    "Paints",
    "Textiles",
    "Fashion",
    "Shoes",
    "Furniture",
    "Möbel",
    "Garden",
    "Seeds",
    "Farms",
    "Wines",
    "Brewery",
    "Brauerei",
    "Hotels",
    "Travel",
    "Reisen",
    "Motors",
    "Autohaus",
    "Garage",
    "Trading",
    "Handels",
    "Import",
    "Export",
    "Security",
    "Facility",
    "Cleaning",
    "Training",
    "Academy",
    "Translations",
    "Insurance",
    "Immobilien",
    "Immobilier",
    "Ingenieros",
    "Impianti",
    "Technologies",
    "Manufacturing",
    "Engineering",
    "Services",
    "Industries",
    "Systems",
    "International",
]
FORMS = {
    "en_US": ("Inc.", "LLC", "Corp.", "Co.", "Ltd."),
    "de_DE": ("GmbH", "AG", "GmbH & Co. KG", "KG", "e.K."),
    "fr_FR": ("S.A.", "SARL", "SAS"),
    "it_IT": ("S.p.A.", "S.r.l."),
    "es_ES": ("S.L.", "S.A."),
    "sv_SE": ("AB",),
    "nl_NL": ("B.V.", "N.V."),
}
LONG_FORMS = {
    "GmbH": "Gesellschaft mit beschränkter Haftung",
    "AG": "Aktiengesellschaft",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "S.p.A.": "Società per Azioni",
}
DIALS = {
    "en_US": "1",
    "de_DE": "49",
    "fr_FR": "33",
    "it_IT": "39",
    "es_ES": "34",
    "sv_SE": "46",
    "nl_NL": "31",
}
FREE = ("gmail.com", "gmx.de", "outlook.com", "wanadoo.fr", "mail-box.example")


@dataclass(frozen=True)
class Country:
    """The words of one country; a town has postal codes of its own."""

    locale: str
    surnames: tuple[str, ...]
    first_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Address:
    """Where somebody is."""

    street: str
    postal_code: str
    town: str


def countries(seed: int, size: int = 700) -> tuple[Country, ...]:
    """`size` words of each kind for every country, the same for one seed."""
    return tuple(_country(locale, seed, size) for locale in LOCALES)


def _country(locale: str, seed: int, size: int) -> Country:
    fake = Faker(locale)
    fake.seed_instance(seed)

    def words(draw: str, count: int) -> tuple[str, ...]:
        return tuple(sorted({str(getattr(fake, draw)()) for _ in range(count * 3)}))[: count * 2]

    # Faker's own towns and postal codes of Italy differ from process to process.
    draw = random.Random(seed)
    code = "{} AB" if locale == "nl_NL" else "{}0"
    surnames = words("last_name", size)
    names = words("city", size // 3) if locale != "it_IT" else _villages(draw, surnames, size)
    towns = tuple((town, code.format(draw.randint(1000, 9999))) for town in names)
    streets = tuple(name for name in words("street_name", size))
    return Country(locale, surnames, words("first_name", size // 2), streets, towns)


def _villages(draw: random.Random, surnames: Sequence[str], size: int) -> tuple[str, ...]:
    saints = ("San", "Monte", "Castel", "Villa", "Borgo")
    return tuple({f"{draw.choice(saints)} {draw.choice(surnames)}": None for _ in range(size)})


def address(draw: random.Random, country: Country, town: tuple[str, str] | None = None) -> Address:
    """A place in a town; house numbers before the street in America and France."""
    name, base = town or draw.choice(country.towns)
    number = str(draw.randint(1, 240))
    street = draw.choice(country.streets)
    before = country.locale in ("en_US", "fr_FR")
    line = f"{number} {street}" if before else f"{street} {number}"
    code = base[:3] + "".join(
        str(draw.randint(0, 9)) if letter.isdigit() else letter for letter in base[3:]
    )
    return Address(line, code, name)


def phone(draw: random.Random, country: Country) -> str:
    """An international number as digits with a plus: country, area, subscriber."""
    area, subscriber = draw.randint(20, 999), draw.randint(100_000, 9_999_999)
    return f"+{DIALS[country.locale]} {area} {subscriber}"
