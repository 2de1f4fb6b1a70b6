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
KINDS = {
    "rejected": "records cannot be written",
    "blocked": "records wait for another",
    "failed": "changes failed while they were written",
    "hours_since_run": "no run came to its end",
    "hours_since_extract": "the systems were not both read",
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
    where = f"{flow}: " if flow else ""
    if kind == "run":
        return "the run came to its end again"
    if kind == "held":
        return f"{where}no longer held back"
    return f"{where}below the threshold again: {KINDS.get(kind, kind)}"


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
    named = [_cause(cause, condition.flow) for cause in causes]
    return f"{text}: {', '.join(named)}." if named else f"{text}."


def _cause(cause: Any, flow: str | None) -> str:  # noqa: ANN401 - a row
    where = "" if flow else f"{cause['flow']} "
    since = f" since {cause['since']:%Y-%m-%d}" if cause["since"] else ""
    return f"{where}{cause['code']} {cause['records']:,}{since}"


def _age(condition: Condition) -> str:
    what = KINDS[condition.kind]
    if condition.count is None:
        return f"{what[:1].upper()}{what[1:]} yet."
    return f"For {condition.count:.1f} hours {what} (threshold {condition.limit})."


def _cut(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[:WORDS]} …"
