"""The project as dbt parses it, made once in a process and laid into each world's target folder.

A world begins as a second run does, without the seconds of a first parse. dbt takes a parse only
for the connection it was made with, whose hash is in the file: the copy gets that of its own
warehouse. Where anything else differs (a changed file, another setting) dbt parses that again.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
FILE = "partial_parse.msgpack"
PARSE = """
import json
from dbt.cli.main import dbtRunner
from dbt.config.runtime import load_profile
assert dbtRunner().invoke(["parse", "--quiet"]).success
print(json.dumps(sorted(load_profile(".", {}).credentials.connection_info())))
"""


@dataclass(frozen=True)
class Parsed:
    """The file's content, the connection it was made with (names and values), and the manifest."""

    content: bytes
    connection: list[tuple[str, Any]]
    manifest: Mapping[str, Any]

    def lay(self, target: Path, warehouse: Path) -> None:
        """Write it into dbt's target folder, for this warehouse, unless there is one already."""
        if (target / FILE).exists():
            return
        mine = [(n, str(warehouse) if n == "path" else value) for n, value in self.connection]
        target.mkdir(parents=True, exist_ok=True)
        content = self.content.replace(_hash(self.connection), _hash(mine))
        (target / FILE).write_bytes(content)


def _hash(connection: list[tuple[str, Any]]) -> bytes:
    """As dbt has it in the manifest's state check."""
    return hashlib.sha256(pformat(connection).encode()).hexdigest().encode()


@cache
def parsed() -> Parsed:
    """The parse of this repository's project."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", PARSE],
            cwd=PROJECT,
            env=environment(Path(folder)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        connection = [(name, value) for name, value in json.loads(done.stdout.splitlines()[-1])]
        manifest = json.loads((Path(folder) / "manifest.json").read_bytes())
        found = Parsed((Path(folder) / FILE).read_bytes(), connection, manifest)
    assert found.content.count(_hash(connection)) == 1, "dbt hashes its connection in another way"
    return found


def environment(folder: Path) -> dict[str, str]:
    """As p2c starts dbt, with the warehouse and dbt's files under `folder`."""
    ours = ("SOURCES__", "P2C_", "DBT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {
        "P2C_WAREHOUSE": str(folder / "warehouse.duckdb"),
        # dbt hashes what the project's settings read, too.
        "P2C_GATES": "warn",
        "SOURCES__FINOPS__CUSTOMERS_ENTITY_SET": "CustomersV2",
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
