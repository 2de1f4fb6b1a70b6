"""Parts of a row: single columns, navigation properties, `$ref` (protocols A6, A7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from p2c_sandbox.odata.errors import BadRequest, NotFound, UnknownProperty
from p2c_sandbox.odata.http import Request, Response, json_response, query_pairs
from p2c_sandbox.odata.model import Child, Column, Row, Table, Value
from p2c_sandbox.odata.paths import Segment
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.elsewhere import ELSEWHERE
from p2c_sandbox.sales.errors import no_resource, not_allowed
from p2c_sandbox.sales.keys import get, parse_reference, read_key, row_of_url
from p2c_sandbox.sales.payload import clear, set_lookup
from p2c_sandbox.sales.reading import Readings, children_of, plain_text
from p2c_sandbox.sales.rows import check_if_match, entity_id
from p2c_sandbox.sales.writing import Writer

_VALUE, _REF, _COUNT = [Segment("$value")], [Segment("$ref")], [Segment("$count")]
_DONE = Response(204, {"OData-Version": "4.0"})


@dataclass(frozen=True)
class Links:
    """Answers `set(key)/…`."""

    readings: Readings
    writer: Writer

    # -- reading ------------------------------------------------------------------------------

    def read(
        self,
        call: Call,
        table: Table,
        literals: Mapping[str, str],
        rest: list[Segment],
        request: Request,
    ) -> Response:
        """GET of a column, of the row a lookup points to, or of a collection."""
        row = get(call, read_key(call, table, literals))
        name, tail = rest[0].name, rest[1:]
        if name in table.by_wire:
            return self._column(request, table, row, table.by_wire[name], tail)
        if name in table.navigation:
            return self._single(call, request, table, row, name, tail)
        if name in table.children:
            return self._collection(call, request, rest[0], row, table, tail)
        raise ELSEWHERE.unknown_part(table.entity, name)

    def _column(
        self, request: Request, table: Table, row: Row, column: Column, tail: list[Segment]
    ) -> Response:
        if tail and tail != _VALUE:
            raise no_resource(tail[0].name)
        value = self.readings.property(request, table, str(row[table.key_column]), column)
        if value["value"] is None:
            return _DONE
        if tail:
            found = row[column.name]
            return plain_text(str(found).lower() if isinstance(found, bool) else str(found))
        return json_response(value)

    def _single(
        self, call: Call, request: Request, table: Table, row: Row, name: str, tail: list[Segment]
    ) -> Response:
        column, target_set = table.navigation[name]
        target = call.service.table(target_set)
        row_id = row[column.name]
        fits = not column.entity_column or row[column.entity_column] == target.entity
        if row_id is None or not fits:
            return _DONE
        if tail == _REF:
            return _reference(request, target, str(row_id))
        if tail:
            return self.read(call, target, {"": str(row_id)}, tail, request)
        return self.readings.one(request, target, str(row_id))

    def _collection(
        self,
        call: Call,
        request: Request,
        segment: Segment,
        row: Row,
        table: Table,
        tail: list[Segment],
    ) -> Response:
        child = table.children[segment.name]
        target = call.service.table(child.set)
        within = children_of(child, str(row[table.key_column]))
        if segment.key is not None:
            return self._member(call, request, child, segment, row[table.key_column], tail)
        if tail == _COUNT:
            return self.readings.count(request, target, within)
        if tail and tail != _REF:
            raise no_resource(tail[0].name)
        if tail:
            found = call.store.find(child.set, {child.column: row[table.key_column]})
            urls = [
                {"@odata.id": entity_id(request, target, str(r[target.key_column]))} for r in found
            ]
            context = f"{request.root}/$metadata#Collection($ref)"
            return json_response({"@odata.context": context, "value": urls})
        return self.readings.collection(request, target, within)

    def _member(
        self,
        call: Call,
        request: Request,
        child: Child,
        segment: Segment,
        owner: Value,
        tail: list[Segment],
    ) -> Response:
        """One row of a collection, or a part of it."""
        target = call.service.table(child.set)
        key = read_key(call, target, segment.key or {})
        found = get(call, key)
        if found[child.column] != owner:
            raise key.missing()
        row_id = str(found[target.key_column])
        if tail:
            return self.read(call, target, {"": row_id}, tail, request)
        return self.readings.one(request, target, row_id)

    # -- writing ------------------------------------------------------------------------------

    def write(
        self,
        call: Call,
        table: Table,
        literals: Mapping[str, str],
        rest: list[Segment],
        request: Request,
    ) -> Response:
        """PUT and DELETE of one column; PUT, POST and DELETE of `$ref`."""
        row = get(call, read_key(call, table, literals))
        check_if_match(request, table, row)
        name = rest[0].name
        if len(rest) == 2 and rest[1].name == "$ref":
            return self._write_reference(call, table, row, rest[0], request)
        if len(rest) == 1 and name in table.children and request.method == "POST":
            return self._create_child(call, table, row, name, request)
        if len(rest) == 1 and name in table.by_wire and request.method in ("PUT", "DELETE"):
            value = request.json().get("value") if request.method == "PUT" else None
            self.writer.update(call, table, row, {name: value})
            return _DONE
        if len(rest) == 1 and name not in table.by_wire and name not in table.navigation:
            raise UnknownProperty(name, f"{call.service.namespace}.{table.entity}")
        raise not_allowed(request)

    def _create_child(
        self, call: Call, table: Table, row: Row, name: str, request: Request
    ) -> Response:
        """POST to a collection: a new row that belongs to this one."""
        child = table.children[name]
        target, values = call.service.table(child.set), Row()
        set_lookup(values, target.columns[child.column], table, str(row[table.key_column]))
        row_id = self.writer.create(call, target, request.json(), values)
        if request.preferences.get("return") == "representation":
            return self.readings.one(request, target, row_id, 201)
        url = entity_id(request, target, row_id)
        return Response(204, {"OData-Version": "4.0", "OData-EntityId": url, "Location": url})

    def _write_reference(
        self, call: Call, table: Table, row: Row, segment: Segment, request: Request
    ) -> Response:
        if segment.name in table.navigation:
            self._write_lookup(call, table, row, segment.name, request)
        elif segment.name in table.children:
            self._write_child(call, table, row, segment, request)
        else:
            raise UnknownProperty(segment.name, f"{call.service.namespace}.{table.entity}")
        return _DONE

    def _write_lookup(
        self, call: Call, table: Table, row: Row, name: str, request: Request
    ) -> None:
        column, target_set = table.navigation[name]
        changes: Row = {}
        if request.method == "DELETE":
            clear(changes, column)
        else:
            target, row_id = row_of_url(call, _url(request), {target_set})
            set_lookup(changes, column, target, row_id)
        self.writer.change(call, table, row, changes)

    def _write_child(
        self, call: Call, table: Table, row: Row, segment: Segment, request: Request
    ) -> None:
        """A collection is changed at the lookup of the row at its other end."""
        child = table.children[segment.name]
        target = call.service.table(child.set)
        column = target.columns[child.column]
        changes: Row = {}
        if request.method == "DELETE":
            key = segment.key or _taken_out(request, target)
            if key is None:
                raise BadRequest(f"Name the row of '{segment.name}' to take out.")
            other = get(call, read_key(call, target, key))
            if other[child.column] != row[table.key_column]:
                raise NotFound("The rows are not associated.", code="0x80040217")
            clear(changes, column)
        else:
            row_id = row_of_url(call, _url(request), {child.set})[1]
            found = call.row(child.set, row_id)
            other = found if found is not None else {}
            set_lookup(changes, column, table, str(row[table.key_column]))
        self.writer.change(call, target, other, changes)


def _taken_out(request: Request, table: Table) -> Mapping[str, str] | None:
    """The row that `$ref?$id=…` names."""
    reference = dict(query_pairs(request.query)).get("$id")
    segment = parse_reference(reference) if reference else None
    return segment.key if segment is not None and segment.name == table.set else None


def _url(request: Request) -> str:
    reference = request.json().get("@odata.id")
    if not isinstance(reference, str):
        raise BadRequest("The body of a $ref request must carry '@odata.id'.")
    return reference


def _reference(request: Request, table: Table, row_id: str) -> Response:
    context = f"{request.root}/$metadata#$ref"
    return json_response(
        {"@odata.context": context, "@odata.id": entity_id(request, table, row_id)}
    )
