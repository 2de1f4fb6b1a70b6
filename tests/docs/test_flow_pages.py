"""The flows' pages say what the models do: columns, comparison, rejection codes, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TARGETS = {
    "target_finops__customers": ("accounts", "Columns"),
    "target_sales__products": ("products", "Columns of `products`"),
    "target_sales__productpricelevels": ("products", "Columns of `productpricelevels`"),
    "target_finops__contact_persons": ("contacts", "Columns"),
    "target_finops__contact_customers": ("contacts_to_customers", "Columns"),
    "target_finops__sales_quotation_headers": ("quotations", "Columns of the header"),
    "target_finops__sales_quotation_lines": ("quotations", "Columns of the lines"),
    "target_finops__sales_order_headers": ("orders_out", "Columns of the header"),
    "target_finops__sales_order_lines": ("orders_out", "Columns of the lines"),
    "target_sales__salesorders": ("orders_back", "Columns of the header"),
    "target_sales__salesorderdetails": ("orders_back", "Columns of the lines"),
    "target_sales__invoices": ("invoices", "Columns of the header"),
    "target_sales__invoicedetails": ("invoices", "Columns of the lines"),
}
# How a page says what the YAML's meta of a column says.
WORDS = {
    ("compare", "lower"): "case does not matter",
    ("compare", "never"): "sent once",
    ("null_means", "keep"): "empty leaves theirs",
}
REASON = re.compile(r"\breason\(\s*'(\w+)'")
# Macros that make a reason of their own.
MAPPED = {
    "no_value_map": re.compile(r"(country_reason|optional_code_reason)\("),
    "no_currency": re.compile(r"currency_reason\("),
}
FITTED = re.compile(r"fit\('[\w.]+', (\d+)\) \}\}\s+as \"?(\w+)\"?")
Column = Mapping[str, Any]


def section(page: str, heading: str) -> str:
    text = (ROOT / f"docs/flows/{page}.md").read_text()
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"{page}.md has no section {heading!r}"
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def declared(model: str) -> dict[str, Column]:
    """The columns of a target model that belong to the target system."""
    columns = described()[model]
    return {c["name"]: c for c in columns if not c["name"].startswith("p2c_")}


@cache
def described() -> dict[str, list[Column]]:
    """The columns of all target models, as their YAML has them."""
    paths = set(ROOT.glob("models/target/*/_*.yml")) - set(ROOT.glob("models/target/*/*_tests.yml"))
    pages = [yaml.safe_load(path.read_text()) for path in paths]
    return {model["name"]: model["columns"] for page in pages for model in page["models"]}


def sql(model: str) -> str:
    return (ROOT / f"models/target/{model.split('_')[1]}/{model}.sql").read_text()


@pytest.mark.parametrize("model", TARGETS)
def test_column_tables_are_the_models_columns(model: str) -> None:
    page, heading = TARGETS[model]
    documented = [cells[1].strip("`") for cells in rows(section(page, heading))]
    assert documented == list(declared(model))


@pytest.mark.parametrize("model", TARGETS)
def test_column_tables_say_how_columns_are_compared(model: str) -> None:
    page, heading = TARGETS[model]
    rules = {cells[1].strip("`"): cells[3] for cells in rows(section(page, heading))}
    for name, column in declared(model).items():
        meta = column.get("config", {}).get("meta", {})
        documented = {pair for pair, words in WORDS.items() if words in rules[name]}
        assert documented == {pair for pair in WORDS if meta.get(pair[0]) == pair[1]}, name


@pytest.mark.parametrize("model", TARGETS)
def test_column_tables_say_what_is_sent_with_another_column(model: str) -> None:
    page, heading = TARGETS[model]
    for cells in rows(section(page, heading)):
        meta = declared(model)[cells[1].strip("`")].get("config", {}).get("meta", {})
        documented = re.search(r"sent with `(\w+)`", cells[3])
        assert (documented[1] if documented else None) == meta.get("sent_with"), cells[1]


@pytest.mark.parametrize("model", TARGETS)
def test_column_tables_say_which_columns_are_lookups(model: str) -> None:
    page, heading = TARGETS[model]
    kinds = {cells[1].strip("`"): cells[2] for cells in rows(section(page, heading))}
    for name, column in declared(model).items():
        is_lookup = "lookup" in column.get("config", {}).get("meta", {})
        assert ("lookup" in kinds[name]) == is_lookup, name


@pytest.mark.parametrize("model", TARGETS)
def test_column_tables_say_where_text_is_cut(model: str) -> None:
    page, heading = TARGETS[model]
    rules = {cells[1].strip("`"): cells[3] for cells in rows(section(page, heading))}
    lengths = {name: int(length) for length, name in FITTED.findall(sql(model))}
    for name, rule in rules.items():
        documented = re.search(r"cut at (\d+) characters", rule)
        assert (int(documented[1]) if documented else None) == lengths.get(name), name


@pytest.mark.parametrize("page", ["accounts", "products"])
def test_rejection_tables_explain_every_code(page: str) -> None:
    codes: set[str] = set()
    for model, (of, _) in TARGETS.items():
        if of == page:
            text = sql(model)
            codes |= set(REASON.findall(text))
            codes |= {code for code, macro in MAPPED.items() if macro.search(text)}
    noun = page.removesuffix("s")
    article = "an" if noun[0] in "aeiou" else "a"
    documented = rows(section(page, f"When {article} {noun} is rejected"))
    assert {cells[0].strip("`") for cells in documented} == codes


@pytest.mark.parametrize("page", sorted({page for page, _ in TARGETS.values()}))
def test_settings_and_seeds_on_the_pages_exist(page: str) -> None:
    text = (ROOT / f"docs/flows/{page}.md").read_text()
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    for name in re.findall(r"settings? `(\w+)", text):
        assert name in settings, name
    for name in re.findall(r"`(value_map_\w+)`", text):
        assert (ROOT / f"seeds/{name}.csv").is_file(), name


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/flows/README.md").read_text()
    for page in (ROOT / "docs/flows").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
