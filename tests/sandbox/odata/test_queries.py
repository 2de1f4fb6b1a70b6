"""Filters, orders and pages against a plain model in memory."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from p2c_sandbox.odata.errors import BadRequest, NotOffered, UnknownProperty
from p2c_sandbox.odata.filters import Dialect, FilterCompiler
from p2c_sandbox.odata.http import query_pairs, split_outside
from p2c_sandbox.odata.options import Options, parse_options
from p2c_sandbox.odata.reading import Query, Reader
from p2c_sandbox.odata.store import Store

SALES = Dialect(sql_wildcards=True, query_functions="Test")
FINOPS = Dialect(arithmetic=True, star_wildcard=True, enum_namespace="Test")
NAMES = ["Zoë", "anna", "Anna", "O'Brien", "", "50% off", "a_b", "Bo"]
rows_ = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES) | st.none(),
            "amount": st.none() | st.decimals(-50, 50, places=4),
            "allowed": st.none() | st.integers(-3, 3),
            "active": st.none() | st.booleans(),
        }
    ),
    max_size=25,
)
COMPARE = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
}


def lower(value):
    return value.casefold() if isinstance(value, str) else value


@st.composite
def conditions(draw):
    """A filter text and the predicate that means the same."""
    column = draw(st.sampled_from(["name", "amount", "allowed", "active"]))
    if column == "name":
        value = draw(st.sampled_from([n for n in NAMES if n]))
        literal = "'" + value.replace("'", "''") + "'"
        word = draw(st.sampled_from(["eq", "ne"]))
    elif column == "active":
        value = draw(st.booleans())
        literal, word = str(value).lower(), draw(st.sampled_from(["eq", "ne"]))
    else:
        value = draw(st.decimals(-50, 50, places=5) if column == "amount" else st.integers(-3, 3))
        literal, word = (
            f"{value:f}" if column == "amount" else str(value),
            draw(st.sampled_from(sorted(COMPARE))),
        )
    if draw(st.integers(0, 9)) == 0:
        value, literal, word = None, "null", draw(st.sampled_from(["eq", "ne"]))
    test = COMPARE[word]
    return f"{column} {word} {literal}", lambda row: test(lower(row[column]), lower(value))


def joined(inner):
    def either(pair):
        (a, f), (b, g), word = pair
        if word == "and":
            return f"({a} and {b})", lambda row: f(row) and g(row)
        if word == "or":
            return f"({a} or {b})", lambda row: f(row) or g(row)
        return f"not ({a})", lambda row: not f(row)

    return st.tuples(inner, inner, st.sampled_from(["and", "or", "not"])).map(either)


filters = st.recursive(conditions(), joined, max_leaves=6)


def filled(service, rows):
    store = Store(service)
    with store.transaction():
        store.insert("things", [{"id": f"{n:04d}"} | row for n, row in enumerate(rows)])
    return store


@settings(max_examples=150, deadline=None)
@given(rows=rows_, filter_=filters)
def test_filters_mean_what_a_plain_model_says(service, rows, filter_):
    text, predicate = filter_
    store = filled(service, rows)
    page = Reader(store, SALES).read(Query(service.table("things"), Options(filter=text)))
    expected = [f"{n:04d}" for n, row in enumerate(rows) if predicate(row)]
    assert [row["id"] for row in page.rows] == expected
    store.close()


@settings(max_examples=100, deadline=None)
@given(
    rows=rows_,
    size=st.integers(1, 7),
    order=st.lists(
        st.tuples(st.sampled_from(["amount", "allowed", "active"]), st.booleans()),
        max_size=3,
        unique_by=lambda part: part[0],
    ),
)
def test_pages_bring_every_row_once_in_order(service, rows, size, order):
    store = filled(service, rows)
    reader = Reader(store, SALES)
    query = Query(service.table("things"), Options(orderby=tuple(order)), limit=size)
    found, page = [], reader.read(query)
    found += page.rows
    while page.last is not None:
        page = reader.read(dataclasses.replace(query, after=page.last))
        found += page.rows
    expected = ordered(rows, order)
    assert [row["id"] for row in found] == [f"{n:04d}" for n in expected]
    store.close()


def sort_key(value):
    return (value is not None, value or 0)


def ordered(rows, order):
    """Row numbers in order; Python's sort keeps ties as they are, also in reverse."""
    numbers = list(range(len(rows)))
    for column, descending in reversed(order):
        numbers.sort(key=lambda n, c=column: sort_key(rows[n][c]), reverse=descending)
    return numbers


def compiled(service, text, dialect=FINOPS):
    return FilterCompiler(service, dialect).compile(text, service.table("things"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stage eq Test.Stage'Second'", {"b"}),
        ("stage ne Test.Stage'Second'", {"a", "c"}),
        ("name eq '*nn*'", {"a"}),
        ("name eq 'a_b'", {"c"}),
        ("contains(name,'_')", {"c"}),
        ("amount mul 2 gt 3", {"b"}),
        ("allowed add 1 eq 3", {"b"}),
        ("amount gt allowed", {"a"}),
        ("parent/name eq 'ANNA'", {"b"}),
        ("parts/any(p:p/allowed eq 2)", {"a"}),
        ("parts/all(p:p/allowed eq 2)", {"a", "b", "c"}),
        ("made lt 2026-01-01T01:30:00+01:00", {"a"}),
        ("due eq 2026-02-03", {"b"}),
    ],
)
def test_filters_of_the_finance_dialect(service, store, text, found):
    with store.transaction():
        store.insert(
            "things",
            [
                {"id": "a", "name": "Anna", "amount": Decimal("1.5"), "allowed": 1,
                 "made": "2026-01-01T00:00:00Z", "stage": "First"},
                {"id": "b", "name": "Bo", "amount": Decimal("1.75"), "allowed": 2, "parent": "a",
                 "made": "2026-01-01T00:30:00Z", "due": "2026-02-03", "stage": "Second"},
                {"id": "c", "name": "a_b", "stage": "First"},
            ],
        )  # fmt: skip
    page = Reader(store, FINOPS).read(Query(service.table("things"), Options(filter=text)))
    assert {row["id"] for row in page.rows} == found


@pytest.mark.parametrize(
    "text", ["stage eq 'Second'", "stage gt Test.Stage'First'", "stage eq Other.Stage'First'",
             "name eq", "name eq 'a", "in", "amount eq 'x'"],
)  # fmt: skip
def test_wrong_filters_are_refused(service, text):
    with pytest.raises(BadRequest):
        compiled(service, text)


def test_unknown_names_and_functions_have_their_own_errors(service):
    with pytest.raises(UnknownProperty, match="'nothere'"):
        compiled(service, "nothere eq 1")
    with pytest.raises(NotOffered, match="length"):
        compiled(service, "length(name) eq 3")


def test_property_names_that_begin_like_keywords(service):
    assert compiled(service, "allowed eq 1").params == (1,)


def test_options_of_an_expand_are_parsed_in_depth():
    pairs = query_pairs("$expand=parts($select=id,name;$expand=parent($select=id);$top=2),owner_a")
    options = parse_options(pairs, frozenset({"$expand"}))
    parts, owner = options.expand
    assert (parts.navigation, parts.options.select, parts.options.top) == (
        "parts",
        ("id", "name"),
        2,
    )
    assert parts.options.expand[0].navigation == "parent"
    assert (owner.navigation, owner.options.select) == ("owner_a", None)


def test_unsupported_option_is_named():
    with pytest.raises(BadRequest, match=r"\$search"):
        parse_options(query_pairs("$search=x"), frozenset({"$select"}))


def test_split_outside_of_quotes_and_brackets():
    assert split_outside("a,f(b,c),'x,y',[1,2]", ",") == ["a", "f(b,c)", "'x,y'", "[1,2]"]
