"""Writes the page: whole or not at all, and never over something else than a file."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from loaders.ledger.connection import storage_error


def write(path: Path, content: str) -> int:
    """Put the content in place of what was there; its size in bytes.

    Raises StorageError, with the file as it was, when it cannot be written.
    """
    data = content.encode("utf-8")
    try:
        _replace(path, data)
    except OSError as error:
        raise storage_error(path, error) from error
    return len(data)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o600)  # it holds data of customers
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
