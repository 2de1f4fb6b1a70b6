"""Runs JavaScript clients; where Node.js is missing the tests are skipped and say so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
INSTALL = "npm ci --prefix tests/sandbox/clients"


def missing() -> str | None:
    """Why JavaScript cannot run here, or None."""
    if shutil.which("node") is None:
        return "Node.js is not installed: the npm clients were not tried."
    if not (FOLDER / "node_modules").exists():
        return f"The npm clients are not installed (`make test` does it, or `{INSTALL}`)."
    return None


def require_node() -> None:
    """Skip the test, but never in CI, which has Node.js."""
    if (reason := missing()) is None:
        return
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def node(
    *words: str, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run node in this folder."""
    return subprocess.run(
        ["node", *words],
        cwd=FOLDER,
        input=stdin,
        capture_output=True,
        env=os.environ | (environment or {}),
        timeout=120,
        check=False,
    )
