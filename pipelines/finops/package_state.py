"""What has to be known of earlier packages of a table: kept where Sales keeps its delta link.

It arrives in the warehouse together with the rows it is about, so it never gets ahead of them: what
a killed run had exported is exported under the same execution id again, or found there.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

NAME = "p2c"  # projects of ours begin with it
MOST = 60  # characters of a project's name


@dataclass(frozen=True)
class PackageState:
    """project: the data project; exports: how many of its exports are loaded; changes: whether it
    exports what changed; full_at, keys_at: when table and keys were read last (ISO, UTC)."""

    project: str
    changes: bool
    exports: int = 0
    full_at: str = ""
    keys_at: str = ""

    @classmethod
    def new(cls, table: str, *, changes: bool) -> PackageState:
        """A project of its own for this warehouse: two of them would take each other's changes."""
        token = secrets.token_hex(4)
        room = MOST - len(NAME) - len(token) - 2
        return cls(f"{NAME}-{table[:room]}-{token}", changes)

    @classmethod
    def of(cls, link: str | None) -> PackageState | None:
        """None for what is none, such as the link of another way to read."""
        try:
            found = json.loads(link or "")
            known = {name: found[name] for name in (f.name for f in fields(cls)) if name in found}
            return cls(**known)
        except (ValueError, TypeError):
            return None

    @property
    def link(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    def execution(self, company: str) -> str:
        """Id of the next export of a company: the same one until it is loaded."""
        return f"{self.project}-{company}-{self.exports + 1}"

    def exported(self) -> PackageState:
        """After an export of all companies."""
        return replace(self, exports=self.exports + 1)

    def read_in_full(self, now: datetime) -> PackageState:
        """After a full reading, which reads all keys, too."""
        return replace(self, full_at=now.isoformat(), keys_at=now.isoformat())

    def is_due(self, name: str, hours: float, now: datetime) -> bool:
        """Whether `full_at` or `keys_at` is that long ago."""
        text = getattr(self, name)
        return not text or now - datetime.fromisoformat(text) >= timedelta(hours=hours)
