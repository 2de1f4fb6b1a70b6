"""What the command line tells a person when it cannot go on.

P2CError
    ProjectError      no project folder where one was looked for
    SettingsError     a setting is missing, unknown or wrong
    WarehouseBusy     another process holds the warehouse
    NothingStaged     a command needs data that no run has brought yet
    BuildError        dbt failed
    SandboxError      a sandbox command cannot do what was asked

Each message is one sentence or two: what, where, what to do next. pipelines and loaders have
their own families of errors with the same promise; `sentence` is how all of them are printed.
"""

from __future__ import annotations

from pipelines.common.origin import is_loopback


class P2CError(Exception):
    """Base of the command line's own errors; `str(error)` is the sentence to print."""


class ProjectError(P2CError):
    """No project folder was found."""


class SettingsError(P2CError):
    """A setting is missing, unknown or wrong."""


class WarehouseBusy(P2CError):
    """Another process holds the warehouse (DuckDB lets one process in at a time)."""


class NothingStaged(P2CError):
    """The warehouse, or the table asked for, is not there yet."""


class BuildError(P2CError):
    """dbt did not build everything; the message names the nodes that failed."""


class SandboxError(P2CError):
    """A sandbox command cannot do what was asked."""


def sentence(error: BaseException) -> str:
    """The error as one paragraph, its name in front when it was never meant for a reader."""
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return "Interrupted; `p2c status` shows what was written, the next run goes on from there."
    text = " ".join(str(error).split())
    if is_expected(error):
        return text + _hint(error)
    return f"Unexpected {type(error).__name__}: {text or 'no message'} (--debug shows where)."


def _hint(error: BaseException) -> str:
    """The sandbox stops after an idle hour: the usual reason why nobody answers on loopback."""
    local = is_loopback(str(getattr(error, "url", "")))
    if local and type(error).__name__ == "ServiceUnavailable":
        return " If this is the sandbox: `p2c sandbox up` starts it."
    return ""


def is_expected(error: BaseException) -> bool:
    """Whether the error comes from one of this project's own families, and so reads well as is."""
    families = {"p2c", "pipelines", "loaders", "sandbox"}
    return type(error).__module__.split(".")[0] in families
