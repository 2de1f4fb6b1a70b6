"""From what the ledger knows to messages: only where the state changed, each receiver by itself.

Nothing here fails a run or changes its exit code: what does not work is a note on stderr, and is
tried again at the next run or check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout

from p2c.config.context import Context
from p2c.errors import format_error
from p2c.lock import holder
from p2c.notify import state as states
from p2c.notify.causes import causes
from p2c.notify.conditions import COUNTED, Condition, conditions, levels
from p2c.notify.facts import Facts, facts
from p2c.notify.message import Standing, message, news, test_message
from p2c.notify.receivers import NotTaken, Receiver, receivers
from p2c.notify.state import State

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass
class Notified:
    """What a check found and did: `sent` names the receivers that took a message, `answers` what
    they answered, `failures` why others did not."""

    conditions: Sequence[Condition] = ()
    since: Mapping[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    # Why the state could not be kept, where it could not.
    lost: str = ""

    @property
    def notes(self) -> list[str]:
        """The failures as sentences."""
        notes = [
            f"Nobody was notified by {name}: {why}. It is tried again at the next run."
            for name, why in self.failures.items()
        ]
        lost = f"What was sent could not be noted, the next run sends it again: {self.lost}"
        return [*notes, lost] if self.lost else notes


def standing(context: Context, now: datetime, kept: State) -> tuple[Facts, list[Condition]]:
    """How it stands. Raises StorageError."""
    ledger = context.path("state_dir") / "ledger.sqlite"
    found = facts(ledger, is_held=holder(context.warehouse) is not None)
    found = _with_not_started(found, kept)
    return found, conditions(found, context.settings.p2c.notify, now)


def look(context: Context, clock: Clock = utc_now) -> Notified:
    """How it stands, without a word to anybody and without a trace."""
    kept, now = states.load(context.path("state_dir")), clock()
    _, found = standing(context, now, kept)
    return Notified(found, _since(found, kept, now))


def notify(
    context: Context, trouble: BaseException | None = None, clock: Clock = utc_now
) -> Notified:
    """Send to each receiver what it does not know yet. Raises StorageError.

    trouble: why a run could not begin.
    """
    folder, settings = context.path("state_dir"), context.settings.p2c.notify
    known = receivers(settings, context.project_dir)
    try:
        with states.locked(folder, settings.timeout):
            return _notify(context, known, trouble, clock)
    except Timeout:
        return Notified(failures=dict.fromkeys(known, "another process is at it"))


def send_test(context: Context, clock: Clock = utc_now) -> Notified:
    """Send a test message to each receiver; the state stays as it is."""
    outcome = Notified()
    settings = context.settings.p2c.notify
    for name, receiver in receivers(settings, context.project_dir).items():
        try:
            outcome.answers[name] = receiver(test_message(context, clock()))
            outcome.sent.append(name)
        except NotTaken as error:
            outcome.failures[name] = str(error)
    return outcome


def _notify(
    context: Context,
    known: Mapping[str, Receiver],
    trouble: BaseException | None,
    clock: Clock,
) -> Notified:
    folder, now = context.path("state_dir"), clock()
    kept = states.load(folder)
    if trouble is not None:
        words = {"error": format_error(trouble), "error_type": type(trouble).__name__}
        kept.not_started = {"at": now.isoformat(), **words}
    found, current = standing(context, now, kept)
    kept.since = _since(current, kept, now)
    outcome = Notified(current, kept.since)
    for name, receiver in known.items():
        change = news(kept.sent.get(name, {}), levels(current))
        if change:
            kinds = {one.kind for one in current} & set(COUNTED)
            about = Standing(now, current, causes(context.warehouse, kinds), kept.since, found.run)
            try:
                outcome.answers[name] = receiver(message(context, about, change))
            except NotTaken as error:
                outcome.failures[name] = str(error)
                continue
            outcome.sent.append(name)
        kept.sent[name] = levels(current)
        outcome.lost = _saved(folder, kept)
    _forget(kept, known)
    outcome.lost = _saved(folder, kept)
    return outcome


def _saved(folder: Path, kept: State) -> str:
    """'' once it is kept, otherwise why it could not be: a full disk must not keep silent."""
    try:
        states.save(folder, kept)
    except OSError as error:
        return format_error(error)
    return ""


def _since(current: Sequence[Condition], kept: State, now: datetime) -> dict[str, str]:
    """When each condition was found first."""
    moment = now.isoformat(timespec="seconds")
    return {one.key: kept.since.get(one.key, moment) for one in current}


def _forget(kept: State, known: Mapping[str, Receiver]) -> None:
    """A receiver that is no longer set knows nothing when it is set again."""
    kept.sent = {name: state for name, state in kept.sent.items() if name in known}


def _with_not_started(found: Facts, kept: State) -> Facts:
    """A run that could not begin counts until a command has begun after it."""
    if kept.not_started is None:
        return found
    at = datetime.fromisoformat(kept.not_started["at"])
    if found.last_at is not None and found.last_at > at:
        kept.not_started = None
        return found
    moment = at.isoformat(timespec="seconds")
    row = {"command": "run", "status": "not_started", "started_at": moment, "finished_at": moment}
    return replace(found, run=row | {"run_id": None, "report": kept.not_started})


def was_cut_off(context: Context) -> bool:
    """Whether the last run's process is gone without a word, as by a kill. Raises StorageError."""
    kept = states.load(context.path("state_dir"))
    found, _ = standing(context, utc_now(), kept)
    return found.run is not None and found.run["status"] == "cut_off"


def newest_start(context: Context) -> datetime | None:
    """When the last command began that has a row in the ledger. Raises StorageError."""
    path: Path = context.path("state_dir") / "ledger.sqlite"
    return facts(path, is_held=True).last_at
