"""Columns, option sets and alternate keys of a table: what hangs below `EntityDefinitions(…)`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping

from sandbox.odata.errors import NotFound, NotOffered
from sandbox.odata.http import Json, Request, Response, json_response, query_pairs
from sandbox.odata.model import Column, Service, Table
from sandbox.odata.options import Expand, Options, parse_options
from sandbox.odata.paths import Segment, unquoted
from sandbox.sales.errors import no_resource

SET = "EntityDefinitions"
LANGUAGE = 1033
_NAMESPACE = uuid.UUID("6f1d7a4e-52c9-4f53-9b0e-3c1f5e0a7c12")
_PREFIX = "Microsoft.Dynamics.CRM."
_TERM = re.compile(r"(?P<name>\w+) eq '(?P<value>(?:[^']|'')*)'")
_KINDS = {
    "string": "String",
    "money": "Money",
    "decimal": "Decimal",
    "int": "Integer",
    "bigint": "BigInt",
    "choice": "Picklist",
    "state": "State",
    "status": "Status",
    "bool": "Boolean",
    "datetime": "DateTime",
    "date": "DateTime",
    "guid": "Uniqueidentifier",
    "lookup": "Lookup",
}
_OPTION_SETS = ("Picklist", "State", "Status")
_PARTS = ("Attributes", "Keys")
_SUPPORTED = frozenset(("$select", "$filter", "$expand"))


def read(service: Service, entity: str, rest: list[Segment], request: Request) -> Response:
    """GET of `Attributes` or `Keys` of a table, or of one of them, also cast to a type.

    Raises NotFound for an unknown member, NotOffered for what only the service knows.
    """
    table = service.by_entity[entity]
    part, tail = rest[0], rest[1:]
    if part.name not in _PARTS:
        raise _unknown(part.name)
    options = parse_options(query_pairs(request.query), _SUPPORTED)
    found = list(_columns(service, table) if part.name == "Attributes" else _keys(table))
    if tail:
        found = [item for item in found if _is(item, tail[0].name)]
    shown = [_shown(item, options, cast=bool(tail)) for item in _filtered(found, options.filter)]
    where = f"{request.root}/$metadata#{SET}('{entity}')/{part.name}"
    if part.key is None:
        return json_response({"@odata.context": where, "value": shown})
    wanted = _one(found, part.key)
    return json_response({"@odata.context": f"{where}/$entity", **_shown(wanted, options, True)})


def _unknown(name: str) -> Exception:
    known = ("ManyToOneRelationships", "OneToManyRelationships", "ManyToManyRelationships")
    if name in known:
        return NotOffered(f"'{name}' of a table is not offered by the sandbox.")
    return no_resource(name)


def _one(found: list[Json], key: Mapping[str, str]) -> Json:
    """By guid, or by its logical name."""
    name, literal = next(iter(key.items()))
    value = literal.lower() if name in ("", "MetadataId") else unquoted(literal)
    for item in found:
        if item.get(name or "MetadataId") == value:
            return item
    raise NotFound(f"Could not find a member with {name or 'MetadataId'} '{value}'.")


def _is(item: Json, cast: str) -> bool:
    if not cast.startswith(_PREFIX):
        raise no_resource(cast)
    return bool(item["@odata.type"] == f"#{cast}")


def _filtered(found: Iterable[Json], text: str | None) -> list[Json]:
    """`Name eq 'value'`, several of them with `or`."""
    terms = [_TERM.fullmatch(term.strip()) for term in text.split(" or ")] if text else []
    if not all(terms):
        raise NotOffered(f"The sandbox does not offer the filter '{text}' on metadata.")
    wanted = [(term["name"], term["value"].replace("''", "'")) for term in terms if term]
    return [item for item in found if not wanted or any(item.get(n) == v for n, v in wanted)]


def _shown(item: Json, options: Options, cast: bool) -> Json:
    """The selected members. Option sets come with `$expand` only, and only after a cast."""
    expands = {expand.navigation: expand for expand in options.expand}
    chosen = options.select or tuple(name for name in item if name not in ("OptionSet", "Options"))
    shown = {name: item[name] for name in ("@odata.type", "MetadataId", *chosen) if name in item}
    if cast and "OptionSet" in item and {"OptionSet", "GlobalOptionSet"} & expands.keys():
        shown["OptionSet"] = _part(item["OptionSet"], expands.get("OptionSet"))
    return shown


def _part(item: Json, expand: Expand | None) -> Json:
    names = expand.options.select if expand else None
    return {name: item[name] for name in ("MetadataId", *(names or item)) if name in item}


# -- columns ---------------------------------------------------------------------------------------


def _columns(service: Service, table: Table) -> Iterable[Json]:
    for column in table.columns.values():
        if not column.hidden and column.source is None:
            yield _column(service, table, column)


def _column(service: Service, table: Table, column: Column) -> Json:
    kind = _KINDS[column.type]
    needed = {True: "ApplicationRequired", "application": "Recommended"}.get(column.required)
    found: Json = {
        "@odata.type": f"#{_PREFIX}{kind}AttributeMetadata",
        "MetadataId": _id(table.entity, column.name),
        "LogicalName": column.name,
        "SchemaName": column.name,
        "EntityLogicalName": table.entity,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "IsPrimaryId": column.name == table.key_column,
        "IsPrimaryName": column.name == table.name_column,
        "IsValidForRead": True,
        "IsValidForCreate": column.access in ("write", "create"),
        "IsValidForUpdate": column.access in ("write", "update"),
        "RequiredLevel": {"Value": needed or "None"},
        "DisplayName": _label(column.label or column.name),
    }
    return found | _details(service, table, column, kind)


def _details(service: Service, table: Table, column: Column, kind: str) -> Json:
    if kind in _OPTION_SETS:
        return {"OptionSet": _option_set(table, column)}
    return _MORE[kind](service, column) if kind in _MORE else {}


def _of_money(_: Service, column: Column) -> Json:
    return {"Precision": column.scale, "PrecisionSource": column.precision_source, **_range(column)}


def _range(column: Column) -> Json:
    limits = {"MinValue": column.minimum, "MaxValue": column.maximum}
    return {name: None if value is None else float(value) for name, value in limits.items()}


_MORE: dict[str, Callable[[Service, Column], Json]] = {
    "String": lambda _, column: {"MaxLength": column.length},
    "Money": _of_money,
    "Decimal": lambda _, column: {"Precision": column.scale, **_range(column)},
    "Integer": lambda _, column: _range(column),
    "DateTime": lambda _, column: {
        "DateTimeBehavior": {"Value": "DateOnly" if column.type == "date" else "UserLocal"}
    },
    "Lookup": lambda service, column: {
        "Targets": sorted({service.table(target).entity for target in column.targets.values()})
    },
}


def _option_set(table: Table, column: Column) -> Json:
    states = {status: state for state, group in column.states.items() for status in group}
    options = [
        {"Value": value, "Label": _label(label)}
        | ({"State": states[value]} if value in states else {})
        for value, label in column.options.items()
    ]
    name = f"{table.entity}_{column.name}"
    return {"MetadataId": _id(name, "options"), "Name": name, "IsGlobal": False, "Options": options}


def _label(text: str) -> Json:
    label = {"Label": text, "LanguageCode": LANGUAGE}
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}


# -- keys ------------------------------------------------------------------------------------------


def _keys(table: Table) -> Iterable[Json]:
    """Alternate keys; only those whose index is Active can be used (protocols A5)."""
    for name, columns in table.alternate_keys.items():
        yield {
            "@odata.type": f"#{_PREFIX}EntityKeyMetadata",
            "MetadataId": _id(table.entity, "key", name),
            "LogicalName": name,
            "SchemaName": name,
            "EntityLogicalName": table.entity,
            "KeyAttributes": list(columns),
            "EntityKeyIndexStatus": "Pending" if name in table.inactive_keys else "Active",
            "DisplayName": _label(name),
        }


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))
