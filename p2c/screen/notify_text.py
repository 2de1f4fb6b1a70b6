"""What `p2c notify` shows to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import Line, moment


def notify_text(found: Mapping[str, Any], receivers: int) -> Iterator[RenderableType]:
    """Each threshold that is crossed with what to do first, and who was notified."""
    for row in found["conditions"]:
        since = f" Since {moment(row['since'])}." if row["since"] else ""
        yield Line(Text(f"{row['text']}{since} First: {row['first']}", "red"), 2)
    if not found["conditions"]:
        yield Line(Text("No threshold is crossed.", "bold"))
    if found["sent"]:
        yield Line(f"Notified by {' and '.join(found['sent'])}.")
    if not receivers:
        yield Line("Nobody is set to be notified: p2c.notify.command, p2c.notify.webhook.")


def test_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What each receiver made of the test message."""
    for name, answer in found["answers"].items():
        yield Line(f"{name}: taken" + (f", it says: {answer}" if answer else ""), 2)
    for name, why in found["failures"].items():
        yield Line(Text(f"{name}: not taken: {why}", "red"), 2)
