"""The settings with which `p2c` reaches a benchmark's sandbox, and keeps its files apart."""

from __future__ import annotations

from pathlib import Path

from p2c_sandbox import process

from benchmarks.measure import ROOT


def settings(running: process.Running, folder: Path | None = None) -> dict[str, str]:
    """Environment variables: both services, and in `folder` the warehouse, state and target.

    Without a folder there are no files of p2c's own.
    """
    found = {"P2C_PROJECT_DIR": str(ROOT), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    if folder is not None:
        found |= {
            "P2C__WAREHOUSE": str(folder / "warehouse.duckdb"),
            "P2C__STATE_DIR": str(folder / "state"),
            "P2C__TARGET_DIR": str(folder / "target"),
        }
    for name, service in (("SALES", running.sales), ("FINOPS", running.finops)):
        found |= {
            f"SOURCES__{name}__URL": service.url,
            f"SOURCES__{name}__TOKEN_URL": service.token_url,
            f"SOURCES__{name}__CLIENT_ID": running.client_id,
            f"SOURCES__{name}__CLIENT_SECRET": running.client_secret,
        }
    return found
