"""Errors of the command line, and how every error is printed.

P2CError
    ProjectError      no project folder where one was looked for
    SettingsError     a setting is missing, unknown or wrong
    WarehouseBusy     another process holds the warehouse
    NothingStaged     a command needs data that no run has brought yet
    SeedError         a seed's file cannot be read as a person meant it
    BuildError        dbt failed
    FlowsHeld         all flows asked for are held back by a gate or a seed
    ReadCopyError     the copy for readers cannot be written
    BackupError       a copy of the ledger cannot be made there
    StreamError       stdout or stderr takes no more, as a file on a full disk

Each message has a sentence or two: what, where, what to do next. pipelines and loaders have
their own families of errors with the same promise; `format_error` is how all of them are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from p2c.os_errors import refused, without_room
from pipelines.common.origin import is_loopback


class P2CError(Exception):
    """Base of the command line's own errors; `str(error)` is the message to print."""


class ProjectError(P2CError):
    """No project folder was found."""


class SettingsError(P2CError):
    """A setting is missing, unknown or wrong."""


class WarehouseBusy(P2CError):
    """Another process holds the warehouse (DuckDB lets one process in at a time)."""


class NothingStaged(P2CError):
    """The warehouse, or the table asked for, is not there yet."""


class SeedError(P2CError):
    """A seed's file cannot be loaded; the message names file, line and what to write."""


class BuildError(P2CError):
    """dbt did not build everything; the message names the nodes that failed."""


class FlowsHeld(P2CError):
    """No flow is left to plan; the message says what holds each back."""


class ReadCopyError(P2CError):
    """The copy for readers was not replaced; the one that is there stays."""


class BackupError(P2CError):
    """The ledger was not copied; an earlier copy stays as it was."""


class StreamError(P2CError):
    """stdout or stderr cannot be written, for another reason than a reader who is gone."""


def format_error(error: BaseException, places: Sequence[Path] = ()) -> str:
    """The error as one paragraph, its name in front when it was never meant for a reader.

    places: where the command writes; when the machine refuses a file without naming it, those
    that have no room left are named.
    """
    if is_interrupt(error):
        return "Interrupted; `p2c status` shows what was written, the next run goes on from there."
    text = " ".join(str(error).split())
    if is_expected(error):
        return text + _hint(error) + without_room(text, places)
    if isinstance(error, OSError) and error.errno:
        return refused(error, places)
    message = f"Unexpected {type(error).__name__}: {text or 'no message'} (--debug shows where)."
    return message + without_room(text, places)


def is_interrupt(error: BaseException) -> bool:
    """Ctrl-C, SIGTERM, or Ctrl-C at a question."""
    return isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort"


def _hint(error: BaseException) -> str:
    """What is usual with the sandbox: it stops after an idle hour, and each one is an
    organisation of its own."""
    local = is_loopback(str(getattr(error, "url", "")))
    if local and type(error).__name__ == "ServiceUnavailable":
        return " If this is the sandbox: `p2c sandbox up` starts it."
    if local and type(error).__name__ == "WrongEnvironment":
        return " If both are sandboxes: `p2c sandbox reset` forgets what was staged."
    return ""


def is_expected(error: BaseException) -> bool:
    """Whether the error comes from one of this project's own families, and so reads well as is."""
    families = {"p2c", "pipelines", "loaders", "p2c_sandbox"}
    return type(error).__module__.split(".")[0] in families
