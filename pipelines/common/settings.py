"""How to reach a system. Values come from outside (the command line's settings, or dlt's)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from .errors import MissingSetting, UnsafeAddress
from .origin import is_safe


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a service (OAuth client credentials, scope `<url>/.default`).

    url: `https://<name>` without a path; token_url: complete, tenant included; ca_file: PEM file
    to trust instead of the machine's certificates; page_size: rows asked for in one page.
    """

    system: ClassVar[str] = ""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None
    page_size: int = 5000

    def check(self) -> None:
        """Raise MissingSetting for the first value that was not given, UnsafeAddress for plain
        http to another machine."""
        for name in ("url", "token_url", "client_id", "client_secret"):
            if not getattr(self, name):
                raise MissingSetting(self.system, name)
        for name in ("url", "token_url"):
            if not is_safe(url := getattr(self, name)):
                raise UnsafeAddress(self.system, name, url)

    @property
    def root(self) -> str:
        """Address the entity sets hang from, without a slash at the end."""
        return self.url.rstrip("/")

    @property
    def query(self) -> Mapping[str, str]:
        """Options every request for rows or counts carries."""
        return {}
