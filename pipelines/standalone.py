"""One system on its own, for the two runnable pipelines."""

from __future__ import annotations

import sys
from collections.abc import Callable

from .common.dlt_config import connection_from_config, path_from_config
from .common.errors import ExtractError
from .common.private import owner_only
from .common.report import ExtractReport
from .common.settings import Connection
from .run import extract


def main(kind: type[Connection], write: Callable[[str], object] = sys.stdout.write) -> int:
    """Extract with dlt's configuration and print what was read; 0, or 1 with one message."""
    try:
        with owner_only():
            report = extract(
                [connection_from_config(kind)],
                warehouse=path_from_config("warehouse", "warehouse.duckdb"),
                state_dir=path_from_config("state_dir", ".p2c"),
            )
    except ExtractError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write(_text(report))
    return 0


def _text(report: ExtractReport) -> str:
    lines = [f"{'table':<50}{'mode':<9}{'rows':>10}{'deletions':>11}"]
    lines += [
        f"{table.table:<50}{table.mode:<9}{table.rows:>10,}{table.deletions:>11,}"
        for table in report.tables
    ]
    notes = [*report.notes, *(text for table in report.tables for text in table.warnings)]
    return "\n".join([*lines, *notes, f"{report.rows:,} rows in {report.seconds:.1f} s", ""])
