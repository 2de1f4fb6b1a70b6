"""CreateMultiple, UpdateMultiple, UpsertMultiple (protocols A9): one transaction, all or
nothing."""

from __future__ import annotations

from typing import Any, cast

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.http import Json, Request, Response, json_response
from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import does_not_exist, duplicate, refused
from p2c_sandbox.sales.keys import Key, find, parse_reference, read_key
from p2c_sandbox.sales.writing import Writer

PREFIX = "Microsoft.Dynamics.CRM."
MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")


def run(call: Call, writer: Writer, table: Table, message: str, request: Request) -> Response:
    """Run one bulk message inside the caller's transaction."""
    if not table.bulk or table.set in call.settings.tables_without_bulk:
        raise refused(
            "0x80040800",
            f"The '{message}' method does not support entities of type '{table.entity}'. "
            "MessageProcessorCache returned MessageProcessor.Empty.",
        )
    targets = _targets(call, table, request.json())
    with writer.together(call):
        return _write(call, writer, table, message, targets, request)


def _write(
    call: Call, writer: Writer, table: Table, message: str, targets: list[Json], request: Request
) -> Response:
    if message == "CreateMultiple":
        ids = [writer.create(call, table, target) for target in targets]
        name = f"{request.root}/$metadata#{PREFIX}CreateMultipleResponse"
        return json_response({"@odata.context": name, "Ids": ids})
    if message == "UpdateMultiple":
        _update(call, writer, table, targets)
    else:
        _upsert(call, writer, table, targets)
    return Response(204, {"OData-Version": "4.0"})


def _targets(call: Call, table: Table, body: Json) -> list[Json]:
    targets = body.get("Targets")
    if not isinstance(targets, list) or not all(isinstance(t, dict) for t in targets):
        raise BadRequest("The parameter 'Targets' must be a collection of entities.")
    expected = f"{call.service.namespace}.{table.entity}"
    for target in targets:
        type_name = target.get("@odata.type")
        if type_name is None or type_name.removeprefix("#") != expected:
            raise BadRequest(f"Each of the Targets must carry '@odata.type': '{expected}'.")
    return cast(list[Json], targets)


def _update(call: Call, writer: Writer, table: Table, targets: list[Json]) -> None:
    """Targets are named by their guid; of two with the same guid the first one is applied."""
    first: dict[str, Json] = {}
    for target in targets:
        row_id = target.get(table.key_column)
        if not isinstance(row_id, str):
            raise BadRequest(f"Each of the Targets must carry its primary key {table.key_column}.")
        first.setdefault(row_id.lower(), target)
    found = {
        row[table.key_column]: row
        for row in call.store.get_many(table.set, table.key_column, list(first))
    }
    for row_id, target in first.items():
        if row_id not in found:
            raise does_not_exist(table.entity, row_id)
        writer.update(call, table, found[row_id], target)


def _upsert(call: Call, writer: Writer, table: Table, targets: list[Json]) -> None:
    """Targets are named by `@odata.id` or by their guid; two with the same key are refused."""
    seen: set[tuple[Any, ...]] = set()
    for target in targets:
        key = _key(call, table, target)
        mark = tuple(sorted((name, str(value)) for name, value in key.values.items()))
        if mark in seen:
            raise duplicate()
        seen.add(mark)
        upsert(call, writer, key, target)


def _key(call: Call, table: Table, target: Json) -> Key:
    reference = target.get("@odata.id")
    if isinstance(reference, str):
        segment = parse_reference(reference)
        if segment.name != table.set or segment.key is None:
            raise BadRequest(f"'@odata.id' must name a row of '{table.set}'.")
        return read_key(call, table, segment.key)
    if isinstance(target.get(table.key_column), str):
        return read_key(call, table, {"": str(target[table.key_column])})
    raise BadRequest(f"Each of the Targets needs '@odata.id' or its key {table.key_column}.")


def upsert(call: Call, writer: Writer, key: Key, body: Json) -> tuple[str, bool]:
    """Update the row with this key or create it; returns its guid and whether it is new.

    Key columns in the body are dropped when the row exists; otherwise they beat the URL
    (protocols A7).
    """
    row = find(call, key)
    if row is None:
        return writer.create(call, key.table, body, dict(key.values)), True
    update_by_key(call, writer, key, row, body)
    return str(row[key.table.key_column]), False


def update_by_key(call: Call, writer: Writer, key: Key, row: Row, body: Json) -> None:
    """Update the row a key named."""
    kept = {name: value for name, value in body.items() if name not in key.values}
    writer.update(call, key.table, row, kept)
