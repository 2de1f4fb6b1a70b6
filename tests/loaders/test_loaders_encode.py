"""Bodies and keys as each protocol wants them (protocols A6, A12, B2, B6)."""

import json
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.exact_json import dumps, loads
from loaders.models import Column
from loaders.services.encoder import Encoder
from loaders.services.payload import EncodeError, finops_key
from tests.loaders.loader_rows import guid, target

SALES, FINOPS = target("sales"), target("finops")


def sales_body(target, values):
    return Encoder(target).encoded(values, create=False)


def finops_body(target, values, *, create):
    return Encoder(target).encoded(values, create=create)


def test_sales_takes_null_for_empty() -> None:
    assert sales_body(SALES, {"name": None, "price": None}) == {"name": None, "price": None}


def test_a_lookup_is_bound_and_cleared_by_name() -> None:
    assert sales_body(SALES, {"ownerid": guid(7)}) == {"ownerid@odata.bind": f"/owners({guid(7)})"}
    assert sales_body(SALES, {"ownerid": None}) == {"ownerid@odata.bind": None}


def test_a_lookup_may_be_bound_under_another_name() -> None:
    column = Column("ownerid", "varchar", lookup="owners", navigation="ownerid_owner")
    bound = sales_body(target(columns={"ownerid": column}), {"ownerid": guid(1)})
    assert bound == {"ownerid_owner@odata.bind": f"/owners({guid(1)})"}


def test_finops_has_no_null_a_cleared_value_has_its_own_form() -> None:
    cleared = dict.fromkeys(["name", "price", "count", "since", "day"])
    assert finops_body(FINOPS, cleared, create=False) == {
        "name": "",
        "price": 0,
        "count": 0,
        "since": "1900-01-01T00:00:00Z",
        "day": "1900-01-01T00:00:00Z",
    }
    assert finops_body(FINOPS, cleared, create=True) == {}


def test_an_enum_says_itself_what_empty_is() -> None:
    columns = {"Blocked": Column("Blocked", "varchar", empty="No")}
    assert finops_body(target("finops", columns=columns), {"Blocked": None}, create=False) == {
        "Blocked": "No"
    }


def test_times_are_utc_and_dates_of_finops_stand_at_noon() -> None:
    values = {"since": "2026-01-31 10:15:00+00", "day": "2026-01-31"}
    assert sales_body(SALES, values) == {"since": "2026-01-31T10:15:00Z", "day": "2026-01-31"}
    assert finops_body(FINOPS, values, create=True)["day"] == "2026-01-31T12:00:00Z"
    zoned = {"since": "2026-01-31 10:15:00.250000-05"}
    assert sales_body(SALES, zoned) == {"since": "2026-01-31T15:15:00.250000Z"}


def test_a_key_of_finops_is_quoted_typed_and_encoded() -> None:
    key = finops_key(FINOPS, {"dataAreaId": "usmf", "Number": "O'Neil & Søn/1"})
    assert key == "(dataAreaId='usmf',Number='O%27%27Neil%20%26%20S%C3%B8n%2F1')"
    numbered = target("finops", key=("dataAreaId", "count"))
    assert (
        finops_key(numbered, {"dataAreaId": "usmf", "count": 20}) == "(dataAreaId='usmf',count=20)"
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [("count", "many"), ("count", 1.5), ("active", "yes"), ("since", "soon"), ("day", "2026-02-30"),
     ("price", "NaN"), ("name", {"a": 1})],
)  # fmt: skip
def test_a_value_of_another_type_is_named(column: str, value: object) -> None:
    with pytest.raises(EncodeError) as error:
        sales_body(SALES, {column: value})
    assert f"Column {column} has" in str(error.value)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
    )
)
def test_money_is_exact_from_the_change_to_the_wire(amount: Decimal) -> None:
    body = dumps(sales_body(SALES, loads(f'{{"price": {amount:f}}}')))
    assert json.loads(body, parse_float=Decimal, parse_int=Decimal)["price"] == amount


@given(st.text())
def test_text_arrives_as_it_is(text: str) -> None:
    body = dumps(sales_body(SALES, loads(json.dumps({"name": text}))))
    assert json.loads(body)["name"] == text


@given(st.text())
def test_any_key_is_a_safe_url_and_reads_back(text: str) -> None:
    key = finops_key(target("finops", key=("Number",)), {"Number": text})
    assert not set(" #?&/%") & set(key.replace("%", "")) - {"%"}
    literal = unquote(key)[len("(Number='") : -len("')")]
    assert literal.replace("''", "'") == text
