"""`p2c reconcile`: counts by flow and company, why they are not alike, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.layout import INDENT, Grid, Line

Row = Mapping[str, Any]
NOT_ALIKE = {
    "differ": "differ",
    "only_source": "only at the source",
    "only_target": "only in the target",
}
COUNTED = ("agree", *NOT_ALIKE)
HEADS = ("agree", "differ", "only source", "only target")
MOST = 5  # columns named of a flow and company


def reconcile_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The table of counts, the reasons, the columns that differ most, and earlier runs."""
    if not found["records"]:
        yield Line("No record of either system: `p2c run` reads them.")
        return
    yield Grid(("flow and table", "company", *HEADS), _rows(found["records"]), numbers=4)
    yield from _reasons(found["records"])
    yield from _columns(found["columns"])
    yield from _history(found["history"])
    yield Line(Text(_summary(found), "bold"))


def _rows(records: Sequence[Row]) -> Iterator[list[Any]]:
    """One line for each company under a line for its flow."""
    flow, blank = None, Text("")
    for key, counts in _by_company(records, COUNTED).items():
        if key[0] != flow:
            flow = key[0]
            yield [Text(flow, "bold"), *[blank] * 5]
        table = f"  {key[1].partition('.')[2]}"
        yield [table, key[2], *(counts.get(name, 0) for name in COUNTED)]


def _by_company(
    records: Sequence[Row], statuses: Sequence[str]
) -> dict[tuple[str, str, str], dict[str, int]]:
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in records:
        key = (row["flow"], row["target"], row["data_area_id"] or "")
        counts = found.setdefault(key, {})
        if row["status"] in statuses:
            counts[row["status"]] = counts.get(row["status"], 0) + row["records"]
    return {key: counts for key, counts in found.items() if counts}


def _reasons(records: Sequence[Row]) -> Iterator[RenderableType]:
    """`accounts: 10 only at the source, rejected (demf 1, usmf 9), since …: p2c rejects …`."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in records:
        if row["status"] in NOT_ALIKE:
            groups.setdefault((row["flow"], row["status"], row["reason"]), []).append(row)
    if groups:
        yield Line(Text("Why, since when, and what to do next", "bold"))
    for rows in groups.values():
        yield Line(f"  {_reason(rows)}", INDENT)
    if groups:
        yield Text("")


def _reason(rows: Sequence[Row]) -> str:
    """A sentence for rows that differ in table and company alone."""
    first, companies = rows[0], {str(row["data_area_id"]): 0 for row in rows}
    for row in rows:
        companies[str(row["data_area_id"])] += row["records"]
    each = ", ".join(f"{name} {count:,}" for name, count in sorted(companies.items()))
    where = "" if first["data_area_id"] is None and len(companies) == 1 else f" ({each})"
    count = sum(companies.values())
    since = min((row["oldest_since"] for row in rows if row["oldest_since"]), default=None)
    what = f"{count:,} {NOT_ALIKE[first['status']]}, {first['why'] or first['reason']}{where}"
    when = f", since {_minute(since)}" if since else ""
    return f"{first['flow']}: {what}{when}: {first['next'] or 'p2c explain RECORD'}"


def _columns(columns: Sequence[Row]) -> Iterator[RenderableType]:
    groups: dict[str, list[str]] = {}
    for row in columns:
        of_all = row["agree"] + row["differ"]
        groups.setdefault(_whose(row), []).append(
            f"{row['column_name']} {row['differ']:,} of {of_all:,}"
        )
    if groups:
        yield Line(Text("Columns that differ most", "bold"))
    for whose, names in groups.items():
        more = f", … {len(names) - MOST} more" if len(names) > MOST else ""
        yield Line(f"  {whose}: {', '.join(names[:MOST])}{more}", INDENT)
    if groups:
        yield Text("")


def _history(runs: Sequence[Row]) -> Iterator[RenderableType]:
    if runs:
        rows = [[_minute(run["noted_at"]), *(run[name] for name in COUNTED)] for run in runs]
        yield Grid(("as a run found it", *HEADS), rows, numbers=4)


def _summary(found: Mapping[str, Any]) -> str:
    totals = dict.fromkeys(COUNTED, 0)
    for row in found["records"]:
        if row["status"] in totals:
            totals[row["status"]] += row["records"]
    parts = [f"{totals['agree']:,} agree", *(f"{totals[s]:,} {w}" for s, w in NOT_ALIKE.items())]
    when = f" As of {_minute(found['built_at'])}." if found["built_at"] else ""
    return f"{', '.join(parts)}.{when}"


def _whose(row: Row) -> str:
    company = f", {row['data_area_id']}" if row["data_area_id"] else ""
    return f"{row['flow']} ({row['target'].partition('.')[2]}{company})"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
