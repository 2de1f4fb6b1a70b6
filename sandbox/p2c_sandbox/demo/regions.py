"""Where the demo accounts live: language, country as Sales users type it, and currency."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """One country of the demo: `texts` are the forms its name takes in Sales' free-text column."""

    locale: str
    iso2: str
    texts: tuple[str, ...]
    currency: str
    states: tuple[str, ...] = ()


UNITED_STATES = Region(
    "en_US",
    "US",
    ("United States", "united states", "US", "UNITED STATES"),
    "USD",
    ("WA", "NY", "CA", "TX", "IL", "FL"),
)
GERMANY = Region("de_DE", "DE", ("Germany", "germany", "DE", "GERMANY"), "EUR", ("BY", "NW", "SN"))

OTHERS = (
    Region("fr_FR", "FR", ("France", "FR"), "EUR"),
    Region("en_GB", "GB", ("United Kingdom", "GB", "united kingdom"), "GBP"),
    Region("es_ES", "ES", ("Spain", "ES"), "EUR"),
    Region("da_DK", "DK", ("Denmark", "DK"), "EUR"),
    Region("sv_SE", "SE", ("Sweden", "SE"), "EUR"),
    Region("ja_JP", "JP", ("Japan", "JP"), "USD"),
    Region("de_AT", "AT", ("Austria", "AT"), "EUR"),
    Region("en_CA", "CA", ("Canada", "CA"), "USD", ("ON", "QC", "BC")),
    Region("nl_BE", "BE", ("Belgium", "BE"), "EUR"),
    Region("es_CO", "CO", ("Columbia", "CO"), "USD"),
    Region("tr_TR", "TR", ("Turkey", "TR"), "EUR"),
)
