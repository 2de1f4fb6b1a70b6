"""Reading F&O entities: always in full, because OData there has no deltas (protocols B7)."""

from __future__ import annotations

from ..common.client import ODataClient
from ..common.pins import Environment, finops_environment
from ..common.reading import TableRead, Tally, collect, read_all
from ..common.tables import Table
from .settings import FinopsConnection


def environment(client: ODataClient) -> Environment:
    """The environment behind the address, by the setting or the address's host."""
    connection = client.connection
    name = connection.environment if isinstance(connection, FinopsConnection) else None
    return finops_environment(name, connection.url)


def read_table(
    client: ODataClient,
    table: Table,
    delta_link: str | None,  # noqa: ARG001
    tally: Tally,
) -> TableRead:
    """All rows of all companies. `delta_link` is always None here."""
    # Pages are offsets (protocols B3): only a total order keeps rows from slipping between them.
    query = {
        **client.connection.query,
        "$select": ",".join(table.fields),
        "$orderby": ",".join(table.key_fields),
    }
    prefer = f"odata.maxpagesize={client.connection.page_size}"
    return read_all(
        table,
        lambda: collect(
            table, client.pages(table, table.entity_set, query, prefer), tally, client.folder
        ),
        lambda: client.count(table, client.connection.query),
    )
