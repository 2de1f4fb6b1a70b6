"""Requests for definitions: `EntityDefinitions…` and `RelationshipDefinitions…`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from p2c_sandbox.odata.errors import BadRequest, NotFound, NotOffered
from p2c_sandbox.odata.http import Json, Request, Response, json_response
from p2c_sandbox.odata.model import Service
from p2c_sandbox.odata.options import Options
from p2c_sandbox.odata.paths import Segment, unquoted
from p2c_sandbox.sales.definitions.items import PREFIX, Item
from p2c_sandbox.sales.definitions.queries import (
    BASES,
    LINKED_TYPES,
    Shape,
    filtered,
    options_of,
    shown,
)
from p2c_sandbox.sales.definitions.relationships import all_relationships
from p2c_sandbox.sales.definitions.tables import tables
from p2c_sandbox.sales.elsewhere import ELSEWHERE
from p2c_sandbox.sales.errors import no_resource

TABLES, RELATIONSHIPS = "EntityDefinitions", "RelationshipDefinitions"
SETS = (TABLES, RELATIONSHIPS)
_KEYS = ("MetadataId", "LogicalName", "SchemaName", "Name")
_ENUMS = "EnumAttributeMetadata"
_OF_ENUMS = ("Picklist", "State", "Status", "EntityName", "MultiSelectPicklist")


@dataclass(frozen=True)
class _Place:
    """Where a path has led so far: a collection, or one item (`single`)."""

    items: list[Item]
    type_name: str
    single: bool = False

    @property
    def cast(self) -> bool:
        return self.type_name not in BASES


def answer(service: Service, segments: list[Segment], request: Request) -> Response:
    """GET of definitions. Raises NotFound, and NotOffered for what only the service can do."""
    if request.method not in ("GET", "HEAD"):
        raise NotOffered("Changes of definitions are not offered by the sandbox.")
    place = _start(service, segments[0])
    for index, segment in enumerate(segments[1:], 1):
        if segment.name == "$count" and not place.single:
            return _count(place, request)
        if place.single and segment.name in place.items[0].members:
            return _member(place.items[0], segments[index:], request)
        step = _step(place, segment)
        if step is None:
            return Response(204, {"OData-Version": "4.0"})
        place = step
    return _shown(place, segments, request)


def _start(service: Service, segment: Segment) -> _Place:
    if segment.name == TABLES:
        place = _Place(list(tables(service)), "EntityMetadata")
    else:
        place = _Place(list(all_relationships(service)), "RelationshipMetadataBase")
    return _named(place, segment.key)


def _step(place: _Place, segment: Segment) -> _Place | None:
    """One segment further; None where a single-valued property leads nowhere."""
    name = segment.name
    if name.startswith(PREFIX):
        return _named(_cast(place, name.removeprefix(PREFIX)), segment.key)
    if not place.single:
        raise no_resource(name)
    item = place.items[0]
    if name in item.links:
        return _named(_Place(item.links[name](), LINKED_TYPES[name]), segment.key)
    if name in item.own_links and place.cast:
        found = item.own_links[name]()
        return _Place([found], found.type, single=True) if found else None
    if name in item.own_links or ELSEWHERE.describes(item.type, name):
        raise NotOffered(f"The sandbox does not show '{name}' of {item.type} here.")
    raise no_resource(name)


def _cast(place: _Place, wanted: str) -> _Place:
    if ELSEWHERE.has_operation(wanted):
        raise NotOffered(f"'{wanted}' is not offered by the sandbox.")
    if wanted not in {place.type_name} | ELSEWHERE.types.get(place.type_name, frozenset()):
        raise no_resource(PREFIX + wanted)
    items = [item for item in place.items if _is(item, wanted)]
    if place.single and not items:
        raise no_resource(PREFIX + wanted)
    return replace(place, items=items, type_name=wanted)


def _is(item: Item, wanted: str) -> bool:
    if wanted == _ENUMS:
        return item.type.removesuffix("AttributeMetadata") in _OF_ENUMS
    return item.type == wanted


def _named(place: _Place, key: Mapping[str, str] | None) -> _Place:
    """By guid, or by its name."""
    if not key:
        return place
    name, literal = next(iter(key.items()))
    member = name or "MetadataId"
    if member not in _KEYS:
        raise no_resource(f"{place.type_name}({name})")
    try:
        value = literal.lower() if member == "MetadataId" else unquoted(literal)
    except ValueError as error:
        raise BadRequest(f"Error in the key of '{place.type_name}': {error}") from error
    found = [item for item in place.items if item.members.get(member) == value]
    if not found and value in ELSEWHERE.tables:
        raise _no_table(value)
    if not found:
        raise NotFound(f"Could not find a member with {member} '{value}'.", code="0x80060888")
    return replace(place, items=found[:1], single=True)


def _no_table(entity: str) -> NotOffered:
    return NotOffered(f"The table '{entity}' is not offered by the sandbox.")


def _found(place: _Place, options: Options, shape: Shape) -> list[Item]:
    """A query for a table that only the service has is not answered with "there is none"."""
    found = filtered(place.items, options, shape)
    if not found and place.type_name == "EntityMetadata":
        for entity, entity_set in ELSEWHERE.tables.items():
            if f"'{entity}'" in (options.filter or "") or f"'{entity_set}'" in str(options.filter):
                raise _no_table(entity)
    return found


def _count(place: _Place, request: Request) -> Response:
    shape = Shape(place.type_name, place.items, cast=place.cast)
    number = len(_found(place, options_of(request), shape))
    headers = {"Content-Type": "text/plain", "OData-Version": "4.0"}
    return Response(200, headers, str(number).encode())


def _member(item: Item, rest: list[Segment], request: Request) -> Response:
    name = rest[0].name
    if len(rest) > 1:
        raise NotOffered(f"The sandbox does not offer parts of '{name}'.")
    value = item.members[name]
    if value is None:
        return Response(204, {"OData-Version": "4.0"})
    context = f"{request.root}/$metadata#{request.path}"
    return json_response({"@odata.context": context, "value": value})


def _shown(place: _Place, segments: list[Segment], request: Request) -> Response:
    options = options_of(request)
    shape = Shape(place.type_name, place.items, cast=place.cast)
    context = f"{request.root}/$metadata#{_path(segments)}"
    if place.single:
        [row] = shown(place.items, options, shape)
        return json_response({"@odata.context": f"{context}/$entity", **row})
    found: Json = {"@odata.context": context}
    items = _found(place, options, shape)
    if options.count:
        found["@odata.count"] = len(items)
    return json_response(found | {"value": shown(items, options, shape)})


def _path(segments: list[Segment]) -> str:
    """As the service writes it: `EntityDefinitions('account')/Attributes`."""
    *before, last = segments
    named = [
        f"{one.name}({next(iter(one.key.values()))})" if one.key else one.name for one in before
    ]
    return "/".join([*named, last.name])
