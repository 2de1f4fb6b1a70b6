"""Which services are written to, and how hard they are pushed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from pipelines.common.settings import Transport
from pipelines.common.token import TokenSource

System = Literal["sales", "finops"]
MAX_WAIT = 600.0


@dataclass(frozen=True)
class Service:
    """One reachable service and the application that may use it.

    `url` is the environment's root (no path), `token_url` is complete, tenant included; `transport`
    replaces the network, for tests and recorders; `token_source` asks for tokens otherwise than by
    client secret.
    """

    name: System
    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    api_version: str = "v9.2"
    ca_file: Path | None = None
    transport: httpx.BaseTransport | None = field(default=None, repr=False, compare=False)
    token_source: TokenSource | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ApplySettings:
    """How hard to push. Sizes are rows, times are seconds.

    `workers` is the most requests at once to each service, which find their own number up to it:
    the services take 52 at once for one user (protocols A10), and the extract needs one, too. Rows
    of a request find their number as well, unless it is set here; the services' own ceilings are
    1,000 parts a batch in Sales and 5,000 in F&O (protocols A8, B9).
    `finops_read_before_update` reads records of F&O again before updating them: nobody knows
    whether F&O refuses an old ETag in `If-Match` (protocols B4). A Retry-After above `max_wait`
    ends the run; a target stops after `stop_after` rows in a row that fail alike.
    `finops_write_by`, by entity set before the general one, says how new records of F&O go:
    packages from `finops_package_from` rows on with `auto`. A package job is waited for
    `finops_package_seconds`, and for `finops_package_start` until the service knows it.
    """

    workers: int = 50
    sales_rows_per_request: int | None = None
    finops_rows_per_request: int | None = None
    finops_read_before_update: bool = True
    attempts: int = 6
    timeout: float = 240.0
    max_wait: float = MAX_WAIT
    stop_after: int = 50
    finops_write_by: Transport = "odata"
    finops_write_by_set: Mapping[str, Transport] = field(default_factory=dict)
    finops_package_from: int = 5_000
    finops_rows_per_package: int = 10_000
    finops_package_seconds: float = 3_600.0
    finops_package_start: float = 180.0
