"""`p2c`, with a signal to itself at a chosen place: what a crash, a scheduler or a person does.

    python -m tests.faults.dying '{"signal": "KILL", "at": "request", "n": 3}' run --json

The places: the n-th `read` of a page, the n-th `node` that dbt reports, `before` or `after` the
call of a step, around the n-th writing `request`, before the n-th `statement` of the ledger.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from typing import Any

import httpx
import requests

Place = dict[str, Any]


class Trigger:
    """Fires once, when it was pulled for the n-th time."""

    def __init__(self, place: Place) -> None:
        self._left, self._lock = int(place.get("n", 1)), threading.Lock()
        self._signal = getattr(signal, f"SIG{place['signal']}")

    def pull(self) -> bool:
        """Count; whether this is the time."""
        with self._lock:
            self._left -= 1
            return self._left == 0

    def fire(self) -> None:
        """The signal to this very process."""
        os.kill(os.getpid(), self._signal)

    def both(self) -> None:
        """Count, and fire if this is the time."""
        if self.pull():
            self.fire()


def arm(place: Place) -> None:
    """Put the trigger where the place says."""
    trigger = Trigger(place)
    {
        "read": _reads,
        "node": _nodes,
        "request": _requests,
        "statement": _statements,
        "before": _call,
        "after": _call,
    }[place["at"]](place, trigger)


def _around(owner: Any, name: str, before: Callable[..., None], after: Callable[..., None]) -> None:
    original = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before(*args, **kwargs)
        result = original(*args, **kwargs)
        after(result)
        return result

    setattr(owner, name, wrapped)


def _nothing(*_: Any, **__: Any) -> None:
    pass


def _call(place: Place, trigger: Trigger) -> None:
    """`name` is `module:function`, as the caller looks it up."""
    module, _, function = place["name"].partition(":")

    def act(*_: Any, **__: Any) -> None:
        trigger.both()

    pair = (act, _nothing) if place["at"] == "before" else (_nothing, act)
    _around(importlib.import_module(module), function, *pair)


def _reads(_: Place, trigger: Trigger) -> None:
    def count(_: Any, request: Any, **__: Any) -> None:
        if request.method == "GET":
            trigger.both()

    _around(requests.Session, "send", count, _nothing)


def _nodes(_: Place, trigger: Trigger) -> None:
    """dbt's child is in the midst of its work then."""
    from p2c.run import dbt  # noqa: PLC0415 - only this place needs it

    def count(_: Any, event: Any, *__: Any) -> None:
        if event["info"]["name"] == "LogModelResult":
            trigger.both()

    _around(dbt.Outcome, "note", count, _nothing)


def _requests(place: Place, trigger: Trigger) -> None:
    """`when` it dies: before the request leaves, or after its answer came back."""
    original = httpx.HTTPTransport.handle_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        writes = request.method != "GET" and "token" not in request.url.path
        fatal = writes and trigger.pull()
        if fatal and place["when"] == "before":
            trigger.fire()
        response = original(self, request)
        if fatal and place["when"] == "after":
            response.read()
            trigger.fire()
        return response

    httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign]


def _statements(_: Place, trigger: Trigger) -> None:
    original = sqlite3.connect

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = original(*args, **kwargs)
        connection.set_trace_callback(lambda _: trigger.both())
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]


if __name__ == "__main__":
    arm(json.loads(sys.argv[1]))
    sys.argv = ["p2c", *sys.argv[2:]]
    from p2c.__main__ import run

    run()
