"""One message: what changed, what stands, as JSON with a `text` that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from p2c.config.context import Context
from p2c.notify import wording
from p2c.notify.causes import of_condition
from p2c.notify.conditions import Condition, as_row
from p2c.notify.facts import Row
from p2c.words import counted

RUN = ("run_id", "command", "status", "started_at", "finished_at")
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
Message = dict[str, Any]


@dataclass(frozen=True)
class News:
    """What a receiver does not know yet: keys that began or grew worse, keys that are over."""

    risen: Sequence[str]
    over: Sequence[str]

    def __bool__(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.risen or self.over)


def news(known: Mapping[str, int], levels: Mapping[str, int]) -> News:
    """The change from what a receiver knows to how it stands; a level that sinks is none."""
    return News(
        risen=[key for key, level in levels.items() if level > known.get(key, 0)],
        over=[key for key in known if key not in levels],
    )


@dataclass(frozen=True)
class Standing:
    """How things stand at a time: conditions, their causes, since when, and the last run."""

    at: datetime
    conditions: Sequence[Condition]
    causes: Sequence[Mapping[str, Any]]
    since: Mapping[str, str]
    run: Row | None


def message(context: Context, standing: Standing, change: News) -> Message:
    """`event` is `problem` or `recovery`; docs/notifications.md has the fields."""
    problems = [_problem(context, standing, one, change) for one in standing.conditions]
    over = [{"key": key, "text": wording.recovered(key)} for key in change.over]
    event = "problem" if change.risen else "recovery"
    lines = [_title(context, event, len(problems)), *(f"Over: {row['text']}." for row in over)]
    for row in sorted(problems, key=lambda row: not row["is_new"]):
        still = "" if row["is_new"] else "Still: "
        since = f"Since {row['since'][:16].replace('T', ' ')} UTC."
        lines += [f"{still}{row['text']} {since} First: {row['first']}"]
    return {
        **_head(context, event, standing.at),
        "text": "\n".join(lines),
        "problems": problems,
        "recovered": over,
        "run": {name: standing.run.get(name) for name in RUN} if standing.run else None,
    }


def test_message(context: Context, at: datetime) -> Message:
    """What `--test` sends."""
    text = f"{context.project_dir.name}: this is a test of p2c notify. Nothing is wrong."
    empty: Message = {"problems": [], "recovered": [], "run": None}
    return {**_head(context, "test", at), "text": text, **empty}


def card(found: Message) -> Message:
    """The same as an Adaptive Card in a message, which a workflow of Teams takes. Text runs are
    shown as they are: a name with underscores is no Markdown."""
    title, *lines = found["text"].splitlines()
    blocks = [_block(title, weight="Bolder"), *(_block(line) for line in lines)]
    content = {"$schema": SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": blocks}
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _block(text: str, **style: str) -> Message:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _head(context: Context, event: str, at: datetime) -> Message:
    finops = context.settings.sources.finops
    return {
        "event": event,
        "project": context.project_dir.name,
        "environment": finops.environment or urlsplit(finops.url or "").hostname,
        "at": at.isoformat(timespec="seconds"),
    }


def _title(context: Context, event: str, problems: int) -> str:
    number = counted(problems, "problem")
    if event == "problem":
        return f"{context.project_dir.name}: {number}"
    left = f"better, {number} left" if problems else "all is well again"
    return f"{context.project_dir.name}: {left}"


def _problem(context: Context, standing: Standing, one: Condition, change: News) -> Message:
    causes = of_condition(standing.causes, one.kind, one.flow)
    return {
        **as_row(one),
        "is_new": one.key in change.risen,
        "since": standing.since[one.key],
        "text": wording.problem(one, causes, details=context.settings.p2c.notify.details),
        "first": wording.first(one),
        "causes": [{**cause, "since": _iso(cause["since"])} for cause in causes],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
