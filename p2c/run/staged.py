"""Whether anything was read yet, for the commands that build without reading first."""

from __future__ import annotations

from pathlib import Path

from p2c.errors import NothingStaged
from p2c.warehouse import reading

STAGED = (
    "select 1 from information_schema.tables where starts_with(table_schema, 'raw_') "
    "and table_name = 'reads'"
)
READ_FIRST = "`p2c extract` reads both systems; then try again."


def check_staged(warehouse: Path) -> None:
    """Raise NothingStaged where no extract was ever here, WarehouseBusy where nobody can look."""
    if not warehouse.is_file():
        raise NothingStaged(f"There is no warehouse {warehouse} yet: {READ_FIRST}")
    with reading(warehouse) as reader:
        if not reader.rows(STAGED):
            raise NothingStaged(
                f"Nothing was read into the warehouse {warehouse} yet: {READ_FIRST}"
            )
