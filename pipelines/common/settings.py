"""How to reach a system. Values come from outside (the command line's settings, or dlt's)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from .address_errors import MixedSettings, UnsafeAddress
from .errors import MissingSetting
from .origin import is_loopback, is_safe

REQUIRED = ("url", "token_url", "client_id", "client_secret")


def check_addresses(system: str, url: str, token_url: str) -> None:
    """Raise UnsafeAddress for plain http to another machine."""
    for name, value in (("url", url), ("token_url", token_url)):
        if not is_safe(value):
            raise UnsafeAddress(system, name, value)


def check_places(system: str, urls: Iterable[str], places: Mapping[str, str]) -> None:
    """Raise MixedSettings where an address of this machine meets credentials from elsewhere.

    places: where each of `REQUIRED` was found. A sandbox's settings are written together; of a
    tenant's the address may be in a committed file and the secret in the environment.
    """
    if any(is_loopback(url) for url in urls) and len(set(places.values())) > 1:
        raise MixedSettings(system, places)


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a service (OAuth client credentials, scope `<url>/.default`).

    url: `https://<name>` without a path; token_url: complete, tenant included; ca_file: PEM file
    to trust instead of the machine's certificates; page_size: rows asked for in one page;
    project_dir: folder whose pipelines/<system>/tables.yml declares what is read (None: the
    project around the working directory).
    """

    system: ClassVar[str] = ""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None
    page_size: int = 5000
    project_dir: Path | None = None

    def check(self) -> None:
        """Raise MissingSetting for the first missing value, or UnsafeAddress."""
        for name in REQUIRED:
            if not getattr(self, name):
                raise MissingSetting(self.system, name)
        check_addresses(self.system, self.url, self.token_url)

    @property
    def root(self) -> str:
        """Address the entity sets hang from, without a slash at the end."""
        return self.url.rstrip("/")

    @property
    def query(self) -> Mapping[str, str]:
        """Options every request for rows or counts carries."""
        return {}
