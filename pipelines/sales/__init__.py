"""dlt source `sales`: tables of Dynamics 365 Sales (Dataverse Web API) for dataset `raw_sales`.

accounts, contacts, products, pricelevels, productpricelevels, uoms, uomschedules,
transactioncurrencies, businessunits, organizations, quotes, quotedetails, salesorders,
salesorderdetails, invoices and invoicedetails: see tables.yml for their columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

import dlt
from dlt.extract import DltResource

from ..common.client import ODataClient
from ..common.dlt_config import connection_from_config
from ..common.project import declaration
from ..common.resources import ExtractOptions, table_resource
from ..common.tables import Table, load_tables
from .helpers import read_table
from .settings import SYSTEM, SalesConnection

__all__ = ["SalesConnection", "declared_tables", "sales"]


def declared_tables(connection: SalesConnection) -> dict[str, Table]:
    """The tables of tables.yml by their name in the raw layer; the same for every environment."""
    return load_tables(declaration(SYSTEM, connection.project_dir), SYSTEM)


@dlt.source(name=SYSTEM, section=SYSTEM)
def sales(
    connection: SalesConnection | None = None,
    tables: Set[str] | None = None,
    options: ExtractOptions | None = None,
) -> Iterator[DltResource]:
    """The declared tables, or those named in `tables`.

    Without a connection the values of section [sources.sales] in dlt's configuration are used.
    """
    where = connection or connection_from_config(SalesConnection)
    how = options or ExtractOptions()
    client = ODataClient(where, folder=how.folder)
    for table in declared_tables(where).values():
        if tables is None or table.name in tables:
            yield table_resource(table, client, read_table, how)
