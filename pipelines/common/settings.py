"""How to reach a system. Values come from outside (the command line's settings, or dlt's)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from .address_errors import MixedSettings, UnsafeAddress
from .errors import MissingSetting
from .origin import is_loopback, is_safe

Auth = Literal["client_secret", "certificate", "managed_identity"]
# How a table of F&O is read, and a target there written.
Transport = Literal["odata", "package", "auto"]
CLIENT_SECRET: Auth = "client_secret"  # noqa: S105 - the name of a way, no secret
CERTIFICATE: Auth = "certificate"
MANAGED_IDENTITY: Auth = "managed_identity"
# The settings that each way to a token needs.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    CLIENT_SECRET: ("url", "token_url", "client_id", "client_secret"),
    CERTIFICATE: ("url", "token_url", "client_id", "certificate_file"),
    MANAGED_IDENTITY: ("url",),
}


def check_addresses(system: str, url: str, token_url: str) -> None:
    """Raise UnsafeAddress for plain http to another machine. token_url: '' where none is needed."""
    for name, value in (("url", url), ("token_url", token_url)):
        if (value or name == "url") and not is_safe(value):
            raise UnsafeAddress(system, name, value)


def check_places(system: str, urls: Iterable[str], places: Mapping[str, str]) -> None:
    """Raise MixedSettings where an address of this machine meets credentials from elsewhere.

    places: where each required value was found. A sandbox's settings are written together; of a
    tenant's the address may be in a committed file and the secret in the environment.
    """
    if any(is_loopback(url) for url in urls) and len(set(places.values())) > 1:
        raise MixedSettings(system, places)


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a service (OAuth 2.0, scope `<url>/.default`). Never print it.

    url: `https://<name>` without a path; token_url: complete, tenant included; auth: how a token is
    got, with `certificate_file` (PEM or PKCS12, private key included) and its password for
    `certificate`; client_id: for `managed_identity` only where it is user-assigned; ca_file: PEM
    file to trust instead of the machine's certificates; page_size: rows asked for in one page;
    project_dir: folder whose pipelines/<system>/tables.yml declares what is read (None: the
    project around the working directory).
    """

    system: ClassVar[str] = ""

    url: str
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    ca_file: Path | None = None
    page_size: int = 5000
    project_dir: Path | None = None
    auth: Auth = CLIENT_SECRET
    certificate_file: Path | None = None
    certificate_password: str = field(default="", repr=False)

    def check(self) -> None:
        """Raise MissingSetting for the first missing value, or UnsafeAddress."""
        for name in REQUIRED[self.auth]:
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
