from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.common.arrow import latest, to_arrow
from pipelines.common.errors import UnexpectedValue
from pipelines.common.tables import Table, load_tables

TYPES = ("text", "int", "bigint", "bool", "timestamp", "date", "decimal(19,4)", "decimal(32,6)")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """One column of each type, named after it."""
    columns = "".join(f"    {_name(kind)}: {kind}\n" for kind in TYPES)
    path = tmp_path / "tables.yml"
    path.write_text(f"things:\n  key: [id]\n  columns:\n    id: text\n{columns}")
    return load_tables(path, "sales")["things"]


def _name(kind: str) -> str:
    return kind.replace("(", "_").replace(",", "_").replace(")", "")


def _read(table: Table, kind: str, *values: Any) -> list[Any]:
    rows = [{"id": str(number), _name(kind): value} for number, value in enumerate(values)]
    return to_arrow(rows, table)[_name(kind)].to_pylist()


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("text", "", ""),
        ("text", "Müller’s", "Müller’s"),
        ("int", 7, 7),
        ("bigint", 2**53 + 1, 2**53 + 1),
        ("bool", False, False),
        ("decimal(19,4)", 5, Decimal("5.0000")),
        ("decimal(19,4)", Decimal("123456789012345.6789"), Decimal("123456789012345.6789")),
        ("decimal(32,6)", Decimal("19.989999999999998"), Decimal("19.990000")),
        ("decimal(32,6)", Decimal("0.0000005"), Decimal("0.000001")),
        ("decimal(32,6)", Decimal("1E+3"), Decimal("1000.000000")),
        ("decimal(32,6)", Decimal("99999999999999999999999999.999999"),
         Decimal("99999999999999999999999999.999999")),
        ("timestamp", "1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("timestamp", "2026-01-31T10:15:00.1234567Z",
         datetime(2026, 1, 31, 10, 15, 0, 123456, tzinfo=UTC)),
        ("timestamp", "2026-01-31T10:15:00+02:00", datetime(2026, 1, 31, 8, 15, tzinfo=UTC)),
        ("timestamp", "2026-01-31T10:15:00", datetime(2026, 1, 31, 10, 15, tzinfo=UTC)),
        ("timestamp", "2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("date", "2026-01-31T23:30:00Z", date(2026, 1, 31)),
    ],
)  # fmt: skip
def test_a_value_is_kept_exactly(table: Table, kind: str, sent: Any, kept: Any) -> None:
    assert _read(table, kind, sent, None) == [kept, None]


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("text", 5),
        ("int", Decimal("1.5")),
        ("int", True),
        ("int", 2**31),
        ("int", "7"),
        ("bool", 1),
        ("decimal(19,4)", "1.5"),
        ("decimal(19,4)", True),
        ("decimal(19,4)", Decimal("1E+15")),
        ("timestamp", "soon"),
        ("date", ""),
    ],
)
def test_a_value_that_does_not_fit_is_named(table: Table, kind: str, sent: Any) -> None:
    with pytest.raises(UnexpectedValue) as error:
        _read(table, kind, None, sent)
    assert (error.value.column, error.value.declared, error.value.value) == (
        _name(kind), kind, sent,
    )  # fmt: skip


def test_a_row_without_its_key_is_refused(table: Table) -> None:
    with pytest.raises(UnexpectedValue, match=r"null in things\.id"):
        to_arrow([{"id": None}], table)


def test_the_row_sent_last_wins(table: Table) -> None:
    rows = [{"id": "a", "text": "old"}, {"id": "b", "text": "b"}, {"id": "a", "text": "new"}]
    kept = latest(to_arrow(rows, table), table.key).select(["id", "text"]).to_pylist()
    assert kept == [{"id": "b", "text": "b"}, {"id": "a", "text": "new"}]


def test_no_rows_are_still_a_table(table: Table) -> None:
    empty = latest(to_arrow([], table), table.key)
    assert (empty.num_rows, empty.schema) == (0, table.schema)


def test_nothing_is_imported_late_by_a_thread_that_reads() -> None:
    """dlt asks in every thread whether pandas is imported, and takes a half-imported one for it."""
    code = (
        "import sys, importlib.util, p2c, pipelines.run\n"
        "installed = importlib.util.find_spec('pandas') is not None\n"
        "assert installed == hasattr(sys.modules.get('pandas'), 'DataFrame')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
