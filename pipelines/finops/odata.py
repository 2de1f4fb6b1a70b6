"""Pages of an entity over OData: always all of them (protocols B3, B7)."""

from __future__ import annotations

from ..common.client import ODataClient
from ..common.reading import TableRead, Tally, collect, read_all
from ..common.tables import Table


def read_pages(client: ODataClient, table: Table, tally: Tally) -> TableRead:
    """All rows of all companies by OData; of `table`'s columns, which may be the key's alone."""
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
