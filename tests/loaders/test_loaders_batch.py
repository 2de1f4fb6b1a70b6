"""multipart/mixed there and back (protocols A8, B4)."""

import json
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.services.multipart import (
    LOST,
    BatchFormatError,
    Part,
    PartAnswer,
    encode_batch,
    is_whole,
    match_answers,
    parse_batch,
)

ANSWER = (
    "--x\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    "HTTP/1.1 204 No Content\r\nOData-EntityId: https://s/widgets(1)\r\n\r\n\r\n"
    "--x\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    "--c\r\nContent-Type: application/http\r\nContent-ID: b\r\n\r\n"
    'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{"n":2}\r\n'
    "--c\r\nContent-Type: application/http\r\nContent-ID: a\r\n\r\n"
    'HTTP/1.1 201 Created\r\n\r\n{"n":"é"}\r\n--c--\r\n'
    "--x\r\nContent-Type: application/http\r\n\r\n"
    'HTTP/1.1 500 Internal Server Error\r\n\r\n{"error":{}}\r\n--x--\r\n'
).encode()


def request_parts(body: bytes, boundary: str) -> list[bytes]:
    document = BytesParser().parsebytes(
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode() + body
    )
    return [entry.get_payload(decode=True) for entry in document.get_payload()]


def test_an_answer_is_read_part_by_part_and_set_by_set() -> None:
    single, change_set, failed = parse_batch("multipart/mixed; boundary=x", ANSWER)
    assert [answer.status for answer in single] == [204]
    assert single[0].headers["odata-entityid"] == "https://s/widgets(1)"
    assert [answer.content_id for answer in change_set] == ["b", "a"]
    assert change_set[1].body == '{"n":"é"}'.encode()
    assert failed[0].status == 500


def test_answers_of_a_change_set_are_matched_by_id_in_any_order() -> None:
    parts = [
        Part("s", "PATCH", "/s"),
        Part("a", "POST", "/a", group="g"),
        Part("b", "POST", "/b", group="g"),
        Part("t", "PATCH", "/t"),
    ]
    matched = match_answers(parts, parse_batch("multipart/mixed; boundary=x", ANSWER))
    assert matched["a"].body == '{"n":"é"}'.encode()
    assert matched["b"].body == b'{"n":2}'


def test_one_error_stands_for_a_whole_change_set() -> None:
    parts = [Part("a", "POST", "/a", group="g"), Part("b", "POST", "/b", group="g")]
    error = PartAnswer(400, {}, b"no")
    assert match_answers(parts, [[error]]) == {"a": error, "b": error}


def test_parts_after_the_stop_have_no_answer() -> None:
    parts = [Part("a", "PATCH", "/a"), Part("b", "PATCH", "/b")]
    error = PartAnswer(400, {}, b"no")
    assert match_answers(parts, [[error]]) == {"a": error, "b": None}


def answer(status: int, content_id: str | None = None) -> list[PartAnswer]:
    return [PartAnswer(status, {}, b"", content_id)]


def test_independent_answers_are_matched_by_id_in_any_order() -> None:
    """No row gets another's verdict, whatever order the answers come in."""
    parts = [Part(name, "PATCH", f"/{name}") for name in "abc"]
    shuffled = [answer(204, "c"), answer(412, "a"), answer(400, "b")]
    matched = match_answers(parts, shuffled)
    assert {name: one.status for name, one in matched.items()} == {"a": 412, "b": 400, "c": 204}


@pytest.mark.parametrize(
    "answers",
    [
        [answer(204, "a"), answer(400, "x")],
        [answer(204, "a"), answer(400, "a")],
        [answer(204, "b"), answer(400)],
        [answer(204), answer(204), answer(204)],
    ],
    ids=["unknown", "twice", "out of place", "too many"],
)
def test_answers_that_fit_no_part_are_refused(answers: list[list[PartAnswer]]) -> None:
    parts = [Part("a", "PATCH", "/a"), Part("b", "PATCH", "/b")]
    with pytest.raises(BatchFormatError):
        match_answers(parts, answers)


def test_a_change_set_needs_an_answer_for_each_or_one_error() -> None:
    """One success does not stand for two."""
    parts = [Part(name, "POST", f"/{name}", group="g") for name in "ab"]
    for answers in (answer(201), [], answer(201, "a") + answer(201, "x")):
        with pytest.raises(BatchFormatError):
            match_answers(parts, [answers])


def test_only_a_failure_stops_a_batch() -> None:
    """What is missing after a success, or from an answer that was cut off, is in doubt."""
    parts = [Part("a", "PATCH", "/a"), Part("b", "PATCH", "/b")]
    assert match_answers(parts, [answer(204)])["b"] is LOST
    assert match_answers(parts, [answer(400)], whole=False)["b"] is LOST
    assert match_answers(parts, [])["a"] is LOST


def test_an_answer_that_was_cut_off_is_noticed() -> None:
    """The closing line is missing."""
    content_type = "Multipart/Mixed; boundary=x"
    assert is_whole(content_type, ANSWER)
    for end in range(len(ANSWER) - 6, 0, -7):
        assert not is_whole(content_type, ANSWER[:end])


def test_a_status_that_was_cut_off_is_none() -> None:
    """`HTTP/1.1 20` is not status 20."""
    cut = b"--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 20"
    with pytest.raises(BatchFormatError):
        parse_batch("multipart/mixed; boundary=x", cut)


def test_a_100_before_the_answer_is_passed_by() -> None:
    inner = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\n"
    raw = (
        "--x\r\nContent-Type: application/http\r\n\r\n"
        f'{inner}HTTP/1.1 201 Created\r\nREQ_ID: r\r\n\r\n{{"n":1}}\r\n--x--\r\n'
    )
    [[found]] = parse_batch("MULTIPART/MIXED; boundary=x", raw.encode())
    assert (found.status, found.headers["req_id"], found.body) == (201, "r", b'{"n":1}')


def test_headers_are_found_in_any_case_and_may_hold_any_letter() -> None:
    """`Retry-After` of a part is `Retry-After`, and a location may name a key in any script."""
    raw = (
        "--x\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 429 Slow\r\n"
        "RETRY-AFTER: 3\r\nLocation: https://s/G(Key='Ø')\r\n\r\n\r\n--x--\r\n"
    )
    [[found]] = parse_batch("multipart/mixed; boundary=x", raw.encode())
    assert found.headers["Retry-After"] == "3"


def test_lines_end_in_crlf_and_conditions_stand_on_the_inner_request() -> None:
    part = Part("1", "PATCH", "/api/widgets(1)", {"If-Match": 'W/"7"'}, b'{"name":"A"}')
    raw = encode_batch([part], "b").decode()
    assert "\n" not in raw.replace("\r\n", "")
    inner = raw.split("\r\n\r\n", 1)[1]
    assert inner.startswith('PATCH /api/widgets(1) HTTP/1.1\r\nIf-Match: W/"7"\r\n')


def test_parts_of_a_group_share_a_change_set() -> None:
    parts = [
        Part("1", "POST", "/h", group="g"),
        Part("2", "POST", "/l", group="g"),
        Part("3", "POST", "/o"),
    ]
    raw = encode_batch(parts, "b")
    assert raw.count(b"multipart/mixed; boundary=changeset_0_b") == 1
    assert raw.count(b"--changeset_0_b\r\n") == 2


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"--x\r\n\r\nhello\r\n--x--"])
def test_what_is_no_batch_answer_is_refused(body: bytes) -> None:
    with pytest.raises(BatchFormatError):
        parse_batch("multipart/mixed; boundary=x", body)


BODIES = st.lists(
    st.binary(min_size=0, max_size=40).map(lambda b: b"{" + b.hex().encode() + b"}"), min_size=1
)


@given(BODIES)
def test_every_body_survives_the_way_there(bodies: list[bytes]) -> None:
    parts = [Part(str(n), "POST", f"/w({n})", body=body) for n, body in enumerate(bodies)]
    inner = request_parts(encode_batch(parts, "batch_1"), "batch_1")
    assert [raw.split(b"\r\n\r\n", 1)[1] for raw in inner] == bodies


@given(
    st.lists(
        st.tuples(st.sampled_from([200, 204, 400, 412, 500]), st.text(max_size=30)), min_size=1
    )
)
def test_every_answer_survives_the_way_back(answers: list[tuple[int, str]]) -> None:
    raw = b"".join(
        b"--r\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\r\n".encode()
        + json.dumps({"v": text}, ensure_ascii=False).encode()
        + b"\r\n"
        for status, text in answers
    )
    parsed = parse_batch("multipart/mixed; boundary=r", raw + b"--r--\r\n")
    assert [(a.status, json.loads(a.body)["v"]) for [a] in parsed] == answers
