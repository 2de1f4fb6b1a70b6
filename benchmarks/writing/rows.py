"""The rows that every client writes: accounts as SQL, the same for all."""

from __future__ import annotations

from pathlib import Path

import duckdb

# An account as target_sales__accounts has one, in the form in which Sales takes it.
ACCOUNT = """
    'Customer ' || i || ' Ærøskøbing' as name,
    'C-' || lpad(i::varchar, 8, '0') as accountnumber,
    '+45 62 52 ' || lpad((i % 10000)::varchar, 4, '0') as telephone1,
    'post' || i || '@customer.example' as emailaddress1,
    'https://www.customer' || i || '.example' as websiteurl,
    'Vestergade ' || (i % 200) as address1_line1,
    'Ærøskøbing' as address1_city,
    lpad((i % 10000)::varchar, 4, '0') as address1_postalcode,
    'DK' as address1_country,
    (i * 1.37)::decimal(19, 4) as creditlimit,
    (i % 500)::integer as numberofemployees,
    (i % 3 = 0) as creditonhold,
    case when i % 4 = 0 then null else 'Net ' || (i % 60) end as description
"""
ROWS = f"""
    select '00000000-0000-4000-8000-' || lpad(i::varchar, 12, '0') as accountid, {ACCOUNT},
        '00000000-0000-4000-9000-000000000001' as transactioncurrencyid
    from range({{rows}}) as t(i)
"""
# Bodies as they go out, for clients that send what a query gives them.
BODIES = """
    select 'Microsoft.Dynamics.CRM.account' as "@odata.type", * exclude (transactioncurrencyid),
        '/transactioncurrencies(' || transactioncurrencyid || ')' as
            "transactioncurrencyid@odata.bind"
    from ({rows})
"""


def bodies_in(path: Path, rows: int) -> None:
    """A DuckDB file whose table `bodies` holds them."""
    with duckdb.connect(str(path)) as db:
        db.execute(
            f"create or replace table bodies as {BODIES.format(rows=ROWS.format(rows=rows))}"
        )
