"""Why a data package could not be exported or imported; each is one sentence that says what to do.

PackageError
    ActionRefused         the service refused an action of the package API, in its own words
    UnusablePackageAnswer an action was answered with something else than it should be
    PackageNeverStarted   the service knows nothing of an execution that was asked for
    PackageNeverEnds      an execution is not at its end when patience is
    PackageFailed         an execution ended, but not well
    PackageWithoutFile    an execution ended well and gives no file
    BlobUnavailable       a file could not be fetched or left at its address
        BlobExpired       its address is not good any more, or it is gone
        BlobCutOff        its last bytes did not arrive
    BadPackage            what arrived is no package, or not the one that was asked for
    NotPackaged           a table is to be read by packages, and nobody declared its name there
    UnknownWay            a setting names a table or a way to read that does not exist
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import MANIFESTS, NAMES, ExtractError
from .origin import shown

MOST_ERRORS = 3  # of an execution are told; the rest is counted
_NOTHING = "nothing of it was loaded"


class PackageError(ExtractError):
    """`about`: table or project; `execution`: its id at the service, None where there is none."""

    def __init__(self, system: str, about: str, message: str, execution: str | None = None) -> None:
        self.system, self.about, self.execution = system, about, execution
        super().__init__(message)


class ActionRefused(PackageError):
    """`status` of HTTP, and the innermost message of the answer."""

    def __init__(self, system: str, about: str, action: str, status: int, message: str) -> None:
        self.action, self.status, self.message = action, status, message
        super().__init__(
            system,
            about,
            f"{NAMES[system]} refused {action} for {about} (HTTP {status}: "
            f"{message or 'no reason given'}): check that the application's user may use data "
            "management, or set this table to be read or written over OData.",
        )


class UnusablePackageAnswer(PackageError):
    """An answer of an action that does not hold what it should."""

    def __init__(self, system: str, about: str, action: str, reason: str) -> None:
        self.action, self.reason = action, reason
        super().__init__(
            system,
            about,
            f"{NAMES[system]} answered {action} for {about} with something else than expected "
            f"({reason}): {_NOTHING}; run again, and if it happens again set this table to be read "
            "or written over OData.",
        )


class PackageNeverStarted(PackageError):
    """The execution's details were not found until patience ended."""

    def __init__(self, system: str, about: str, execution: str, seconds: float) -> None:
        super().__init__(
            system,
            about,
            f"{NAMES[system]} knows nothing of the package job {execution} for {about} after "
            f"{seconds:,.0f} s: {_NOTHING}; see that the batch service runs and look for the job "
            "under Data management > Job history, then run again.",
            execution,
        )


class PackageNeverEnds(PackageError):
    """The execution still runs when patience ends. `status`: the last one it told."""

    def __init__(
        self, system: str, about: str, execution: str, status: str, seconds: float
    ) -> None:
        self.status, self.seconds = status, seconds
        super().__init__(
            system,
            about,
            f"The package job {execution} of {NAMES[system]} for {about} is still {status} after "
            f"{seconds:,.0f} s: {_NOTHING}; look at it under Data management > Job history, cancel "
            f"it if it hangs (or run once with --full), then run again, with a longer "
            f"sources.{system}.package_minutes if it is only slow.",
            execution,
        )


class PackageFailed(PackageError):
    """The execution ended as `status`; `reasons` are the service's own words."""

    def __init__(
        self, system: str, about: str, execution: str, status: str, reasons: Sequence[str]
    ) -> None:
        self.status, self.reasons = status, tuple(reasons)
        super().__init__(
            system,
            about,
            f"The package job {execution} of {NAMES[system]} for {about} ended as {status} "
            f"({_told(reasons)}): {_NOTHING}; correct the cause, which Data management > Job "
            "history shows in full, and run again.",
            execution,
        )


class PackageWithoutFile(PackageError):
    """GetExportedPackageUrl stayed empty."""

    def __init__(self, system: str, about: str, execution: str, seconds: float) -> None:
        super().__init__(
            system,
            about,
            f"{NAMES[system]} gives no file for its package job {execution} of {about}, "
            f"{seconds:,.0f} s after it ended: {_NOTHING}; run again.",
            execution,
        )


class BlobUnavailable(PackageError):
    """Fetching or leaving a file failed. The message shows its host alone: the rest is a key."""

    advice = "run again, and check that this machine may reach that address"

    def __init__(self, system: str, about: str, url: str, reason: str) -> None:
        self.host, self.reason = shown(url), reason
        super().__init__(
            system,
            about,
            f"The package file of {about} in {NAMES[system]} could not be moved "
            f"({reason}, at {self.host}): {_NOTHING}; {self.advice}.",
        )


class BlobExpired(BlobUnavailable):
    """403 or 404: the address has ended, or the file is no longer kept."""

    advice = "run again, which asks for a new one"


class BlobCutOff(BlobUnavailable):
    """Fewer bytes than announced, again and again."""

    advice = "run again; if it happens again look for a proxy that limits the size of files"


class BadPackage(PackageError):
    """What arrived cannot be read as the package it should be."""

    def __init__(self, system: str, about: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            system,
            about,
            f"The package of {about} from {NAMES[system]} cannot be read ({reason}): {_NOTHING}; "
            "run again, and if it happens again set this table to be read over OData.",
        )


class NotPackaged(PackageError):
    """A table without `package` in tables.yml."""

    def __init__(self, system: str, table: str) -> None:
        super().__init__(
            system,
            table,
            f"Settings have {table} of {NAMES[system]} read by packages, but {MANIFESTS[system]} "
            "does not say what the entity is called there: add `package: {label: …}` to it (the "
            "name under Data management > Data entities), or set "
            f'sources.{system}.read_by_table.{table} to "odata".',
        )


class UnknownWay(PackageError):
    """`read_by_table` with a table that is not declared."""

    def __init__(self, system: str, table: str, declared: Sequence[str]) -> None:
        super().__init__(
            system,
            table,
            f"Setting sources.{system}.read_by_table names {table!r}, which is not declared; there "
            f"are {', '.join(declared)}.",
        )


def _told(reasons: Sequence[str]) -> str:
    if not reasons:
        return "the service gives no reason"
    more = len(reasons) - MOST_ERRORS
    return "; ".join(reasons[:MOST_ERRORS]) + (f"; and {more:,} more" if more > 0 else "")
