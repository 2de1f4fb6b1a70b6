"""`python -m benchmarks.plans [ROWS]`: making and saving a plan of so many creates, and its ledger.

The changes model is made up, with images as large as those of customers. Three cases: the plan is
made and saved; all of it is sent and acknowledged, in requests of 500, without a service; the
ledger is copied into the warehouse. Bytes are those of the ledger's file and its plans.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks import measure
from loaders import Ledger, SyncGraph, WriteTarget, make_plan, publish
from loaders.models import Change, Outcome

ROWS = 100_000
REQUEST = 500
FIELDS = (
    "AddressCity", "AddressStreet", "AddressZipCode", "DeliveryTerms", "DeliveryMode", "LanguageId",
    "SalesCurrencyCode", "PaymentTerms", "PaymentMethod", "PrimaryContactEmail", "CustomerGroupId",
    "PrimaryContactPhone", "SalesTaxGroup", "CreditLimit", "InvoiceAccount", "OrganizationName",
)  # fmt: skip
# What no other record has; the other columns have a hundred values each.
OWN = ("AddressStreet", "OrganizationName", "PrimaryContactEmail", "PrimaryContactPhone")
TARGET = WriteTarget(
    model="changes_finops__things",
    relation='"changes"."changes_finops__things"',
    flow="things",
    system="finops",
    entity_set="Things",
    key=("dataAreaId", "Number"),
    operations=frozenset({"create", "update"}),
    columns={},
    sources=("raw_finops.things",),
)
GRAPH = SyncGraph((TARGET,), "benchmark")
HEADINGS = ("step", "seconds", "processor seconds", "peak MB", "µs of processor a row")


def fill(warehouse: Path, rows: int) -> None:
    """A changes model with so many creates, and the raw table behind it."""
    values = ", ".join(
        f"'{name}', md5('{name}' || i {'// 1' if name in OWN else '% 100'})[:14]" for name in FIELDS
    )
    names = json.dumps(FIELDS)
    number = "'ACC-' || lpad(i::varchar, 8, '0')"
    with duckdb.connect(str(warehouse)) as db:
        db.execute("create schema changes; create schema raw_finops; create schema quality")
        db.execute(
            f"""create table changes.changes_finops__things as select
            'create usmf/' || {number} as change_id, 'things' as flow, 'create' as operation,
            'usmf/' || uuid()::varchar as source_key, 'usmf/' || {number} as record_key,
            null::varchar as record_id,
            json_object('dataAreaId', 'usmf', 'Number', {number})::varchar as key_values,
            null::varchar as etag, '{names}' as changed_columns, null::varchar as before,
            json_object('dataAreaId', 'usmf', 'Number', {number}, {values})::varchar as after,
            '[]' as parents, null::varchar as agreement
            from range({rows}) as t(i)"""
        )
        db.execute("create table raw_finops.things as select 1 as id, null::date as deleted_at")
        db.execute(
            "create table raw_finops.reads as select 'things' as table_name, 'load-1' as load_id, "
            "?::timestamptz as started_at, ?::timestamptz as finished_at",
            [datetime.now(UTC)] * 2,
        )


def plan(folder: Path) -> None:
    """Make and save a plan of all of it."""
    with Ledger.open(folder / "state") as ledger:
        sys.stdout.write(make_plan(folder / "w.duckdb", GRAPH, ledger).plan_id)


def acknowledge(folder: Path, plan_id: str) -> None:
    """What an apply notes in the ledger, request by request, with nothing sent."""
    with Ledger.open(folder / "state") as ledger:
        for segment in ledger.segments(plan_id):
            rows: list[Change] = []
            for row in ledger.planned(plan_id, segment):
                rows.append(row)
                if len(rows) == REQUEST:
                    _acknowledged(ledger, rows)
                    rows = []
            _acknowledged(ledger, rows)


def _acknowledged(ledger: Ledger, rows: list[Change]) -> None:
    ledger.mark_sent(rows)
    ledger.record(
        Outcome(row.write_id, "acknowledged", 204, request_id=rows[0].write_id) for row in rows
    )


def copy(folder: Path) -> None:
    """Bring the ledger into the warehouse."""
    with Ledger.open(folder / "state") as ledger:
        publish(ledger, folder / "w.duckdb")


def size(folder: Path) -> int:
    """Bytes of the ledger: its file with what belongs to it, and the plans."""
    return sum(path.stat().st_size for path in (folder / "state").rglob("*") if path.is_file())


def measured(rows: int) -> tuple[dict[str, measure.Sample], dict[str, float]]:
    """Each step in a process of its own; bytes a row after the plan and after the apply."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "w.duckdb", rows)
        words = [sys.executable, "-m", "benchmarks.plans", str(rows), "--folder", name, "--step"]
        planned = measure.command([*words, "plan"])
        bytes_planned = size(folder) / rows
        plan_id = planned.output.strip()
        applied = measure.command([*words, "acknowledge", "--plan", plan_id])
        samples = {"plan": planned, "record": applied, "copy": measure.command([*words, "copy"])}
        return samples, {"planned": bytes_planned, "applied": size(folder) / rows}


def main(
    rows: Annotated[int, typer.Argument(min=1)] = ROWS,
    docs: bool = False,
    step: Annotated[str, typer.Option(hidden=True)] = "",
    folder: Annotated[Path, typer.Option(hidden=True)] = Path(),
    plan_id: Annotated[str, typer.Option("--plan", hidden=True)] = "",
) -> None:
    """Time, memory and bytes of a plan of ROWS creates."""
    if step:
        steps = {"plan": lambda: plan(folder), "copy": lambda: copy(folder)}
        steps.get(step, lambda: acknowledge(folder, plan_id))()
        return
    samples, kept = measured(rows)
    table = [
        (
            f"{name}, {rows:,} creates",
            f"{sample.seconds:.1f}",
            f"{sample.cpu_seconds:.1f}",
            f"{sample.peak_mb:,.0f}",
            f"{sample.cpu_seconds / rows * 1e6:.1f}",
        )
        for name, sample in samples.items()
    ]
    shown = Table(*HEADINGS, caption=", ".join(f"{n} {v:.0f} bytes a row" for n, v in kept.items()))
    for line in table:
        shown.add_row(*line)
    Console().print(shown)
    measure.keep("plans", samples, rows=rows, bytes_a_row=kept)
    if docs:
        measure.write_table("python -m benchmarks.plans", HEADINGS, table)


if __name__ == "__main__":
    typer.run(main)
