"""Ctrl-C and SIGTERM while both systems are read."""

import os
import signal
import threading

import pytest

from pipelines.run import _together


def test_an_interrupted_extract_waits_for_no_reader() -> None:
    """A page may take minutes."""
    going_on = threading.Event()
    ended = threading.Event()

    def read() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        going_on.wait(60)
        ended.set()

    with pytest.raises(KeyboardInterrupt):
        _together([read])
    assert not ended.is_set()
    going_on.set()
    assert ended.wait(60)


def test_an_error_is_told_once_all_have_ended() -> None:
    """The warehouse is not touched while a reader still reads."""
    ended: list[str] = []
    failed = threading.Event()

    def fails() -> None:
        failed.set()
        raise ValueError("first")

    def goes_on() -> None:
        failed.wait(60)
        ended.append("read")

    with pytest.raises(ValueError, match="first"):
        _together([fails, goes_on])
    assert ended == ["read"]
