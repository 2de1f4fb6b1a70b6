"""Keys and values replaced by short hashes, the same for the same value within a project.

The hash is keyed by a secret in the state folder, so that nobody who has the page alone can try
out names until one fits.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loaders.ledger.connection import storage_error

Hash = Callable[[object], str | None]
FILE = "redact.key"
# What names a record or holds a value of it; texts of services and rules quote such values.
VALUES = frozenset(
    (
        "key", "source_key", "record_key", "record_id", "name", "value", "root", "record",
        "sales_id", "finops_key", "sales_name", "finops_name", "sales", "finops",
    )
)  # fmt: skip
TEXTS = frozenset(("message", "error_message", "detail", "why", "reasons", "request_id", "error"))
HIDDEN = "left out by --redact"


def hasher(state_dir: Path) -> Hash:
    """The hash of a project; its secret is made at first use. Raises StorageError."""
    path = state_dir / FILE
    try:
        if not path.is_file():
            state_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        raise storage_error(path, error) from error

    def hashed(value: object) -> str | None:
        if value is None or value == "":
            return None
        return "#" + hashlib.blake2s(str(value).encode(), key=key, digest_size=5).hexdigest()

    return hashed


def redacted(found: Mapping[str, Any], hashed: Hash) -> dict[str, Any]:
    """The report's data without keys and values of records; counts, codes and columns stay."""
    agreed = found["agreement"]
    parts = {name: _plain(found[name], hashed) for name in ("plan", "problems", "matching", "runs")}
    layers = [{**one, "row": _hashed(one["row"], hashed)} for one in found["layers"]]
    return {**found, **parts, "layers": layers, "agreement": agreed, "redacted": True}


def _plain(value: Any, hashed: Hash, name: str = "") -> Any:  # noqa: ANN401 - whatever JSON has
    if name in ("columns", "kept", "held_instead") and isinstance(value, Mapping):
        return {column: _hashed(held, hashed) for column, held in value.items()}
    if name == "way":
        return [hashed(one) for one in value]
    if name in TEXTS:
        return [HIDDEN] if isinstance(value, list) and value else HIDDEN if value else value
    if isinstance(value, Mapping):
        return {key: _plain(held, hashed, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_plain(one, hashed) for one in value]
    return hashed(value) if name in VALUES else value


def _hashed(value: Any, hashed: Hash) -> Any:  # noqa: ANN401
    """Every value below."""
    if isinstance(value, Mapping):
        return {
            name: held if name == "agrees" else _hashed(held, hashed)
            for name, held in value.items()
        }
    if isinstance(value, list):
        return [_hashed(one, hashed) for one in value]
    return hashed(value)
