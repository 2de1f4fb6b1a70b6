"""Extraction, as the command line calls it: settings in, tables out, a bar meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from p2c.config.context import Context
from p2c.config.pins import ledger_pins
from p2c.run.flows import graph
from p2c.run.raw_tables import read_before
from p2c.screen.output import Output, ProgressCallback
from pipelines.finops import FinopsConnection
from pipelines.finops import declared_tables as finops_tables
from pipelines.run import Connection, ExtractReport, ExtractStep
from pipelines.run import extract as extract_tables
from pipelines.sales import SalesConnection
from pipelines.sales import declared_tables as sales_tables

# Settings of section [sources.finops] that say when and how packages are read.
PACKAGES = (
    "read_by", "read_by_table", "package_rows", "package_minutes", "keys_hours", "full_read_hours",
)  # fmt: skip


def extract(
    context: Context, out: Output, flows: Sequence[str] = (), full: bool = False
) -> ExtractReport:
    """Read what the flows need (none: everything) into the raw layer."""
    both = connections(context)
    with out.progress("extract") as callback:
        report = extract_tables(
            both,
            context.warehouse,
            context.path("state_dir") / "dlt",
            tables=wanted(context, flows),
            full=full,
            on_missing_column=context.settings.p2c.on_missing_column,
            progress=_counted(callback),
            keepers=(ledger_pins(context),),
        )
    for note in _notes(report):
        out.note(note)
    return report


def connections(context: Context) -> tuple[Connection, Connection]:
    """Both systems as the pipelines know them; SettingsError names the first value missing."""
    sales, finops = context.settings.sources.sales, context.settings.sources.finops
    return (
        SalesConnection(
            **asdict(context.connection("sales")),
            api_version=sales.api_version,
        ),
        FinopsConnection(
            **asdict(context.connection("finops")),
            customers_entity_set=finops.customers_entity_set,
            environment=finops.environment,
            **{name: getattr(finops, name) for name in PACKAGES},
        ),
    )


def wanted(context: Context, flows: Sequence[str]) -> set[str] | None:
    """Raw tables the flows read, and those never read before: dbt builds all models at once."""
    if not flows:
        return None
    targets = [target for target in graph(context).targets if target.flow in flows]
    needed = {table.partition(".")[2] for target in targets for table in target.sources}
    return needed | (declared(context) - read_before(context.warehouse))


def declared(context: Context) -> set[str]:
    """Raw names of all declared tables."""
    sales, finops = connections(context)
    assert isinstance(sales, SalesConnection)
    assert isinstance(finops, FinopsConnection)
    return set(sales_tables(sales)) | set(finops_tables(finops))


def tracked_tables(context: Context) -> set[str]:
    """Sales entity sets that are read by change tracking."""
    sales, _ = connections(context)
    assert isinstance(sales, SalesConnection)
    return {table.entity_set for table in sales_tables(sales).values()}


def _counted(callback: ProgressCallback) -> Callable[[ExtractStep], None]:
    """Rows of all tables so far; the services do not say beforehand how many there are."""
    rows: dict[tuple[str, str], int] = {}

    def show(step: ExtractStep) -> None:
        if step.step in ("reading", "read"):
            rows[step.system, step.table] = step.rows
        callback(sum(rows.values()), 0, f"{step.step} {step.system} {step.table}".strip())

    return show


def _notes(report: ExtractReport) -> list[str]:
    warnings = [
        f"{table.system}.{table.table}: {text}"
        for table in report.tables
        for text in table.warnings
    ]
    return [*report.notes, *warnings]
