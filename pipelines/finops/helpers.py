"""Reading F&O entities: by pages of OData, always in full because it has no deltas there
(protocols B7), or by data packages (`package_reading`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..common.client import ODataClient
from ..common.pins import Environment, finops_environment
from ..common.reading import TableRead, Tally
from ..common.tables import Table
from .odata import read_pages
from .package_reading import PackageReader
from .package_state import PackageState
from .settings import FinopsConnection
from .ways import by_package, needs_count


def environment(client: ODataClient) -> Environment:
    """The environment behind the address, by the setting or the address's host."""
    connection = client.connection
    name = connection.environment if isinstance(connection, FinopsConnection) else None
    return finops_environment(name, connection.url)


def read_table(
    client: ODataClient,
    table: Table,
    delta_link: str | None,
    tally: Tally,
    *,
    warehouse: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> TableRead:
    """All rows of all companies, or what changed where packages tell it."""
    connection, state = client.connection, PackageState.of(delta_link)
    assert isinstance(connection, FinopsConnection)
    count = client.count(table, connection.query) if needs_count(connection, table) else None
    if by_package(connection, table, count, so_far=state is not None):
        return PackageReader(client, connection, table, tally, warehouse, clock).read(state)
    return read_pages(client, table, tally)
