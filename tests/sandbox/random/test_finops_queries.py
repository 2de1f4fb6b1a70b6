"""Random queries of F&O, over all their pages, against the plain model (protocols B2, B3)."""

import random
from decimal import Decimal
from urllib.parse import quote

import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st
from p2c_sandbox.finops.service import Finops, finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Request
from p2c_sandbox.odata.store import Store

from .model import (
    SAME,
    Column,
    combined,
    comparison,
    order_text,
    ordered,
    orders,
    text_literal,
)

ROOT = "http://finops.test/data"
ENUM = "Microsoft.Dynamics.DataEntities.NoYes"
KEY = ["dataAreaId", "CustomerAccount"]
NAMES = ["Zoë", "anna", "ANNA", "O'Brien & Co", "50% off", "a_b", "Bo", ""]
COMPANIES = ["demf", "usmf"]
CREDIT = st.decimals(-20, 20, places=2)
COLUMNS = [
    Column("OrganizationName", st.sampled_from(NAMES), text_literal, SAME, nullable=False),
    Column("CreditLimit", CREDIT, lambda value: f"{value:f}", nullable=False),
    Column("ConsolidationDay", st.integers(-2, 4), nullable=False),
    Column("CustomerAccount", st.sampled_from(["C-07", "C-30"]), text_literal, nullable=False),
    Column(
        "CreditLimitIsMandatory",
        st.sampled_from(["Yes", "No"]),
        lambda value: f"{ENUM}'{value}'",
        SAME,
        nullable=False,
    ),
]


def stars() -> st.SearchStrategy:
    """`Name eq '*part*'` means contains (protocols B3)."""

    def build(part: str):
        return (
            f"OrganizationName eq '*{part}*'",
            lambda row: part.casefold() in row["OrganizationName"].casefold(),
        )

    return st.sampled_from(["n", "%", "_"]).map(build)


LEAVES = st.one_of(*(comparison(column) for column in COLUMNS), stars())
SORTABLE = ["CreditLimit", "ConsolidationDay", "CreditLimitIsMandatory", "dataAreaId"]


def make_rows() -> list[dict[str, object]]:
    chance = random.Random(4)
    pick = chance.choice
    return [
        {
            "dataAreaId": pick(COMPANIES),
            "CustomerAccount": f"C-{number:02d}",
            "OrganizationName": pick(NAMES),
            "CreditLimit": Decimal(chance.randint(-2000, 2000)) / 100,
            "ConsolidationDay": chance.randint(-1, 3),
            "CreditLimitIsMandatory": pick(["Yes", "No"]),
        }
        for number in range(60)
    ]


ROWS = make_rows()


@pytest.fixture(scope="module")
def services():
    """Services over the same rows, by page ceiling."""
    store = Store(finops_model())
    empty = {c.name: "" for c in store.service.table("CustomersV3").columns.values() if c.is_text}
    with store.transaction():
        store.insert("CustomersV3", [empty | row for row in ROWS])
    yield {size: Finops(store, FinopsSettings(page_ceiling=size)) for size in range(1, 26)}
    store.close()


def walk(service: Finops, query: str) -> tuple[list[dict], dict]:
    """All rows of all pages, and the first page."""
    rows, first = [], {}
    url = f"{ROOT}/CustomersV3?{query}"
    while url:
        path, _, rest = url.removeprefix(f"{ROOT}/").partition("?")
        answer = service.handle(Request("GET", ROOT, path, rest))
        assert answer.status == 200, answer.body
        page = simplejson.loads(answer.body, use_decimal=True)
        first = first or page
        rows += page["value"]
        assert len(page["value"]) <= service.settings.page_ceiling
        url = page.get("@odata.nextLink")
    return rows, first


def key_of(row) -> list[object]:
    return [row[name] for name in KEY]


@settings(max_examples=120, deadline=None)
@given(
    condition=combined(LEAVES),
    order=orders(SORTABLE),
    select=st.lists(st.sampled_from([c.name for c in COLUMNS]), unique=True),
    size=st.integers(1, 25),
    window=st.tuples(st.integers(0, 30), st.none() | st.integers(1, 70)),
    everywhere=st.booleans(),
)
def test_every_option_at_once(services, condition, order, select, size, window, everywhere):
    (text, predicate), (skip, top) = condition, window
    names = [*KEY, *(name for name in select if name not in KEY)]
    options = {"$filter": text, "$select": ",".join(names), "$count": "true"}
    options |= {"$orderby": order_text(order)} if order else {}
    options |= {"$skip": str(skip)} if skip else {}
    options |= {"$top": str(top)} if top else {}
    options |= {"cross-company": "true"} if everywhere else {}
    query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    rows, first = walk(services[size], query)
    found = [r for r in ROWS if predicate(r) and (everywhere or r["dataAreaId"] == "usmf")]
    expected = ordered(found, order, KEY)[skip:][:top]
    assert [key_of(row) for row in rows] == [key_of(row) for row in expected]
    assert [[row[n] for n in names] for row in rows] == [[r[n] for n in names] for r in expected]
    assert all(set(row) == {"@odata.etag", *names} for row in rows)
    assert first["@odata.count"] == len(found)
