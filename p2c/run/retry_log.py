"""Log lines while a request is tried again: the service's reason, and how long is waited."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from stamina.instrumentation import RetryDetails, get_on_retry_hooks, set_on_retry_hooks

from p2c.errors import format_error

LOGGER = logging.getLogger("p2c.retries")


@contextmanager
def retries_logged() -> Iterator[None]:
    """In words for the length of the block; stamina's own lines name its events and no reason."""
    before = get_on_retry_hooks()
    set_on_retry_hooks([_log])
    try:
        yield
    finally:
        set_on_retry_hooks(before)


def _log(details: RetryDetails) -> None:
    reason = format_error(details.caused_by)
    LOGGER.warning("%s Trying again in %.0f s.", reason, details.wait_for)
