"""Notes while a request is tried again: the service's reason, and how long is waited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stamina.instrumentation import RetryDetails, get_on_retry_hooks, set_on_retry_hooks

from p2c.errors import format_error
from p2c.screen.output import Output


@contextmanager
def retry_notes(out: Output) -> Iterator[None]:
    """Say on stderr, for the length of the block, why something is tried again; each reason once.

    Without this the retrying library writes its own event names there.
    """
    shown: set[str] = set()

    def hook(details: RetryDetails) -> None:
        reason = format_error(details.caused_by)
        if reason not in shown:
            shown.add(reason)
            out.note(f"{reason} Trying again in {details.wait_for:.0f} s.")

    before = get_on_retry_hooks()
    set_on_retry_hooks([hook])
    try:
        yield
    finally:
        set_on_retry_hooks(before)
