"""Where messages go: a program's standard input, a webhook. Each has its time and no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from p2c.config.notify_settings import Notify
from p2c.errors import P2CError
from p2c.notify.message import card
from p2c.notify.webhook import post

SHOWN = 300  # letters of what a receiver answered
CHUNK = 4096


class NotTaken(P2CError):
    """A receiver did not take a message; `str(error)` says why."""


class Receiver(Protocol):
    """Takes a message; returns what it answered. Raises NotTaken."""

    def __call__(self, message: Mapping[str, Any]) -> str: ...


def receivers(settings: Notify, project_dir: Path) -> dict[str, Receiver]:
    """By name, as the settings have them."""
    found: dict[str, Receiver] = {}
    if settings.command:
        found["command"] = lambda message: run_command(
            settings.command, message, project_dir, settings.timeout
        )
    if settings.webhook is not None:
        found["webhook"] = lambda message: to_webhook(settings, message)
    return found


def to_webhook(settings: Notify, message: Mapping[str, Any]) -> str:
    """Post it; the time limit is kept even where the other side sends a byte now and then."""
    body = card(dict(message)) if settings.webhook_format == "card" else message
    outcome: list[str | Exception] = []

    def attempt() -> None:
        try:
            outcome.append(post(settings, json.dumps(body).encode()))
        except Exception as error:  # noqa: BLE001 - raised again below, in the caller's thread
            outcome.append(error)

    sender = threading.Thread(target=attempt, daemon=True)
    sender.start()
    sender.join(settings.timeout)
    if not outcome:
        raise NotTaken(f"the webhook did not answer within {settings.timeout:g} s")
    if isinstance(outcome[0], Exception):
        raise NotTaken(str(outcome[0])) from outcome[0]
    return outcome[0]


def run_command(
    words: tuple[str, ...], message: Mapping[str, Any], folder: Path, seconds: float
) -> str:
    """Start it in a folder with the message as its standard input, and wait for its end."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(message).encode())
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                words,
                cwd=folder,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise NotTaken(f"the command {words[0]} cannot be started: {error.strerror}") from error
        return _ended(process, words[0], seconds)


def _ended(process: subprocess.Popen[bytes], name: str, seconds: float) -> str:
    """What it wrote last. When its time is over, or by Ctrl-C, it ends with all that it started."""
    assert process.stdout is not None
    last: deque[bytes] = deque(maxlen=2)
    reader = threading.Thread(target=_drain, args=(process.stdout, last.append), daemon=True)
    reader.start()
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise NotTaken(f"the command {name} had not ended after {seconds:g} s") from None
    except BaseException:
        _kill(process)
        raise
    finally:
        reader.join(1.0)  # something that it left behind may hold its output open
    text = " ".join(b"".join(last).decode("utf-8", "replace").split())[-SHOWN:]
    if code:
        raise NotTaken(f"the command {name} ended with {code}" + (f": {text}" if text else ""))
    return text


def _drain(stream: IO[bytes], keep: Callable[[bytes], None]) -> None:
    """Read all, so that it never waits for a reader, and keep the end."""
    with stream:
        while block := os.read(stream.fileno(), CHUNK):
            keep(block)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
