"""dlt source `finops`: data entities of Dynamics 365 Finance and Operations for `raw_finops`.

customers, cds_contact_persons, sellable_released_products, cds_sales_quotation_headers and lines,
cds_sales_order_headers and lines, externally_maintained_customer_sales_invoice_headers and lines:
see tables.yml for their columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from functools import partial

import dlt
from dlt.extract import DltResource

from ..common.client import ODataClient
from ..common.dlt_config import connection_from_config
from ..common.project import declaration
from ..common.resources import ExtractOptions, table_resource
from ..common.tables import Table, load_tables
from .helpers import read_table
from .settings import CUSTOMER_LABELS, CUSTOMERS, SYSTEM, FinopsConnection
from .ways import check_ways

__all__ = ["FinopsConnection", "declared_tables", "finops"]


def declared_tables(connection: FinopsConnection) -> dict[str, Table]:
    """The tables of tables.yml by raw name; customers from the entity set the tenant has.

    Raises NotPackaged or UnknownWay where settings have a table read in a way it cannot be.
    """
    tables = load_tables(declaration(SYSTEM, connection.project_dir), SYSTEM)
    tables[CUSTOMERS] = _customers(tables[CUSTOMERS], connection.customers_entity_set)
    check_ways(connection, tables)
    return tables


def _customers(table: Table, entity_set: str) -> Table:
    label = CUSTOMER_LABELS.get(entity_set)
    packaged = replace(table.packaged, label=label) if table.packaged and label else table.packaged
    return replace(table, entity_set=entity_set, packaged=packaged)


@dlt.source(name=SYSTEM, section=SYSTEM)
def finops(
    connection: FinopsConnection | None = None,
    tables: Set[str] | None = None,
    options: ExtractOptions | None = None,
) -> Iterator[DltResource]:
    """The declared tables, or those named in `tables`.

    Without a connection the values of section [sources.finops] in dlt's configuration are used.
    """
    where = connection or connection_from_config(FinopsConnection)
    how = options or ExtractOptions()
    client = ODataClient(where, folder=how.folder)
    read = partial(read_table, warehouse=how.raw.path if how.raw else None, clock=how.clock)
    for table in declared_tables(where).values():
        if tables is None or table.name in tables:
            yield table_resource(table, client, read, how)
