"""Values of seeds and settings that no service has."""

from __future__ import annotations

from pathlib import Path

from p2c.checks.doctor import Check

from .world import Tenant, examined


def by_place(found: list[Check]) -> dict[tuple[str, str], list[str]]:
    """(status, check) → what was found."""
    places: dict[tuple[str, str], list[str]] = {}
    for check in found:
        places.setdefault((check.status, check.check), []).append(check.found)
    return places


def test_values_of_the_seeds_that_no_service_has(shipped: Path, whole: Tenant) -> None:
    """As a hand writes them: the line of each value is named."""
    seeds = shipped / "seeds"
    with (seeds / "legal_entities.csv").open("a") as file:
        file.write("Contoso Mars,mars,false,\n")
    (seeds / "value_map_price_lists.csv").write_text(
        "currency_code,price_list\nUSD,Europe\nCHF,Alps\n"
    )
    with (seeds / "value_map_units.csv").open("a") as file:
        file.write("parsec,Parsec,true\n")
    (seeds / "value_map_sites.csv").write_text(
        "data_area_id,source_column,source_value,target_value\nusmf,country,USA,99\n"
    )
    found = by_place(examined(shipped, whole))
    lines = (seeds / "legal_entities.csv").read_text().count("\n")
    line = f"seeds/legal_entities.csv, line {lines}"
    assert found["problem", "companies"] == [f"{line}: F&O has no legal entity 'mars'"]
    assert found["note", "business units"] == [f"{line}: Sales has no business unit 'Contoso Mars'"]
    (currency,) = found["note", "currencies"]
    assert currency == "seeds/value_map_price_lists.csv, line 3: Sales has no currency CHF"
    in_euro, alps = found["problem", "price lists"]
    assert "line 2: 'Europe' is in EUR, not in USD" in in_euro
    assert "line 3: Sales has no price list 'Alps'" in alps
    assert "no unit 'Parsec'" in found["note", "units"][0]
    assert "no unit 'parsec'" in found["note", "units of F&O"][0]
    assert "line 2: usmf has none that is called '99'" in found["note", "sites"][0]


def test_settings_of_the_mapping_that_no_service_has(shipped: Path, whole: Tenant) -> None:
    settings = (shipped / "dbt_project.yml").read_text()
    for name, old, new in (
        ("customer_group", '"10"', '"77"'),
        ("unit_group", "default unit", "Metric"),
        ("default_currency", "USD", "XTS"),
        ("price_list", '""', "Gold"),
    ):
        assert f"  {name}: {old}" in settings
        settings = settings.replace(f"  {name}: {old}", f"  {name}: {new}")
    (shipped / "dbt_project.yml").write_text(settings)
    found = by_place(examined(shipped, whole))
    assert "no currency XTS" in found["problem", "currencies"][0]
    assert "no price list 'gold'" in found["problem", "price lists"][0]
    assert "no unit group 'metric'" in found["problem", "units"][0]
    groups = found["problem", "customer groups"]
    assert {one.partition(" ")[0] for one in groups} == {"demf", "usmf"}
    assert all("'77' (customer_group in dbt_project.yml)" in one for one in groups)


def test_option_numbers_that_sales_has_not(shipped: Path, whole: Tenant) -> None:
    """30 days is option 1 of payment terms; the seeds without rows are not asked about."""
    for seed, rows in (
        ("value_map_payment_terms", "1,Net30\n99,Never\n"),
        ("value_map_processing_statuses", "Confirmed,1\n"),
    ):
        header = (shipped / f"seeds/{seed}.csv").read_text().splitlines()[0]
        (shipped / f"seeds/{seed}.csv").write_text(f"{header}\n{rows}")
    found = by_place(examined(shipped, whole))["note", "options"]
    assert found == [
        "seeds/value_map_processing_statuses.csv, line 2: "
        "msdynce_processingstatus of salesorder has no option 1",
        "seeds/value_map_payment_terms.csv, line 3: paymenttermscode of account has no option 99",
    ]
    assert not any("freightterms" in path for path in whole.asked)
