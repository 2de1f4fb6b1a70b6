"""Writes ROWS creates, or updates, of a saved plan to a service: ledger on, an outcome each.

    python -m benchmarks.writing.ours URL ROWS FOLDER [create|update]

Prints a line of JSON: seconds of the apply alone, its processor seconds, requests, rows written.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.writing.rows import ROWS
from loaders import ApplyReport, Ledger, Plan, Service, apply_plan, make_plan, read_targets
from loaders.models import System
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_world import World

LOOKUPS = {"transactioncurrencyid": "transactioncurrencies"}
TYPES = {"creditlimit": "decimal(19,4)", "numberofemployees": "integer", "creditonhold": "boolean"}


def world_of(folder: Path, rows: int, operation: str) -> World:
    """Two services' warehouse with so many rows to write into one table of Sales."""
    world = World(folder)
    declared: dict[str, Any] = manifest()
    names = [*_columns(), "accountid"]
    columns = {
        name: {
            "name": name,
            "data_type": TYPES.get(name, "varchar"),
            "config": {"meta": {"lookup": LOOKUPS[name]} if name in LOOKUPS else {}},
        }
        for name in names
    }
    declared["nodes"]["model.p.target_sales__things"]["columns"] = columns
    writes = declared["nodes"]["model.p.changes_sales__things"]["config"]["meta"]["writes"]
    writes |= {"entity_set": "accounts", "key": ["accountid"]}
    world.manifest_path.write_text(json.dumps(declared), encoding="utf-8")
    world.sql(_changes(rows, operation))
    return world


def _columns() -> list[str]:
    with duckdb.connect() as db:
        found = db.execute(f"describe ({ROWS.format(rows=1)})").fetchall()
    return [name for name, *_ in found if name != "accountid"]


def _changes(rows: int, operation: str) -> str:
    members = ", ".join(f"'{name}', {name}" for name in _columns())
    update = operation == "update"
    etag, before = ("'W/\"1234567\"'", "json_object('name', 'before')") if update else ("null",) * 2
    return f"""
        insert into changes.changes_sales__things
        select 'c' || accountid, 'things', '{operation}', accountnumber, accountnumber, accountid,
            json_object('accountid', accountid), {etag},
            '["name"]', {before},
            json_object({members}), '[]', false, false, null
        from ({ROWS.format(rows=rows)})
    """


def main(url: str, rows: int, folder: Path, operation: str = "create") -> None:
    """Plan, then apply under the clock."""
    world = world_of(folder, rows, operation)
    graph = read_targets(world.manifest_path)
    with Ledger.open(world.state_dir) as ledger:
        plan: Plan = make_plan(world.warehouse, graph, ledger)
        services: dict[System, Service] = {
            "sales": Service("sales", url, f"{url}/token", "me", "secret")
        }
        began, spent = time.perf_counter(), time.process_time()
        report: ApplyReport = apply_plan(world.warehouse, graph, ledger, plan.plan_id, services)
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    found = {"seconds": seconds, "cpu": cpu, "rows": report.written, "requests": report.requests}
    if report.error:
        raise SystemExit(str(report.error))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
