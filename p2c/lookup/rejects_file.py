"""What cannot be written as a CSV file for a spreadsheet: one line for each reason of a record.

Links to a record of Sales are as Microsoft has them ("Open apps, forms, views, dialogs, and reports
with a URL": `main.aspx?etn=…&pagetype=entityrecord&id=…`). For a record of F&O by its key no page
of Microsoft's was found that has one: there the link is empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from p2c.config.context import Context
from p2c.lookup import quality
from p2c.lookup.first_seen import dated
from p2c.lookup.keys_file import harmless
from p2c.warehouse import Reader, Row, reading
from pipelines.common.tables import load_tables

COLUMNS = ("flow", "target", "record", "name", "by", "code", "reason", "what_to_do", "column",
           "value", "link", "first_seen_utc", "runs", "source_key")  # fmt: skip
NAMED = """
select distinct on (flow, target, source_key) flow, target, source_key,
    coalesce(name, held_name) as name, sales_id
from quality.record_names where source_key in (select unnest($1))
order by flow, target, source_key, is_there desc
"""
LINK = "{url}/main.aspx?etn={table}&pagetype=entityrecord&id=%7B{id}%7D"
# By how a write ended; what the build rejects says itself what to do.
AFTER_WRITE = {
    "rejected": "Correct it as the service says, then `p2c run`.",
    "failed": "Nothing, it was refused for a passing reason: `p2c run` or `p2c retry` tries again.",
    "quarantined": "Correct it, then `p2c retry --quarantined`.",
    "unresolved": "Nothing: the next `p2c run` reads it back and knows.",
}
WAITING = {
    "blocked": "Mend what it waits for, then `p2c run` writes both.",
    "conflict": "Give both systems the same value, or choose another policy than hold: `p2c "
    "explain` has both values.",
}
TO_REVIEW = "Decide whether it is one of its candidates: `p2c keys list`; then `p2c run`."


def listed(context: Context, flows: Sequence[str]) -> list[Row]:
    """A row for each reason, with COLUMNS; the order is that of `p2c rejects`.

    Raises NothingStaged and WarehouseBusy.
    """
    with reading(context.warehouse) as warehouse:
        found = quality.listed(warehouse)
        asked = [row for row in found if not flows or row["flow"] in flows]
        rows = dated(warehouse, sorted(asked, key=quality.place))
        named = _named(warehouse, rows)
        tables = _tables(context, warehouse, named)
    url = str(context.settings.sources.sales.url or "").rstrip("/")
    return [_line(row, named.get(_key(row), {}), tables, url) for row in rows]


def content(rows: Sequence[Row], separator: str = ",") -> bytes:
    """The file: UTF-8 with a byte order mark, CRLF, no cell that a spreadsheet computes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([harmless(row[name]) for name in COLUMNS])
    return buffer.getvalue().encode("utf-8-sig")


def _line(row: Row, named: Row, tables: Mapping[str, str], url: str) -> Row:
    record_id = named.get("sales_id")
    table = tables.get(str(record_id))
    return {
        "flow": row["flow"],
        "target": row["target"],
        "record": row["record_key"] or row["source_key"],
        "name": named.get("name"),
        "by": row["by"],
        "code": row["code"],
        "reason": row["message"],
        "what_to_do": what_to_do(row),
        "column": row["column_name"],
        "value": row["value"],
        "link": LINK.format(url=url, table=table, id=record_id) if url and table else None,
        "first_seen_utc": _moment(row["since"]),
        "runs": row["runs"],
        "source_key": row["source_key"],
    }


def what_to_do(row: Row) -> str:
    """One sentence. The build's own reasons are `what is wrong: what to do`."""
    if row["code"] in WAITING:
        review = str(row["message"]).lower().startswith("match_to_review")
        return TO_REVIEW if review else WAITING[row["code"]]
    if row["by"] == "service":
        return AFTER_WRITE.get(str(row.get("status")), AFTER_WRITE["rejected"])
    _, _, remedy = str(row["message"]).rpartition(": ")
    return f"{remedy[:1].upper()}{remedy[1:]} Then `p2c run`."


def _named(warehouse: Reader, rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    """(flow, target, source key) → name and id in Sales."""
    keys = list({row["source_key"] for row in rows if row["source_key"]})
    return {_key(row): row for row in warehouse.rows(NAMED, [keys])} if keys else {}


def _key(row: Row) -> tuple[Any, ...]:
    return row["flow"], row["target"], row["source_key"]


def _tables(
    context: Context, warehouse: Reader, named: Mapping[tuple[Any, ...], Row]
) -> dict[str, str]:
    """Id → logical name of the table of Sales that has it now.

    The column of a Dataverse table's id is named by the table: `accountid` of account.
    """
    ids = list({row["sales_id"] for row in named.values() if row["sales_id"]})
    read = warehouse.tables("raw_sales")
    asked = " union all ".join(_holding(context, read))
    found = warehouse.rows(asked, {"ids": ids}) if ids and asked else []
    return {row["id"]: row["table_name"] for row in found}


def _holding(context: Context, read: Mapping[str, Sequence[str]]) -> Iterator[str]:
    declared = load_tables(context.project_dir / "pipelines/sales/tables.yml", "sales")
    for table in declared.values():
        column = table.key[0]
        if len(table.key) == 1 and column.endswith("id") and table.name in read:
            yield (
                f"select {column} as id, '{column.removesuffix('id')}' as table_name "
                f"from raw_sales.{table.name} "
                f"where deleted_at is null and {column} in (select unnest($ids))"
            )


def _moment(value: object) -> str | None:
    """As a spreadsheet reads a date and time, in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else None
