"""Answers that say nothing for certain: a row is never put back, sent again or judged by them."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from loaders.errors import AbortRun, AmbiguousAnswer
from loaders.models import Column
from tests.loaders.loader_answers import SYSTEMS, once, sends
from tests.loaders.loader_bench import Bench, key, put
from tests.loaders.loader_rows import FakeClock, change
from tests.loaders.loader_service import FakeService


@SYSTEMS
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 500])
@pytest.mark.parametrize("operation", ["create", "update"])
def test_a_gateways_page_after_the_commit_is_read_back(
    clock: FakeClock, system: str, status: int, operation: str
) -> None:
    """The rows are written; an HTML page instead of the answer does not hide that."""
    bench = Bench(clock, system, read_before_update=False)
    bench.fake.bulk = False
    put(bench, 1, name="old") if operation == "update" else None
    before = dict(bench.fake.versions)
    bench.fake.after = once(httpx.Response(status, html="<h1>Proxy</h1>"), tail="$batch")
    assert bench.statuses(change(1, operation, system)) == ["acknowledged"]
    assert bench.fake.versions[key(1, system)] == before.get(key(1, system), 0) + 1
    assert sends(bench.fake) == 1


def test_a_page_after_a_bulk_message_is_read_back(sales: Bench) -> None:
    """Only Sales itself can say that nothing of a bulk message was written."""
    sales.fake.after = once(httpx.Response(404, html="<h1>Not found</h1>"), tail="CreateMultiple")
    assert sales.statuses(change(1), change(2)) == ["acknowledged"] * 2
    assert sales.fake.versions == {key(1): 1, key(2): 1}
    assert sends(sales.fake) == 1


def test_a_page_that_stays_leaves_the_rows_in_doubt(finops: Bench) -> None:
    """Not `planned`: they may have been committed."""
    finops.fake.after = lambda request: httpx.Response(403, html="<h1>Blocked</h1>")
    delivered = finops.deliver(change(1, system="finops"))
    assert [outcome.status for outcome in delivered.outcomes] == ["unresolved"]
    assert isinstance(delivered.error, AmbiguousAnswer | AbortRun) or delivered.error
    assert "403" in str(delivered.error)


def test_the_services_own_refusal_of_a_batch_ends_the_run(sales: Bench) -> None:
    """With its own error body it says that nothing was done."""
    body = {"error": {"code": "0x80040220", "message": "missing prvWriteWidget"}}
    sales.fake.bulk = False
    sales.fake.before = lambda request: httpx.Response(403, json=body)
    delivered = sales.deliver(change(1))
    assert [outcome.status for outcome in delivered.outcomes] == ["planned"]
    assert "missing prvWriteWidget" in str(delivered.error)


@SYSTEMS
@pytest.mark.parametrize("status", [408, 423, 425])
def test_a_batch_refused_for_now_does_not_end_the_run(
    clock: FakeClock, system: str, status: int
) -> None:
    """Another try after a look, whether the work was done or not."""
    for when in ("before", "after"):
        bench = Bench(clock, system)
        setattr(
            bench.fake, when, once(httpx.Response(status, json={"error": {"message": "later"}}))
        )
        assert bench.statuses(change(1, "create", system)) == ["acknowledged"]
        assert bench.fake.versions == {key(1, system): 1}


def cut(fake: FakeService, length: Callable[[bytes], int]) -> None:
    """Cuts the first answer to a batch off."""
    work, left = fake._work, [True]

    def shortened(request: httpx.Request) -> httpx.Response:
        answer = work(request)
        if not left or not request.url.path.endswith("$batch"):
            return answer
        left.pop()
        content = answer.content[: length(answer.content)]
        return httpx.Response(200, content=content, headers=answer.headers)

    fake._work = shortened  # type: ignore[method-assign]


@SYSTEMS
@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.9, 0.98])
def test_a_batch_that_was_cut_off_costs_no_row_and_doubles_none(
    clock: FakeClock, system: str, share: float
) -> None:
    """Parts without an answer were not "not reached": they may be written."""
    bench = Bench(clock, system)
    bench.fake.bulk = False
    cut(bench.fake, lambda content: int(len(content) * share))
    rows = [change(number, "create", system) for number in range(1, 8)]
    assert bench.statuses(*rows) == ["acknowledged"] * 7
    assert set(bench.fake.versions.values()) == {1}
    assert len(bench.fake.rows) == 7


@SYSTEMS
def test_an_error_body_that_was_cut_off_is_in_doubt(clock: FakeClock, system: str) -> None:
    """What is left of `{"error":…` rejects nobody: sent again, it comes through."""
    bench = Bench(clock, system)
    bench.fake.bulk = False
    messages = ["no such thing", None]
    bench.fake.refuse = lambda body: messages.pop(0) if messages else None
    cut(bench.fake, lambda content: content.index(b"no such") + 4)
    assert bench.statuses(change(1, "create", system)) == ["acknowledged"]


@SYSTEMS
def test_a_read_back_that_was_cut_off_is_asked_again(clock: FakeClock, system: str) -> None:
    """Half a record is no record, and no traceback."""
    bench = Bench(clock, system)
    put(bench, 1, name="Thing 1")
    cut(bench.fake, lambda content: content.index(b"Thing") + 3)
    delivered = bench.recover(change(1, "create", system))
    assert [outcome.status for outcome in delivered.outcomes] == ["acknowledged"]


def unreadable(fake: FakeService, keys: set[str], status: int, body: object) -> None:
    """Answers the reads of some records with an error, for ever."""
    get = fake._get

    def refused(key: str) -> tuple[int, dict[str, str], object]:
        return (status, {}, body) if key in keys else get(key)

    fake._get = refused  # type: ignore[method-assign]


@SYSTEMS
@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {"error": {"message": "odd"}}), (500, {"error": {"message": "odd"}}), (200, None)],
)
def test_a_record_that_cannot_be_read_back_costs_itself(
    clock: FakeClock, system: str, status: int, body: object
) -> None:
    """It stays in doubt and says why; the others get their outcome, and the run goes on."""
    bench = Bench(clock, system)
    for number in (1, 2, 3):
        put(bench, number, name=f"Thing {number}")
    unreadable(bench.fake, {key(2, system)}, status, body)
    if status == 200:
        unreadable(bench.fake, {key(2, system)}, 200, {"@odata.etag": "x", "value": [7]})
    delivered = bench.recover(*(change(number, "create", system) for number in (1, 2, 3)))
    by_id = {outcome.write_id: outcome for outcome in delivered.outcomes}
    assert {name: one.status for name, one in by_id.items()} == {
        "w-1": "acknowledged",
        "w-2": "unresolved",
        "w-3": "acknowledged",
    }
    assert "did not let it be read back" in str(by_id["w-2"].error_message)
    assert delivered.error is None


def test_a_record_that_cannot_be_looked_at_first_is_not_sent(finops: Bench) -> None:
    """Nothing left, so nothing is in doubt: it failed, and the next run tries again."""
    put(finops, 1, name="old")
    unreadable(finops.fake, {key(1, "finops")}, 403, {"error": {"message": "no view"}})
    delivered = finops.deliver(change(1, "update", "finops"))
    assert [outcome.status for outcome in delivered.outcomes] == ["failed"]
    assert "no view" in str(delivered.outcomes[0].error_message)
    assert finops.fake.rows[key(1, "finops")] == {"name": "old"}


@pytest.mark.parametrize(
    ("column", "held"),
    [
        ("price", "12,50"),
        ("price", [1]),
        ("price", float("nan")),
        ("since", "yesterday"),
        ("name", {"a": 1}),
        ("active", "perhaps"),
        ("count", "many"),
    ],
)
def test_a_value_that_cannot_be_compared_differs(sales: Bench, column: str, held: object) -> None:
    """An odd value in a record read back is another value; it stops nobody."""
    wanted = {
        "price": 12.5,
        "since": "2026-01-01T00:00:00Z",
        "name": "A",
        "active": True,
        "count": 2,
    }
    put(sales, 1, **{column: held})
    put(sales, 2, name="Thing 2")
    rows = [change(1, after={column: wanted[column]}), change(2)]
    delivered = sales.recover(*rows)
    assert sorted(outcome.status for outcome in delivered.outcomes) == ["acknowledged", "stale"]


def test_a_body_that_cannot_be_decoded_is_no_answer(sales: Bench) -> None:
    """`Content-Encoding: gzip` over something else: in doubt, read back, written once."""
    broken = httpx.Response(
        200,
        headers={"Content-Encoding": "gzip", "Content-Type": "multipart/mixed; boundary=b"},
        stream=httpx.ByteStream(b"no gzip"),
    )
    sales.fake.after = once(broken)
    assert sales.statuses(change(1)) == ["acknowledged"]
    assert sales.fake.versions == {key(1): 1}


def test_answers_out_of_order_reach_their_own_rows(sales: Bench) -> None:
    """One row of three is refused; the answers come back to front, with their Content-IDs."""
    sales.fake.bulk = False
    sales.fake.refuse = lambda body: "odd" if body["name"] == "Thing 1" else None
    work = sales.fake._work

    def reversed_answers(request: httpx.Request) -> httpx.Response:
        ids = [
            line.split(b": ")[1].strip()
            for line in request.content.splitlines()
            if line.startswith(b"Content-ID")
        ]
        answer = work(request)
        head, *pieces = answer.content.removesuffix(b"--b--\r\n").split(b"--b\r\n")
        named = [b"--b\r\nContent-ID: " + i + b"\r\n" + p for i, p in zip(ids, pieces, strict=True)]
        content = head + b"".join(reversed(named)) + b"--b--\r\n"
        return httpx.Response(200, content=content, headers=answer.headers)

    sales.fake._work = reversed_answers  # type: ignore[method-assign]
    rows = [change(number) for number in (1, 2, 3)]
    assert sales.statuses(*rows) == ["rejected", "acknowledged", "acknowledged"]


def test_a_batch_asks_for_multipart(sales: Bench) -> None:
    """Its parts ask for JSON, the batch itself for what it is answered with."""
    sales.deliver(change(1))
    assert sales.fake.requests[-1].headers["Accept"] == "multipart/mixed"
    assert b"Accept: application/json" in sales.fake.requests[-1].content


def test_a_key_that_has_no_address_costs_its_row(finops: Bench) -> None:
    """Text in a number of the key: the other rows are looked at and written."""
    columns = {**finops.target.columns, "Number": Column("Number", "integer")}
    finops.target = replace(finops.target, columns=columns)
    for name in ("(dataAreaId='usmf',Number=1)", "(dataAreaId='usmf',Number=2)"):
        finops.fake.put(name, {"name": "old"})
    rows = [
        change(1, "update", "finops", key_values={"dataAreaId": "usmf", "Number": "one"}),
        change(2, "update", "finops", key_values={"dataAreaId": "usmf", "Number": 2}),
    ]
    assert finops.statuses(*rows) == ["failed", "acknowledged"]
