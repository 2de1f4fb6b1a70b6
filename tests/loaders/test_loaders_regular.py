"""The quick reading of batch answers says what email.parser says, or nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loaders.services.multipart import BatchFormatError, PartAnswer, parse_any, parse_batch
from loaders.services.regular import regular_answers

PARTS = st.lists(
    st.tuples(
        st.sampled_from(["200 OK", "204 No Content", "412 Precondition Failed", "500 Ø"]),
        st.sampled_from(["", "Content-ID: w-1\r\n", "content-id: <w-2>\r\n"]),
        st.sampled_from(
            ["", 'REQ_ID: r\r\nETag: W/"1"\r\n', "Location: https://s/G(Key='%C3%98')\r\n"]
        ),
        st.sampled_from([b"", b'{"n":"\xc3\xa9"}', b'{"error":{"code":"0x1"}}\r\n', b"--y--"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
MARK = "batchresponse_1"
TYPE = f"multipart/mixed; boundary={MARK}"


def single(parts: Any, mark: str) -> bytes:
    """Answers side by side, each after its boundary's line."""
    return b"".join(
        f"--{mark}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        f"{name}\r\nHTTP/1.1 {status}\r\n{headers}\r\n".encode()
        + body
        + b"\r\n"
        for status, name, headers, body, _ in parts
    )


def document(parts: Any) -> bytes:
    """The answers, some of them as a change set of two."""
    pieces = []
    for number, part in enumerate(parts):
        if part[-1]:
            inner = f"changesetresponse_{number}"
            head = f"--{MARK}\r\nContent-Type: multipart/mixed; boundary={inner}\r\n\r\n"
            pieces.append(head.encode() + single([part, part], inner) + f"--{inner}--\r\n".encode())
        else:
            pieces.append(single([part], MARK))
    return b"".join([*pieces, f"--{MARK}--\r\n".encode()])


def shown(units: list[list[Any]]) -> list[list[tuple[Any, ...]]]:
    names = ("content-id", "REQ_ID", "etag", "Location", "Retry-After")
    return [
        [(a.status, a.body, a.content_id, [a.headers.get(n) for n in names]) for a in unit]
        for unit in units
    ]


@given(PARTS)
def test_regular_answers_are_read_quickly_and_alike(parts: Any) -> None:
    body = document(parts)
    quick = regular_answers(TYPE, body)
    assert quick is not None
    assert shown(quick) == shown(parse_any(TYPE, body))
    assert all(isinstance(one, PartAnswer) for unit in parse_batch(TYPE, body) for one in unit)


@given(PARTS, st.data())
def test_what_is_changed_on_the_way_is_read_alike_or_left(parts: Any, data: Any) -> None:
    """A piece taken out, or other bytes in its place: never another verdict than the parser's."""
    body = document(parts)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 60)))
    other = data.draw(st.sampled_from([b"", b"\n", b"\r\n", b" ", b"HTTP/1.1 200", b"--", b"\x00"]))
    changed = body[:start] + other + body[end:]
    quick = regular_answers(TYPE, changed)
    if quick is not None:
        try:
            assert shown(quick) == shown(parse_any(TYPE, changed))
        except BatchFormatError:
            raise AssertionError("the parser refuses what was read") from None
