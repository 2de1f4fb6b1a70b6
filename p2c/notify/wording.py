"""Conditions in words: what it is, since when, and what to do first; no key, no value.

An error's own words may quote a record: they are in a message where the setting `details` wants
them, or where the error's kind speaks of services, files and counts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2c.notify.conditions import ENDED, Condition

# Errors whose words name services, tables, files, settings and counts, and never a record.
WITHOUT_RECORDS = frozenset((
    "AccessDenied", "AuthenticationFailed", "BadCertificate", "CountMismatch", "EndlessPages",
    "FateMismatch", "ForeignAddress", "GuardStop", "IncompleteBuild", "InvalidDeclaration",
    "KeyboardInterrupt", "ManifestError", "MissingDeclaration", "MissingLibrary", "MissingSetting",
    "MixedSettings", "MixedState", "NothingStaged", "OldSnapshot", "PackageNeverEnds",
    "PackageNeverStarted", "ProjectError", "RetryLater", "ServiceUnavailable", "SettingsError",
    "StalePlan", "StorageError", "UnknownAuth", "UnknownColumn", "UnknownEnvironment",
    "UnknownTable", "UnsafeAddress", "WarehouseBusy", "WarehouseError", "WarehouseUnusable",
    "WrongEnvironment",
))  # fmt: skip
WORDS = 600  # letters of an error
NAMED = 5  # causes, the most frequent
KINDS = {
    "rejected": "records cannot be written",
    "blocked": "records wait for another",
    "failed": "changes failed while they were written",
    "hours_since_run": "no run came to its end",
    "hours_since_extract": "no extract came to its end",
}
OVER = {
    "run": "the run came to its end again",
    "held": "no longer held back",
    "rejected": "records that cannot be written are below the threshold again",
    "blocked": "records that wait for another are below the threshold again",
    "failed": "changes that failed are below the threshold again",
    "hours_since_run": "a run came to its end again",
    "hours_since_extract": "an extract came to its end again",
}
FIRST = {
    "run": "p2c status",
    "held": "p2c build",
    "rejected": "p2c rejects",
    "blocked": "p2c rejects",
    "failed": "p2c rejects",
    "hours_since_run": "p2c status",
    "hours_since_extract": "p2c status",
}


def problem(condition: Condition, causes: Sequence[Any], *, details: bool) -> str:
    """What is wrong, as one line."""
    if condition.kind == "run":
        return _run(condition, details)
    if condition.kind == "held":
        why = f": {' '.join(condition.reasons)}" if details else "; p2c build says why"
        return f"{condition.flow} is held back{_cut(why)}"
    if condition.kind.startswith("hours_"):
        return _age(condition)
    return _counted(condition, causes)


def first(condition: Condition) -> str:
    """The command to begin with."""
    flow = condition.flow if condition.kind in ("rejected", "blocked", "failed") else None
    return FIRST[condition.kind] + (f" --flow {flow}" if flow else "")


def recovered(key: str) -> str:
    """That a condition stands no longer."""
    kind, _, flow = key.partition(":")
    return (f"{flow}: " if flow else "") + OVER.get(kind, kind)


def _run(condition: Condition, details: bool) -> str:
    run = condition.run or {}
    report = run.get("report") or {}
    stage = f" (stage {report['stopped_in']})" if report.get("stopped_in") else ""
    begun = f"The {run.get('command', 'run')} {ENDED[run['status']]}{stage}"
    error, kind = str(report.get("error") or ""), str(report.get("error_type") or "")
    if not error or kind == "KeyboardInterrupt":
        return f"{begun}."
    if details or kind in WITHOUT_RECORDS:
        return _cut(f"{begun}: {error}")
    return f"{begun}: {kind or 'an error'}; p2c status has its words."


def _counted(condition: Condition, causes: Sequence[Any]) -> str:
    where = f"{condition.flow}: " if condition.flow else ""
    counts = f"{condition.count:,} of {condition.of:,}"
    text = f"{where}{counts} {KINDS[condition.kind]} (threshold {condition.limit})"
    return f"{text}{_causes(condition, causes)}."


def _causes(condition: Condition, causes: Sequence[Any]) -> str:
    """`: accounts no_number 3, contacts no_number 2, and others; the oldest since 2026-01-31`."""
    if not causes:
        return ""
    named = [_cause(cause, condition) for cause in causes[:NAMED]]
    others = ", and others" if len(causes) > NAMED else ""
    since = [cause["since"] for cause in causes if cause["since"]]
    oldest = f"; the oldest since {min(since):%Y-%m-%d}" if since else ""
    return f": {', '.join(named)}{others}{oldest}"


def _cause(cause: Any, condition: Condition) -> str:  # noqa: ANN401 - a row
    where = "" if condition.flow else f"{cause['flow']} "
    code = "" if cause["code"] == condition.kind else f"{cause['code']} "
    return f"{where}{code}{cause['records']:,}"


def _age(condition: Condition) -> str:
    what = KINDS[condition.kind]
    if condition.count is None:
        return f"{what[:1].upper()}{what[1:]} yet."
    return f"For {condition.count:.1f} hours {what} (threshold {condition.limit})."


def _cut(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[:WORDS]} …"
