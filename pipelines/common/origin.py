"""Whether an address may receive a secret: the rule both directions of the sync keep.

Credentials go to the addresses in the settings and nowhere else, whatever a link or a redirect
says; and over plain http only within this machine. No imports but the standard library's, so that
the loaders and the command line can use it, too.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int | None]


def same_origin(one: str, other: str) -> bool:
    """Whether two complete addresses have the same scheme, host and port."""
    first = origin(one)
    return first is not None and first == origin(other)


def origin(url: str) -> Origin | None:
    """Scheme, host and port of an address, the port filled in; None if it is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def shown(url: str) -> str:
    """Scheme, host and port of an address as it is written, for a message."""
    found = origin(url)
    if found is None:
        return repr(url[:80])
    scheme, host, port = found
    usual = port is None or port == _PORTS.get(scheme)
    return f"{scheme}://{host}" if usual else f"{scheme}://{host}:{port}"


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine: no proxy applies, and plain http is fine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe(url: str) -> bool:
    """Whether a secret may be sent there: https, or http on this machine; no name in the address,
    behind which another host could hide (`https://yourorg.example@other.example`)."""
    try:
        parts: SplitResult = urlsplit(url)
    except ValueError:
        return False
    if parts.username is not None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
