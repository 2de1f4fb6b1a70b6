"""The client id and secret of a sandbox, made at its first start and kept beside its data."""

import json
import secrets
import uuid
from pathlib import Path

from p2c_sandbox.odata.auth import Credentials


def credentials(directory: Path) -> Credentials:
    """Read DIR/credentials.json, or make it (readable by its owner only)."""
    path = directory / "credentials.json"
    if not path.exists():
        created = {"client_id": str(uuid.uuid4()), "client_secret": secrets.token_urlsafe(24)}
        write_private(path, json.dumps(created, indent=2))
    return Credentials(**json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, and never show it half written."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
