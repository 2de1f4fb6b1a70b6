"""Which way a table is read: pages of OData, or packages."""

from __future__ import annotations

from collections.abc import Mapping

from ..common.package_errors import NotPackaged, UnknownWay
from ..common.tables import Table
from .settings import AUTO, PACKAGE, SYSTEM, FinopsConnection


def check_ways(connection: FinopsConnection, tables: Mapping[str, Table]) -> None:
    """Raises UnknownWay for a table that is not declared, NotPackaged for one that packages do not
    have."""
    for name in connection.read_by_table:
        if name not in tables:
            raise UnknownWay(SYSTEM, name, list(tables))
    for table in tables.values():
        if connection.way(table.name) == PACKAGE and table.packaged is None:
            raise NotPackaged(SYSTEM, table.name)


def by_package(
    connection: FinopsConnection, table: Table, rows: int | None, *, so_far: bool
) -> bool:
    """Whether packages are taken. rows: the service's count, for `auto`; so_far: whether the last
    reading was by packages, which half the size does not end."""
    way = connection.way(table.name)
    if way != AUTO or table.packaged is None:
        return way == PACKAGE
    least = connection.package_rows / 2 if so_far else connection.package_rows
    return rows is not None and rows >= least


def needs_count(connection: FinopsConnection, table: Table) -> bool:
    """Whether the size decides."""
    return connection.way(table.name) == AUTO and table.packaged is not None
