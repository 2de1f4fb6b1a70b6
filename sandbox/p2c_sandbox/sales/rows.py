"""Create, upsert, update and delete of the rows a URL names (protocols A7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c_sandbox.odata.http import Request, Response
from p2c_sandbox.odata.model import Row, Table
from p2c_sandbox.odata.paths import Segment
from p2c_sandbox.sales import bulk
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import duplicate, no_resource, not_allowed, refused, stale
from p2c_sandbox.sales.keys import Key, find, get, read_key
from p2c_sandbox.sales.reading import Readings, applied
from p2c_sandbox.sales.writing import Writer


def check_if_match(request: Request, table: Table, row: Row) -> None:
    """412 when `If-Match` names another version of the row."""
    condition = request.headers.get("if-match")
    if condition is None or condition == "*":
        return
    if not table.optimistic:
        raise refused("0x8006088d", f"Optimistic concurrency isn't enabled for '{table.entity}'.")
    if condition != f'W/"{row["_version"]}"':
        raise stale()


def entity_id(request: Request, table: Table, row_id: str) -> str:
    """URL of a row."""
    return f"{request.root}/{table.set}({row_id})"


@dataclass(frozen=True)
class Rows:
    """Whole rows of a table."""

    readings: Readings
    writer: Writer

    def read(
        self, call: Call, table: Table, literals: Mapping[str, str], request: Request
    ) -> Response:
        """GET of one row."""
        key = read_key(call, table, literals)
        return self.readings.one(request, table, str(get(call, key)[table.key_column]))

    def write(
        self,
        call: Call,
        table: Table,
        literals: Mapping[str, str] | None,
        rest: list[Segment],
        request: Request,
    ) -> Response:
        """Everything that changes whole rows."""
        if literals is None:
            return self._write_set(call, table, rest, request)
        key = read_key(call, table, literals)
        if request.method == "PATCH":
            return self._patch(call, key, request)
        if request.method == "DELETE":
            return self._delete(call, key, request)
        raise not_allowed(request)

    def _write_set(
        self, call: Call, table: Table, rest: list[Segment], request: Request
    ) -> Response:
        if request.method != "POST":
            raise not_allowed(request)
        if rest and rest[0].name.startswith(bulk.PREFIX):
            message = rest[0].name.removeprefix(bulk.PREFIX)
            return bulk.run(call, self.writer, table, message, request)
        if rest:
            raise no_resource(rest[0].name)
        row_id = self.writer.create(call, table, request.json())
        return self._done(request, table, row_id, created=True)

    def _patch(self, call: Call, key: Key, request: Request) -> Response:
        """Upsert; `If-Match` makes it an update, `If-None-Match: *` a create."""
        row = find(call, key)
        only_update = "if-match" in request.headers
        only_create = request.headers.get("if-none-match") == "*"
        if row is None:
            if only_update:
                raise key.missing()
            row_id = self.writer.create(call, key.table, request.json(), dict(key.values))
            return self._done(request, key.table, row_id, created=True)
        if only_create:
            raise duplicate()
        check_if_match(request, key.table, row)
        bulk.update_by_key(call, self.writer, key, row, request.json())
        return self._done(request, key.table, str(row[key.table.key_column]), created=False)

    def _delete(self, call: Call, key: Key, request: Request) -> Response:
        row = get(call, key)
        check_if_match(request, key.table, row)
        self.writer.delete(call, key.table, row)
        return Response(204, {"OData-Version": "4.0"})

    def _done(self, request: Request, table: Table, row_id: str, *, created: bool) -> Response:
        """204 with the row's URL, or the row itself when `return=representation` was asked."""
        if request.preferences.get("return") == "representation":
            return self.readings.one(request, table, row_id, 201 if created else 200)
        url = entity_id(request, table, row_id)
        headers = {"OData-Version": "4.0", "OData-EntityId": url, "Location": url}
        return Response(204, headers | applied({}))
