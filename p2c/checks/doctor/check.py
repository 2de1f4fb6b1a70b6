"""What a check says, and what it may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from p2c.errors import P2CError

System = Literal["sales", "finops"]
Status = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Check:
    """One finding. `todo` is '' when there is nothing to do; `subject` is given by the doctor.

    A problem is what would end or hold back a run, or refuse every record of a flow; a note is
    what a person should know and a run lives with.
    """

    check: str
    status: Status
    found: str
    todo: str = ""
    subject: str = ""

    def as_dict(self) -> dict[str, str]:
        """For --json."""
        return asdict(self)


def ok(check: str, found: str) -> Check:
    """As it should be."""
    return Check(check, "ok", found)


def note(check: str, found: str, todo: str = "") -> Check:
    """A run lives with it."""
    return Check(check, "note", found, todo)


def problem(check: str, found: str, todo: str = "") -> Check:
    """A run would meet it."""
    return Check(check, "problem", found, todo)


class Probe(Protocol):
    """Reads from the services. May be called from several threads."""

    def __call__(self, system: System, path: str) -> Mapping[str, Any]:
        """The JSON body at a path below the service's data root; Refused, or the loaders' errors
        where nothing answered."""
        ...

    def ahead(self, system: System) -> float | None:
        """Seconds by which the service's clock is ahead of this machine's, by the answer that took
        the least time; None while nothing was answered."""
        ...


class Refused(P2CError):
    """The service answered, and not with what was asked for: `status`, and its own words."""

    def __init__(self, status: int, message: str, asked: str = "") -> None:
        self.status, self.message = status, message
        super().__init__(f"{asked} {message} (HTTP {status})".strip())
