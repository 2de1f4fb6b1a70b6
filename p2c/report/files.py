"""Writes a page, or a plan: whole or not at all, and never over something else than a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from loaders.ledger.connection import storage_error


def write(path: Path, content: str | Iterable[str]) -> int:
    """Put the content, one text or many, in place of what was there; its size in bytes.

    Raises StorageError, with the file as it was, when it cannot be written.
    """
    try:
        return _replace(path, [content] if isinstance(content, str) else content)
    except OSError as error:
        raise storage_error(path, error) from error


def _replace(path: Path, parts: Iterable[str]) -> int:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            size = sum(file.write(part.encode("utf-8")) for part in parts)
        Path(name).chmod(0o600)  # it holds data of customers
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    return size
