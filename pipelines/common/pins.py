"""Which environments a warehouse, a state folder and a ledger belong to.

Addresses change, organisations do not: what was staged of one organisation is never continued, and
never written, with another one behind the same settings. Each place keeps one row a system; the
first contact with data fills it in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlsplit

from .address_errors import MixedState, UnknownEnvironment, WrongEnvironment
from .duck import opened, tables_of
from .origin import is_loopback
from .private import owner_only

Pins = Mapping[str, str]  # system → what identifies its environment
FILE = "environments.json"
_PINNING = Lock()
THIS_MACHINE = "this machine"
_ORGANISATIONS = """
select 'sales', min(lower(organizationid)) from raw_sales.organizations
where deleted_at is null having count(distinct lower(organizationid)) = 1
"""
_CREATE = """
create schema if not exists p2c;
create table if not exists p2c.environments (system varchar primary key, environment varchar)
"""


@dataclass(frozen=True)
class Environment:
    """What answers at an address: `identity` is Sales' organisation id, or F&O's environment."""

    system: str
    identity: str
    url: str


class Keeper(Protocol):
    """A place that belongs to environments."""

    @property
    def name(self) -> str:
        """What it is and where, to begin a message with."""

    def pins(self) -> Pins:
        """Whom it belongs to, as far as it says."""

    def evidence(self) -> Pins:
        """Whom its data comes from, for those from before there were pins."""

    def pin(self, pins: Pins) -> None:
        """Make it belong to these for good."""


def organisation(answer: object, url: str) -> Environment:
    """Sales' environment out of its answer to `WhoAmI`; UnknownEnvironment where it names none."""
    name = answer.get("OrganizationId") if isinstance(answer, Mapping) else None
    if not isinstance(name, str) or not name.strip("{} "):
        raise UnknownEnvironment("sales", url, "no OrganizationId in its answer to WhoAmI")
    return Environment("sales", name.strip("{} ").lower(), url)


def finops_environment(name: str | None, url: str) -> Environment:
    """F&O's environment: it has no id of its own, so the setting's name or the host stands for it.

    All names of this machine are one: a host says nothing there.
    """
    host = THIS_MACHINE if is_loopback(url) else urlsplit(url).hostname or url
    return Environment("finops", (name or host).strip().lower(), url)


def check(found: Iterable[Environment], keepers: Sequence[Keeper]) -> None:
    """Raise WrongEnvironment if a place belongs to another environment. Changes nothing."""
    pinned = [(keeper, {**keeper.evidence(), **keeper.pins()}) for keeper in keepers]
    for environment in found:
        for keeper, pins in pinned:
            known = pins.get(environment.system, environment.identity)
            if known != environment.identity:
                raise WrongEnvironment(
                    environment.system, environment.url, environment.identity, keeper.name, known
                )


def check_alike(keepers: Sequence[Keeper]) -> None:
    """Raise MixedState if two places belong to different environments. Asks no service."""
    seen: dict[str, tuple[str, str]] = {}
    for keeper in keepers:
        for system, known in {**keeper.evidence(), **keeper.pins()}.items():
            other = seen.setdefault(system, (keeper.name, known))
            if other[1] != known:
                raise MixedState(system, other, (keeper.name, known))


def pin(found: Iterable[Environment], keepers: Sequence[Keeper]) -> None:
    """Make places that belong to nobody yet belong to these environments."""
    wanted = {environment.system: environment.identity for environment in found}
    with _PINNING:
        for keeper in keepers:
            if missing := wanted.keys() - keeper.pins().keys():
                keeper.pin({system: wanted[system] for system in sorted(missing)})


@dataclass(frozen=True)
class WarehousePins:
    """The pins of a DuckDB file, in table `p2c.environments`."""

    path: Path

    @property
    def name(self) -> str:
        """For a message."""
        return f"The warehouse {self.path}"

    def pins(self) -> Pins:
        """Nobody's, where the file or the table is not there."""
        return self._rows("p2c", "environments", "select system, environment from p2c.environments")

    def evidence(self) -> Pins:
        """The organisation that was read into it."""
        return self._rows("raw_sales", "organizations", _ORGANISATIONS)

    def pin(self, pins: Pins) -> None:
        """Makes the file where there is none."""
        with opened(self.path) as connection:
            connection.execute(_CREATE)
            connection.executemany(
                "insert or replace into p2c.environments values (?, ?)", list(pins.items())
            )

    def _rows(self, schema: str, table: str, query: str) -> Pins:
        if not self.path.exists():
            return {}
        with opened(self.path) as connection:
            if table not in tables_of(connection, schema):
                return {}
            return {str(key): str(value) for key, value in connection.execute(query).fetchall()}


@dataclass(frozen=True)
class StatePins:
    """The pins of the folder that holds dlt's state, in a file beside it."""

    folder: Path

    @property
    def name(self) -> str:
        """For a message."""
        return f"The extraction state in {self.folder}"

    def pins(self) -> Pins:
        """Nobody's, where the file is not there or not readable as what it should be."""
        try:
            found: Any = json.loads((self.folder / FILE).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return {str(key): str(value) for key, value in dict(found).items()}

    def evidence(self) -> Pins:
        """Nothing in it names its owner."""
        return {}

    def pin(self, pins: Pins) -> None:
        """Written beside and then moved, so that it is never half there."""
        known = {**self.pins(), **pins}
        with owner_only():
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self.folder / f"{FILE}.new"
            draft.write_text(json.dumps(known, indent=2), encoding="utf-8")
        draft.replace(self.folder / FILE)
