"""What a fault is, and which requests it befalls."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Kind = Literal[
    "latency",  # the answer comes `seconds` later
    "slow_start",  # the same, meant for the first call after a start (protocols B3)
    "throttle",  # 429 of the `limit`, with Retry-After (protocols A10, B9)
    "html",  # a gateway's page with `status` instead of JSON (protocols B5); nothing was done
    "html_after",  # the same page after the commit: done, but the gateway says otherwise
    "drop_before",  # connection lost, nothing was done
    "drop_after",  # connection lost after the commit: done, but nobody is told
    "drop_midbody",  # connection lost in the middle of the answer's body
    "truncated",  # a complete answer that ends in the middle: of a GET, or of the `method` named
    "cut_upload",  # of a file that is left (PUT) the first half arrives, and is kept (protocols B8)
    "short_page",  # a page without its last `rows` rows and without its next link
    "expired_token",  # all tokens given so far end now: 401 (protocols A1, B1)
    "short_token",  # a token that ends long before its `expires_in`: `seconds` or `requests`
    # Someone else changes the row just before a write with If-Match (protocols A7, B4).
    "etag_moved",
    "rejected",  # a business rule of the service refuses the write
    "deadlock",  # the database refuses the write; it may be sent again (protocols A9, B5)
    "job_never_ends",  # the job of an export or import of a package stays Executing (protocols B8)
    "job_fails",  # an export of a package ends as Failed
]
Service = Literal["sales", "finops"]
ServiceLimit = Literal["requests", "time", "concurrency"]


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"'{text}' is not a regular expression: {error}") from error
    return text


class Fault(BaseModel):
    """One fault. It befalls requests of `service` (None = both) with this `method` (None = any)
    in whose URL path the regular expression `path` is found, leaves the first `skip` of them
    alone, and each later one with `probability`, at most `times` times (None = without end)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    service: Service | None = None
    method: str | None = None
    path: Annotated[str, AfterValidator(_is_pattern)] = ""
    scope: Literal["any", "request", "part"] = "any"  # part: only inside of a `$batch`
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    probability: float = Field(default=1, gt=0, le=1)
    seed: int = 0
    seconds: float = Field(default=1, ge=0)
    limit: ServiceLimit = "requests"
    retry_after: int | None = Field(default=1, ge=0)  # seconds; None leaves the header out
    status: Literal[400, 403, 404, 502, 503] = 503
    rows: int = Field(default=1, ge=1)
    requests: int | None = Field(default=None, ge=0)  # what a short token is good for
    message: str | None = None  # of `rejected` and `deadlock`, instead of the usual one
