"""Redirects, pauses, versions and tokens that a service asks for."""

import httpx
import pytest

from loaders.errors import AbortRun
from loaders.models import ApplySettings
from loaders.services.writers import Writers
from tests.loaders.loader_answers import Change, once, sends
from tests.loaders.loader_bench import Bench, key, put
from tests.loaders.loader_rows import FakeClock, change


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
