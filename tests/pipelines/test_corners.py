"""Answers that a service, or what stands before it, should not send and sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from pipelines.common import paging
from pipelines.common.errors import (
    AuthenticationFailed,
    EndlessPages,
    ExtractError,
    ServiceRefused,
    ServiceUnavailable,
    UnusableAnswer,
)
from pipelines.run import check

from .conftest import Warehouse, account
from .service import Fake

Mangle = Callable[[dict[str, Any]], Any]
ALIVE = "select count(*) from raw_sales.accounts where deleted_at is null"


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (lambda page: {"@odata.context": "x"}, 'there is no list "value" in it'),
        (lambda page: {"error": "gone"}, "but the error 'gone'"),
        (lambda page: {"error": {"message": "gone"}}, "but the error 'gone'"),
        (lambda page: {**page, "value": None}, '"value" is null'),
        (lambda page: {**page, "value": {}}, '"value" is an object'),
        (lambda page: {**page, "value": ""}, '"value" is a text'),
        (lambda page: {**page, "value": [None]}, '"value" holds null among its rows'),
        (lambda page: {**page, "value": [[]]}, '"value" holds a list among its rows'),
        (lambda page: page["value"], "a JSON object is expected, not a list"),
        (lambda page: None, "a JSON object is expected, not null"),
        (lambda page: b'"text"', "a JSON object is expected, not a text"),
        (lambda page: {**page, "@odata.nextLink": 5}, '"@odata.nextLink" is a number'),
        (lambda page: {**page, "@odata.deltaLink": []}, '"@odata.deltaLink" is a list'),
        (
            lambda page: {**page, "value": [{"@odata.context": "x/$deletedEntity"}]},
            "a deletion without an id",
        ),
    ],
)
@pytest.mark.parametrize("full", [True, False])
def test_what_is_no_page_of_rows_is_never_an_empty_table(
    fake: Fake, filled: Warehouse, mangle: Mangle, words: str, full: bool
) -> None:
    """An empty table would delete every record of it on the other side."""
    fake.mangle = mangle
    with pytest.raises(UnusableAnswer) as raised:
        filled.one(fake.sales, "accounts", full=full)
    assert words in str(raised.value)
    assert "nothing was loaded" in str(raised.value)
    fake.mangle = lambda page: page
    filled.one(fake.sales, "accounts")
    assert filled.query(ALIVE) == [(25,)]


@pytest.mark.parametrize(
    "body",
    [
        '{"value": [{"name": "Müller"}]}'.encode("latin-1"),
        b'{"value": [',
        b"\xff\xfe\x00",
        b'{"value": [{"creditlimit": NaN}]}',
        b"[" * 100_000,
        b"",
    ],
)
def test_what_is_no_json_is_told_as_such(fake: Fake, filled: Warehouse, body: bytes) -> None:
    fake.mangle = lambda page: body
    with pytest.raises(ServiceUnavailable, match="its answer is not JSON"):
        filled.one(fake.sales, "accounts", full=True)
    assert filled.query(ALIVE) == [(25,)]


def test_a_byte_order_mark_is_no_reason_to_stop(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.mangle = lambda page: b"\xef\xbb\xbf" + json.dumps(page).encode()
    assert warehouse.one(fake.sales, "uoms").rows == 1


@pytest.mark.parametrize("link", ["", None])
def test_an_empty_next_link_is_none(fake: Fake, warehouse: Warehouse, link: str | None) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.mangle = lambda page: {**page, "@odata.nextLink": link}
    report = warehouse.one(fake.sales, "uoms")
    assert (report.rows, report.service_count) == (1, 1)


@pytest.mark.parametrize("form", ["relative", "path"])
def test_a_relative_next_link_hangs_from_the_page_it_came_with(
    fake: Fake, warehouse: Warehouse, form: str
) -> None:
    fake.page_size = 2
    for number in range(5):
        account(fake, number, "A")

    def relative(page: dict[str, Any]) -> dict[str, Any]:
        if link := page.get("@odata.nextLink"):
            path = link.removeprefix(fake.url)
            page["@odata.nextLink"] = path if form == "path" else path.rpartition("/")[2]
        return page

    fake.mangle = relative
    assert warehouse.one(fake.sales, "accounts").rows == 5


def _same(fake: Fake) -> Mangle:
    return lambda page: {**page, "@odata.nextLink": f"{fake.url}/api/data/v9.2/uoms?$select=uomid"}


def _ever_new(fake: Fake, rows: Callable[[int], list[dict[str, Any]]]) -> Mangle:
    numbers = count()

    def mangle(page: dict[str, Any]) -> dict[str, Any]:
        number = next(numbers)
        link = f"{fake.url}/api/data/v9.2/uoms?$select=uomid&$skiptoken={number}"
        return {"value": rows(number), "@odata.nextLink": link}

    return mangle


@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (_same, "the same link comes twice"),
        (lambda fake: _ever_new(fake, lambda number: []), "10 pages brought no new row"),
        (
            lambda fake: _ever_new(fake, lambda number: [{"uomid": "u"}]),
            "10 pages brought no new row",
        ),
        (
            lambda fake: _ever_new(fake, lambda number: [{"uomid": f"u{number}"}]),
            "there are more than 30",
        ),
    ],
)
def test_pages_that_never_end_end_the_read(
    fake: Fake,
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    mangle: Callable[[Fake], Mangle],
    words: str,
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 30)
    fake.mangle = mangle(fake)
    with pytest.raises(EndlessPages) as raised:
        warehouse.one(fake.sales, "uoms")
    assert f"The pages of uoms in Sales do not end ({words})" in str(raised.value)
    assert fake.asked["uoms"] < 40
    assert not warehouse.path.exists()


def test_a_page_that_repeats_because_rows_moved_is_no_endless_one(
    fake: Fake, warehouse: Warehouse
) -> None:
    fake.page_size, fake.overlap = 3, 2
    for number in range(30):
        account(fake, number, "A")
    assert warehouse.one(fake.sales, "accounts").rows == 30


@pytest.mark.parametrize("status", [408, 409, 423, 425, 429, 500, 503])
def test_what_may_work_later_is_tried_again(fake: Fake, warehouse: Warehouse, status: int) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.refusals = [(status, {})]
    assert warehouse.one(fake.sales, "uoms").rows == 1
    fake.refusals = [(status, {})] * 50
    with pytest.raises(ServiceUnavailable, match=f"HTTP {status}"):
        warehouse.one(fake.sales, "uoms")


def test_a_fraction_of_a_second_is_waited_for(
    fake: Fake, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlt reads whole seconds; with the test's backoff of 0 it would not wait at all."""
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    fake.put("uoms", uomid="u", name="box")
    for retry_after in ("0.4", "inf", "nan", "-1"):
        fake.refusals = [(429, {"Retry-After": retry_after})]
        assert warehouse.one(fake.sales, "uoms").mode in ("full", "delta")
    assert waits == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": "text"}', "(400): text"),
        ('{"error": ["a", "b"]}', "(400): ['a', 'b']"),
        ('{"error": null}', "(400): no reason given"),
        ('{"error": {"code": 7, "message": {"value": "odd"}}}', "(400 7): {'value': 'odd'}"),
        ('{"error": {"message": "outer", "innererror": "text"}}', "(400): outer"),
        ('{"Message": "No HTTP resource was found"}', "(400): No HTTP resource was found"),
        ('["text"]', "(400): no reason given"),
        ("null", "(400): no reason given"),
        ("\udcff", "(400): no reason given"),
    ],
)
def test_an_error_in_any_form_is_one_sentence(fake: Fake, body: str, words: str) -> None:
    fake.answer = (400, body.encode("utf-8", "surrogateescape"))  # type: ignore[assignment]
    with pytest.raises(ServiceRefused) as raised:
        check([fake.sales])
    assert f"Sales refused to read accounts {words}" in str(raised.value)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (200, '{"access_token": null}', AuthenticationFailed, "no access_token"),
        (200, "[]", AuthenticationFailed, "no access_token"),
        (200, "<html>", ServiceUnavailable, "does not answer"),
        (400, "[]", AuthenticationFailed, "HTTP 400"),
        (400, '{"error_description": "\\n"}', AuthenticationFailed, "HTTP 400"),
        (429, "", ServiceUnavailable, "does not answer"),
    ],
)
def test_a_token_endpoint_may_send_anything(
    fake: Fake, status: int, body: str, error: type[ExtractError], words: str
) -> None:
    fake.token_answer = (status, body)
    with pytest.raises(error) as raised:
        check([fake.sales])
    assert words in str(raised.value)
    assert "token" in str(raised.value)


@pytest.mark.parametrize("life", [None, "soon", "3599", 3599.5, [1]])
def test_a_token_without_a_usual_life_is_used(
    fake: Fake, warehouse: Warehouse, life: object
) -> None:
    fake.lives = life  # type: ignore[assignment]
    assert warehouse.one(fake.sales, "uoms").table == "uoms"


@pytest.mark.parametrize("text", [b"\xff", "²".encode(), b"", b"many"])
def test_a_count_that_is_none_is_told(fake: Fake, warehouse: Warehouse, text: bytes) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.count_answer = text
    report = warehouse.one(fake.sales, "uoms")
    assert report.service_count is None
    assert "no count" in report.warnings[0]


def test_an_etag_that_is_no_text_is_kept_as_one(fake: Fake, warehouse: Warehouse) -> None:
    fake.put("uoms", uomid="u", name="box")
    fake.mangle = lambda page: {
        **page,
        "value": [{**row, "@odata.etag": 5} for row in page["value"]],
    }
    warehouse.one(fake.sales, "uoms")
    assert warehouse.query("select etag from raw_sales.uoms") == [("5",)]


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://a.example/api/data/v9.2/uoms?$deltatoken=1%21", "uoms?$deltatoken=1%21"),
        ("https://A.example:443/API/data/v9.2/uoms?x=/api/data/v9.2/", "uoms?x=/api/data/v9.2/"),
        ("uoms?$deltatoken=1!08/22/2017 08:10:44", "uoms?$deltatoken=1!08/22/2017 08:10:44"),
        ("https://b.example/api/data/v9.2/uoms?$deltatoken=1", None),
        ("https://a.example/elsewhere/uoms?$deltatoken=1", None),
        ("https://a.example/api/data/v9.2/", None),
    ],
)
def test_of_a_delta_link_what_hangs_from_the_root_is_kept_as_sent(
    link: str, kept: str | None
) -> None:
    assert paging.below_root(link, "https://a.example/api/data/v9.2") == kept
