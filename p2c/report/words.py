"""How times, numbers and the ledger's words are written on the page."""

from __future__ import annotations

from datetime import UTC, date, datetime

# Words of the ledger and the warehouse as a person reads them.
PLAIN = {
    "agree": "agree",
    "differ": "differ",
    "only_source": "only at the source",
    "only_target": "only in the target",
    "acknowledged": "written",
    "verified": "written and read back",
    "planned": "not written yet",
    "sent": "sent, no answer yet",
    "unresolved": "no answer",
    "not_persisted": "written, and not held",
    "stale": "changed meanwhile, left alone",
    "ok": "ok",
    "partial": "partly failed",
    "no_value_map": "no value map",
}
SCRIPT = {name: PLAIN[name] for name in PLAIN}


def plain_words(word: object) -> str:
    """A word of the ledger in plain words."""
    text = str(word or "")
    return PLAIN.get(text, text.replace("_", " "))


def time(moment: object) -> str:
    """`2026-01-31 10:15` in UTC; a dash where there is none."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if not isinstance(moment, datetime):
        return "–"
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def since(moment: object, now: datetime) -> str:
    """How long ago, in one unit: `3 hours`."""
    if not isinstance(moment, datetime):
        return "–"
    seconds = max(0, int((now - moment).total_seconds()))
    for name, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "less than a minute"


def number(value: object) -> str:
    """With commas between thousands; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def plain(value: object) -> str:
    """What JSON has no type for, as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value)
