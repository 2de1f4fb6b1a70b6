"""Random queries of Sales, over all their pages, against the plain model (protocols A3)."""

import random
from decimal import Decimal
from urllib.parse import quote

import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st
from p2c_sandbox.odata.http import Headers, Request
from p2c_sandbox.odata.model import load_service
from p2c_sandbox.sales.base import METADATA, open_store
from p2c_sandbox.sales.service import SalesService

from .model import (
    SAME,
    Column,
    combined,
    comparison,
    order_text,
    ordered,
    orders,
    search,
    text_literal,
)

ROOT = "http://sales.test/api/data/v9.2"
NAMES = ["Zoë", "anna", "ANNA", "O'Brien & Co", "50% off", "a_b", "Bo", "x[1]", None]
MONEY = st.decimals(-20, 20, places=2)
COLUMNS = [
    Column("name", st.sampled_from([n for n in NAMES if n]), text_literal, SAME),
    Column("creditlimit", MONEY, lambda value: f"{value:f}"),
    Column("numberofemployees", st.integers(-2, 4)),
    Column("paymenttermscode", st.integers(1, 4)),
    Column("donotemail", st.booleans(), lambda value: str(value).lower(), SAME),
    Column(
        "createdon",
        st.sampled_from([f"2026-0{month}-01T00:00:00Z" for month in range(1, 6)]),
        nullable=False,
    ),
]
LEAVES = st.one_of(
    *(comparison(column) for column in COLUMNS), search(COLUMNS[0], st.sampled_from(["n", "O'B"]))
)
SORTABLE = ["creditlimit", "numberofemployees", "paymenttermscode", "donotemail", "createdon"]


def make_rows() -> list[dict[str, object]]:
    chance = random.Random(3)
    pick = chance.choice
    return [
        {
            "accountid": f"{number:08x}-0000-4000-8000-000000000000",
            "name": pick(NAMES),
            "creditlimit": pick([None, Decimal(chance.randint(-2000, 2000)) / 100]),
            "numberofemployees": pick([None, -1, 0, 2, 3]),
            "paymenttermscode": pick([None, 1, 2, 3, 4]),
            "donotemail": pick([True, False, None]),
            "createdon": f"2026-0{chance.randint(1, 5)}-01T00:00:00Z",
        }
        for number in range(60)
    ]


ROWS = make_rows()


@pytest.fixture(scope="module")
def service():
    store = open_store(service=load_service(METADATA))
    with store.transaction():
        store.insert("accounts", ROWS)
    yield SalesService(store)
    store.close()


def walk(service, query: str, **headers: str) -> tuple[list[dict], list[int], dict]:
    """All rows, the number of rows of each page, and the first page."""
    rows, sizes, first = [], [], {}
    url = f"{ROOT}/accounts?{query}"
    while url:
        path, _, rest = url.removeprefix(f"{ROOT}/").partition("?")
        answer = service.handle(Request("GET", ROOT, path, rest, Headers.of(headers)))
        assert answer.status == 200, answer.body
        page = simplejson.loads(answer.body, use_decimal=True)
        first = first or page
        rows += page["value"]
        sizes.append(len(page["value"]))
        url = page.get("@odata.nextLink")
    return rows, sizes, first


@settings(max_examples=120, deadline=None)
@given(
    condition=combined(LEAVES),
    order=orders(SORTABLE),
    select=st.lists(st.sampled_from([c.name for c in COLUMNS]), unique=True),
    size=st.integers(1, 25),
)
def test_filter_order_select_and_pages(service, condition, order, select, size):
    text, predicate = condition
    options = {"$filter": text, "$count": "true"}
    options |= {"$orderby": order_text(order)} if order else {}
    options |= {"$select": ",".join(select)} if select else {}
    query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    rows, sizes, first = walk(service, query, prefer=f"odata.maxpagesize={size}")
    expected = ordered([row for row in ROWS if predicate(row)], order, ["accountid"])
    assert [row["accountid"] for row in rows] == [row["accountid"] for row in expected]
    names = select or [column.name for column in COLUMNS]
    assert [[row[n] for n in names] for row in rows] == [[r[n] for n in names] for r in expected]
    if select:
        implied = {"@odata.etag", "accountid"}
        implied |= {"_transactioncurrencyid_value"} if "creditlimit" in select else set()
        assert all(set(row) == {*select, *implied} for row in rows)
    assert first["@odata.count"] == len(expected)
    full, last = divmod(len(expected), size)
    assert sizes == ([size] * full + [last] if last or not full else [size] * full)


@settings(max_examples=40, deadline=None)
@given(condition=combined(LEAVES), order=orders(SORTABLE), top=st.integers(0, 70))
def test_top_takes_the_first_rows_of_the_order(service, condition, order, top):
    text, predicate = condition
    query = f"$select=name&$top={top}&$filter={quote(text)}"
    query += f"&$orderby={quote(order_text(order))}" if order else ""
    rows, sizes, _ = walk(service, query)
    expected = ordered([row for row in ROWS if predicate(row)], order, ["accountid"])[:top]
    assert [row["accountid"] for row in rows] == [row["accountid"] for row in expected]
    assert len(sizes) == 1
