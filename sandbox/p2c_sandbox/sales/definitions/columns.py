"""`AttributeMetadata` and the types of columns that are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Column, Service, Table
from p2c_sandbox.sales.definitions.items import Item, item_id, label, managed

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
# Lookups whose AttributeType is a word of its own; their definition is that of a lookup.
_LOOKUPS = {"ownerid": "Owner", "customerid": "Customer", "parentcustomerid": "Customer"}
_TYPES = {"Uniqueidentifier": "UniqueIdentifier"}
_YES_NO = {0: "No", 1: "Yes"}
_OPTION_SETS = ("Picklist", "State", "Status", "Boolean")


def columns(service: Service, table: Table) -> Iterator[Item]:
    """The columns of a table."""
    for column in table.columns.values():
        if not column.hidden:
            yield _column(service, table, column)


def _column(service: Service, table: Table, column: Column) -> Item:
    kind = "Memo" if _is_memo(column) else _KINDS[column.type]
    needed = {True: "ApplicationRequired", "application": "Recommended"}.get(column.required)
    word = _LOOKUPS.get(column.name, kind) if column.is_lookup else kind
    values: Json = {
        "MetadataId": item_id(table.entity, column.name),
        "LogicalName": column.name,
        "SchemaName": column.name,
        "EntityLogicalName": table.entity,
        "AttributeType": word,
        "AttributeTypeName": {"Value": f"{word}Type"},
        "AttributeOf": None,
        "IsPrimaryId": column.name == table.key_column,
        "IsPrimaryName": column.name == table.name_column,
        "IsCustomAttribute": column.name.startswith("msdynce_"),
        "IsLogical": False,
        "IsValidForRead": True,
        "IsValidForCreate": column.access in ("write", "create"),
        "IsValidForUpdate": column.access in ("write", "update"),
        "RequiredLevel": managed(needed or "None", "canmodifyrequirementlevelsettings"),
        "DisplayName": label(column.label or column.name),
        "HasChanged": None,
    }
    type_name = f"{_TYPES.get(kind, kind)}AttributeMetadata"
    if kind in _OPTION_SETS:
        links: Mapping[str, Callable[[], Item | None]] = {
            "OptionSet": partial(_option_set, table, column),
            "GlobalOptionSet": lambda: None,  # all option sets of the sandbox are local
        }
        return Item(type_name, values, {}, {}, links)
    return Item(type_name, values, _MORE[kind](service, column) if kind in _MORE else {})


def _is_memo(column: Column) -> bool:
    """Text of several lines."""
    several = column.name == "description" or column.name.endswith("_composite")
    return column.type == "string" and several


def _text_format(column: Column) -> str:
    """What a text is, from its name: the service's own columns are called so."""
    starts = {"emailaddress": "Email", "telephone": "Phone", "websiteurl": "Url"}
    name = column.name.rpartition("_")[2]
    return next((kind for start, kind in starts.items() if name.startswith(start)), "Text")


def _format(name: str) -> Json:
    return {"Format": name, "FormatName": {"Value": name}}


def _of_money(_: Service, column: Column) -> Json:
    return {"Precision": column.scale, "PrecisionSource": column.precision_source, **_range(column)}


def _range(column: Column) -> Json:
    limits = {"MinValue": column.minimum, "MaxValue": column.maximum}
    return {name: None if value is None else float(value) for name, value in limits.items()}


_MORE: dict[str, Callable[[Service, Column], Json]] = {
    "String": lambda _, column: {"MaxLength": column.length, **_format(_text_format(column))},
    "Memo": lambda _, column: {"MaxLength": column.length},
    "Money": _of_money,
    "Decimal": lambda _, column: {"Precision": column.scale, **_range(column)},
    "Integer": lambda _, column: {"Format": "None", **_range(column)},
    "DateTime": lambda _, column: {
        "Format": "DateOnly" if column.type == "date" else "DateAndTime",
        "DateTimeBehavior": {"Value": "DateOnly" if column.type == "date" else "UserLocal"},
    },
    "Lookup": lambda service, column: {
        "Targets": sorted({service.table(target).entity for target in column.targets.values()})
    },
}


def _option_set(table: Table, column: Column) -> Item:
    name = f"{table.entity}_{column.name}"
    kind = "Boolean" if column.type == "bool" else _KINDS[column.type]
    values: Json = {
        "MetadataId": item_id(name, "options"),
        "Name": name,
        "IsGlobal": False,
        "OptionSetType": kind,
        "DisplayName": label(column.label or column.name),
        "HasChanged": None,
    }
    if kind == "Boolean":
        return Item("BooleanOptionSetMetadata", values, _two_options(column))
    return Item("OptionSetMetadata", values, {"Options": _options(column)})


def _two_options(column: Column) -> Json:
    words = column.options or _YES_NO
    return {
        "FalseOption": {"Value": 0, "Label": label(words[0])},
        "TrueOption": {"Value": 1, "Label": label(words[1])},
    }


def _options(column: Column) -> list[Json]:
    states = {status: state for state, group in column.states.items() for status in group}
    return [
        {"Value": value, "Label": label(text)}
        | ({"State": states[value]} if value in states else {})
        for value, text in column.options.items()
    ]
