"""Answers that say nothing for certain: a row is never put back, sent again or judged by them."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from loaders.errors import AbortRun, AmbiguousAnswer
from loaders.models import ApplySettings, Column
from loaders.services.writers import Writers
from tests.loaders.loader_bench import Bench, key, put
from tests.loaders.loader_world import FakeClock, FakeService, change

SYSTEMS = pytest.mark.parametrize("system", ["sales", "finops"])
Change = Callable[[httpx.Request], httpx.Response | None]


def once(answer: httpx.Response, *, tail: str = "") -> Change:
    """Replaces one answer after the work was done."""
    left = [answer]
    return lambda request: left.pop() if left and request.url.path.endswith(tail) else None


def sends(fake: FakeService) -> int:
    """Requests that write, told by what stands in them."""
    written = (b"PATCH ", b"POST https", b'"Targets"', b"DELETE ")
    return sum(any(word in request.content for word in written) for request in fake.requests)


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
    said = ["no such thing", None]
    bench.fake.refuse = lambda body: said.pop(0) if said else None
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
    """It stays in doubt and says why; the others are settled, and the run goes on."""
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


def moved(to: str, status: int = 307) -> Change:
    """Sends the first request on to another address."""
    return once(httpx.Response(status, headers={"Location": to}))


@pytest.mark.parametrize("status", [307, 308])
def test_a_request_is_sent_on_within_the_same_origin(sales: Bench, status: int) -> None:
    """Method and body stay."""
    sales.fake.before = moved("/api/data/v9.2/elsewhere/$batch", status)
    assert sales.statuses(change(1)) == ["acknowledged"]
    first, second = sales.fake.requests
    assert second.url == "https://sales.example/api/data/v9.2/elsewhere/$batch"
    assert (second.method, second.content) == ("POST", first.content)


@pytest.mark.parametrize("to", ["https://other.example/$batch", "http://sales.example/$batch"])
def test_nobody_else_gets_the_credentials(sales: Bench, to: str) -> None:
    """Another host, or the same without TLS."""
    sales.fake.before = moved(to)
    delivered = sales.deliver(change(1))
    assert [outcome.status for outcome in delivered.outcomes] == ["planned"]
    assert "gets no credentials" in str(delivered.error)
    assert len(sales.fake.requests) == 1


def test_a_circle_of_redirects_ends(sales: Bench) -> None:
    circle = httpx.Response(307, headers={"Location": "/api/data/v9.2/$batch"})
    sales.fake.before = lambda request: circle
    assert "in a circle" in str(sales.deliver(change(1)).error)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_is_too_long_ends_the_run(sales: Bench, clock: FakeClock, status: int) -> None:
    """A day of Retry-After is not waited for, and the sentence says so."""
    sales.fake.before = lambda request: httpx.Response(status, headers={"Retry-After": "86400"})
    delivered = sales.deliver(change(1))
    assert isinstance(delivered.error, AbortRun)
    assert "Sales asks to wait for 86,400 s" in str(delivered.error)
    assert "max_wait" in str(delivered.error)
    assert len(sales.fake.requests) == 1
    assert clock.monotonic() < 600


def test_a_pause_that_is_too_long_inside_a_batch_keeps_the_other_answers(
    sales: Bench, clock: FakeClock
) -> None:
    """What was written is recorded; what was throttled waits for another run."""
    sales.fake.bulk = False
    apply = sales.fake._apply

    def throttled(method: str, name: str, *more: object) -> object:
        if name == key(2):
            return (
                429,
                {"Retry-After": "7200"},
                {"error": {"code": "0x80072322", "message": "slow"}},
            )
        return apply(method, name, *more)

    sales.fake._apply = throttled  # type: ignore[assignment,method-assign]
    delivered = sales.deliver(change(1), change(2))
    assert {o.write_id: o.status for o in delivered.outcomes} == {
        "w-1": "acknowledged",
        "w-2": "planned",
    }
    assert "7,200 s" in str(delivered.error)


def test_the_ceiling_is_a_setting(clock: FakeClock) -> None:
    """`max_wait` of the settings reaches the throttle."""
    bench = Bench(clock)
    settings = ApplySettings(max_wait=5)
    bench.writers = Writers({"sales": bench.fake.service()}, settings, bench.stop, clock)
    bench.fake.before = lambda request: httpx.Response(429, headers={"Retry-After": "6"})
    assert "asks to wait for 6 s, longer than max_wait (5 s)" in str(bench.deliver(change(1)).error)


def test_a_version_that_is_asked_for_is_sent(trusting: Bench) -> None:
    """428 to an update without If-Match: read the record, send its ETag."""
    put(trusting, 1, name="old")
    apply = trusting.fake._apply

    def strict(method: str, name: str, headers: dict[str, str], body: object) -> object:
        if method == "PATCH" and "If-Match" not in headers:
            return 428, {}, {"error": {"code": "", "message": "If-Match is required"}}
        return apply(method, name, headers, body)

    trusting.fake._apply = strict  # type: ignore[assignment,method-assign]
    assert trusting.statuses(change(1, "update", "finops", etag=None)) == ["acknowledged"]
    assert trusting.fake.rows[key(1, "finops")] == {"name": "Thing 1"}


def test_a_token_refused_by_a_gateway_is_renewed_but_the_write_not_repeated(finops: Bench) -> None:
    """A 401 page after the commit: no second POST, which could make a second record."""
    page = httpx.Response(401, html="<h1>Sign in</h1>")
    finops.fake.after = once(page)
    assert finops.statuses(change(1, system="finops")) == ["acknowledged"]
    assert sends(finops.fake) == 1
    assert finops.fake.tokens == 2


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
