"""Pages by Arrow's JSON reader hold what the way by values holds, or are left to it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.common.errors import ExtractError, UnexpectedValue
from pipelines.common.pages import Page, PageReader, exact_json
from pipelines.common.paging import next_link
from pipelines.common.tables import Table, load_tables

DECLARED = """
things:
  key: [id]
  columns:
    id: text
    name: text
    number: int
    long: bigint
    flag: bool
    at: timestamp
    day: date
    money: decimal(19,4)
    real: decimal(32,6)
"""
NUMBERS = (
    "0", "-0", "1", "-7", "0.1", "1.50", "1E+2", "1e-3", "-2.5E-1", "0.00005", "-0.00005",
    "123456789012345.6789", "999999999999999.9999", "1E+15", "99999999999999999", "12345678901",
    "19.989999999999998", "0.30000000000000004", "1234567.8901234567", "1e60", "1e-60",
    "123456789012345678901234567890.12345678", "2147483647", "2147483648", "9223372036854775807",
)  # fmt: skip
TEXTS = (
    '""', '"Müller’s"', '"\\u00fc \\ud83d\\ude00"', '"1.5"', '"a\\"b:\\n"', '"nul\\u0000l"',
    '"\\ud800"', '"2026-01-31"', '"2026-01-31T10:15:00Z"', '"2026-01-31T10:15:00.1234567Z"',
    '"2026-01-31T23:30:00+02:00"', '"2026-01-31T10:15:00"', '"1900-01-01T00:00:00Z"', '"soon"',
    '"9999-12-31T00:00:00Z"', '"2026-02-30"',
)  # fmt: skip
ODD = ("null", "true", "false", "[]", "{}", "[1]", '{"a": 1}')
USUAL = {
    "id": st.sampled_from(['"a"', '"b"', '"c"']),
    "name": st.sampled_from([*TEXTS[:8], "null"]),
    "number": st.sampled_from(["0", "-1", "2147483647", "null"]),
    "long": st.sampled_from(["9223372036854775807", "-5", "null"]),
    "flag": st.sampled_from(["true", "false", "null"]),
    "at": st.sampled_from([*TEXTS[8:13], "null"]),
    "day": st.sampled_from([*TEXTS[7:11], "null"]),
    "money": st.sampled_from([*NUMBERS[:12], "null"]),
    "real": st.sampled_from([*NUMBERS[:10], *NUMBERS[16:19], "null"]),
}
ANY = st.sampled_from([*NUMBERS, *TEXTS, *ODD])
SPACE = st.sampled_from(["", " ", "\n  "])


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("declared") / "tables.yml"
    path.write_text(DECLARED)
    return load_tables(path, "sales")["things"]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A page of usual rows, with now and then a field that is odd, left out, or not declared."""
    colon, comma = f":{draw(SPACE)}", f",{draw(SPACE)}"
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        fields = {name: draw(values) for name, values in USUAL.items()}
        fields["@odata.etag"] = draw(st.sampled_from(['"W/1"', "null", "5"]))
        for name in draw(st.lists(st.sampled_from([*fields, "surprise"]), max_size=2)):
            fields[name] = draw(ANY)
        for name in draw(st.lists(st.sampled_from(list(USUAL)), max_size=1)):
            del fields[name]
        pairs = comma.join(f'"{name}"{colon}{value}' for name, value in fields.items())
        rows.append(f"{{{pairs}}}")
    links = draw(st.sampled_from(["", ', "@odata.nextLink": "x?a=1\\u0026b=\\"2\\""', ', "z": 1']))
    return f'{{"@odata.context": "x", "value": [{comma.join(rows)}]{links}}}'.encode()


def outcome(read: Any, body: bytes) -> Page | tuple[type, str]:
    try:
        page: Page = read(body)
    except ExtractError as error:
        return type(error), str(error)
    return page


@given(st.lists(bodies(), min_size=1, max_size=3))
def test_both_ways_say_the_same(table: Table, sent: list[bytes]) -> None:
    """Values, names of fields, links, and for what does not fit the very same words."""
    reader = PageReader(table)
    for body in sent:
        found, by_values = outcome(reader.read, body), outcome(PageReader(table)._by_values, body)
        if isinstance(found, Page) and isinstance(by_values, Page):
            assert found.rows.equals(by_values.rows)
            assert (found.entries, found.next_link) == (by_values.entries, by_values.next_link)
            declared = {*table.fields}
            assert found.names & declared == by_values.names & declared
            assert found.next_link == next_link(body)
        else:
            assert found == by_values


def _body(**fields: str) -> bytes:
    values = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    rows = ", ".join(f'{{"id": "{number}", {values}}}' for number in range(3))
    return f'{{"value": [{rows}]}}'.encode()


@pytest.mark.parametrize(
    ("field", "spelling", "kept"),
    [
        ("real", "0.1234565", "0.123457"),  # half up, away from zero
        ("real", "-0.1234565", "-0.123457"),
        ("real", "1234567.8901234567", "1234567.890123"),
        ("real", "99999999999999999999999999.999999", "99999999999999999999999999.999999"),
        ("money", "-123456789012345.6789", "-123456789012345.6789"),
        ("money", "1.5E-2", "0.0150"),
        ("money", "12345678901234567E-4", "1234567890123.4567"),
    ],
)
def test_no_digit_is_lost_without_a_look_at_each_value(
    table: Table, monkeypatch: pytest.MonkeyPatch, field: str, spelling: str, kept: str
) -> None:
    monkeypatch.setattr(PageReader, "_by_values", _never)
    for _ in range(2):
        rows = PageReader(table).read(_body(**{field: spelling})).rows
        assert rows[field].to_pylist() == [Decimal(kept)] * 3


@pytest.mark.parametrize("number", ["1E+15", "99999999999999999", '"1.5"', "true"])
def test_what_arrow_would_take_and_the_declaration_does_not_is_refused(
    table: Table, number: str
) -> None:
    with pytest.raises(UnexpectedValue, match=r"in things\.money"):
        PageReader(table).read(_body(money=number))


def test_fields_that_nobody_declared_are_noticed_and_cost_one_page(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, body = PageReader(table), _body(name='"a"', surprise="1")
    assert "surprise" in reader.read(body).names
    monkeypatch.setattr(PageReader, "_by_values", _never)
    assert reader.read(body).rows["name"].to_pylist() == ["a"] * 3


@pytest.mark.parametrize("nested", [b"[" * 100_000 + b"]" * 100_000, b"null", b"", b'{"a":' * 50])
def test_nothing_that_is_sent_ends_the_process(table: Table, nested: bytes) -> None:
    """Arrow's reader alone falls over a bare null, and over what is nested deeply."""
    reader = PageReader(table)
    reader.read(_body(surprise="1"))
    within = b'{"value": [{"id": "a", "surprise": ' + nested + b"}]}"
    after = b'{"value": [{"id": "a"}]} ' + nested
    for body in (nested, b'{"value": ' + nested + b"}", within, after):
        with pytest.raises((ValueError, ExtractError)):
            reader.read(body + b" x")


def test_numbers_of_a_document_are_exact() -> None:
    assert exact_json(b'{"a": 0.30000000000000004}') == {"a": Decimal("0.30000000000000004")}


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ('{"@odata.nextLink": "a\\/b\\u0026c"}', "a/b&c"),
        ('{"value": [{"n": "\\"@odata.nextLink\\": \\"no\\""}]}', None),
        ('{"@odata.nextLink": ""}', None),
        ('{"@odata.nextLink": 5}', None),
        ('{"@odata.nextLink": "cut', None),
    ],
)
def test_a_link_is_found_in_the_bytes(text: str, link: str | None) -> None:
    assert next_link(text.encode()) == link
    assert not link or json.loads(text)["@odata.nextLink"] == link


def _never(*_: object) -> Page:
    raise AssertionError("read value by value")
