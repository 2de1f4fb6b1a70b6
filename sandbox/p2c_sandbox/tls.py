"""A certificate of the sandbox's own, for clients that insist on https."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

from p2c_sandbox.credentials import write_private

FOLDER = "tls"


@dataclass(frozen=True)
class Certificate:
    """PEM files: what clients trust (`ca`), and what the server shows (`chain`, `key`)."""

    ca: Path
    chain: Path
    key: Path


def certificate(directory: Path, host: str) -> Certificate:
    """The certificate of DIR/tls, made at the first start: clients keep trusting it afterwards.

    It names localhost, the loopback addresses and `host`. The authority's own key is thrown away.
    """
    folder = directory / FOLDER
    files = Certificate(folder / "ca.pem", folder / "server.pem", folder / f"{host}.key")
    if not files.key.exists():
        folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        names = dict.fromkeys(("localhost", "127.0.0.1", "::1", host))
        leaf = authority.issue_cert(*names)
        files.ca.write_bytes(authority.cert_pem.bytes())
        files.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        write_private(files.key, leaf.private_key_pem.bytes().decode())
    return files
