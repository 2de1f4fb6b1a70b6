"""What an apply needs of a service, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from loaders.models import Change, Operation, Outcome, WriteTarget
from loaders.services.records import Found

# Seconds between two tries of a request, the first and the longest.
WAIT_INITIAL, WAIT_MAX = 0.2, 10.0


class Writer(Protocol):
    """What speaks one service's protocol."""

    rows_per_request: int  # at most
    most_rows: int  # in one request, whatever the setting says
    # What the service is to know the request by, chosen before it is sent; None where it cannot be.
    request_id: str | None
    read_before_update: bool  # the service may take an old ETag: look before an update

    def size(self, target: WriteTarget, operation: Operation) -> int:
        """How many rows of one operation the next request should carry."""

    def send(self, target: WriteTarget, rows: Sequence[Change]) -> list[Outcome]:
        """Write rows of one operation; one outcome each. Raises ServiceError for all of them.

        `target.of(row)` is the target of each: rows of a unit are of several.
        """

    def read_back(self, target: WriteTarget, rows: Sequence[Change]) -> Mapping[str, Found]:
        """The records as they are now, by write id; None where there is none."""
