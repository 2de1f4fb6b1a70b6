"""The rows: N that a target should hold, N that it holds, N that both agreed on, N links.

Almost all are equal. Of 10,000 rows ten changed at the source, three in the target, one in both,
one is new, one is gone at the source, one was rejected.
"""

from __future__ import annotations

import duckdb

from benchmarks.diff_set.project import COMPARED, KEY, NAME
from pipelines.common.tables import snake_case

P2C = """
    p2c_source_key varchar, p2c_record_key varchar, p2c_record_id varchar, p2c_parents varchar,
    p2c_deleted boolean, p2c_filtered varchar, p2c_blocked varchar, p2c_reasons varchar,
    p2c_cuts varchar
"""
ROWS = """
create temp view numbered as
select
    i % 10000 as turn,
    ['usmf', 'demf', 'frrt'][1 + i % 3] as area,
    'ACC-' || lpad(i::varchar, 8, '0') || '-' || substr(md5(i::varchar), 1, 6) as account,
    md5('id' || i)::uuid::varchar as id,
    'Company ' || substr(md5('n' || i), 1, 8) || ' of ' || (i % 977) as name,
    (i % 5000 * 100)::decimal(32, 6) as credit,
    (i % 700)::integer as employees,
    ['EUR', 'USD', 'GBP', 'SEK'][1 + i % 4] as currency,
    (i % 300) || ' ' || substr(md5('s' || i), 1, 6) || ' Street' as street,
    'City ' || (i % 4099) as city
from range(?) as numbers (i)
"""
VALUES = "credit, employees, currency, street, city"
NAMES = ", ".join(f'"{name}"' for name in KEY | COMPARED)
FILL = f"""
insert into given.desired
select area, account,
    case when turn between 1 and 10 or turn = 4000 then name || ' Ltd' else name end,
    {VALUES}, area || '/' || id, area || '/' || account, null, '[]', turn = 6000, null, null,
    case when turn = 7000 then '[{{"code":"no_name"}}]' else '[]' end, '[]'
from numbered;
insert into given.held
select area, account, case when turn in (3000, 3001, 3002, 4000) then name || ' Inc' else name end,
    {VALUES}, 'No', 'W/"' || account || '"', null
from numbered where turn <> 5000;
insert into ledger.agreed_{NAME} (record_key, agreed_at, {NAMES})
select area || '/' || account, now(), area, account, name, {VALUES}
from numbered where turn <> 5000;
insert into ledger.links by name
select 'accounts finops.CustomersV2 ' || area || '/' || id as link_id, 'accounts' as flow,
    'finops' as system, 'CustomersV2' as entity_set, area || '/' || id as source_key,
    area || '/' || account as record_key, null::varchar as record_id,
    '{{"dataAreaId":"' || area || '","CustomerAccount":"' || account || '"}}' as key_values,
    now() as first_seen, now() as changed_at
from numbered where turn <> 5000
"""
# Between two builds one row in a thousand comes to hold another value, in both systems.
MOVE = """
update given.desired set "OrganizationName" = "OrganizationName" || '.'
where "OrganizationNumberOfEmployees" = {0};
update given.held set organization_name = organization_name || '.'
where organization_number_of_employees = {0}
"""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables of what the target should hold and what it holds."""
    columns = KEY | COMPARED
    wanted = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    there = ", ".join(f"{snake_case(name)} {kind}" for name, kind in columns.items())
    connection.execute("create schema given")
    connection.execute(f"create table given.desired ({wanted}, {P2C})")
    more = "on_hold_status varchar, etag varchar, deleted_at timestamptz"
    connection.execute(f"create table given.held ({there}, {more})")


def fill(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """`rows` of each, as the page says."""
    connection.execute(ROWS.replace("?", str(rows)))
    for statement in FILL.split(";\n"):
        connection.execute(statement)


def move(connection: duckdb.DuckDBPyConnection, turn: int) -> None:
    """Another 700th of the rows changed alike in both systems since the last build."""
    for statement in MOVE.format(turn % 700).split(";\n"):
        connection.execute(statement)


def bare_join() -> str:
    """The join that nobody can do without: rows that differ in a compared column, null-safe."""
    keys = " and ".join(f'desired."{name}" = held.{snake_case(name)}' for name in KEY)
    differ = " or ".join(
        f'desired."{name}" is distinct from held.{snake_case(name)}' for name in COMPARED
    )
    return (
        "create or replace table given.bare as select desired.*, held.etag "
        f"from given.desired as desired left join given.held as held on {keys} where {differ}"
    )
