"""Literals of `$filter` as SQL parameters, checked against the column's type."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any, TypeAlias

from odata_query import ast

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.model import Column

Node: TypeAlias = Any  # odata-query's nodes have no common typed base with their values
Param = str | int | float | None

# Of OData 4.0, whether a service has them or not.
STANDARD_FUNCTIONS = frozenset(
    {
        "cast", "ceiling", "concat", "contains", "date", "day", "endswith", "floor",
        "fractionalseconds", "geo.distance", "geo.intersects", "geo.length", "hour", "indexof",
        "isof", "length", "maxdatetime", "mindatetime", "minute", "month", "now", "round", "second",
        "startswith", "substring", "time", "tolower", "totaloffsetminutes", "totalseconds",
        "toupper", "trim", "year",
    }
)  # fmt: skip
_EDM_OF_LITERAL: dict[type, str] = {
    ast.String: "Edm.String",
    ast.Integer: "Edm.Int32",
    ast.Float: "Edm.Decimal",
    ast.Boolean: "Edm.Boolean",
    ast.GUID: "Edm.Guid",
    ast.Date: "Edm.Date",
    ast.DateTime: "Edm.DateTimeOffset",
}
_ACCEPTS: dict[str, tuple[type, ...]] = {
    "Edm.String": (ast.String,),
    "Edm.Decimal": (ast.Integer, ast.Float),
    "Edm.Int32": (ast.Integer, ast.Float),
    "Edm.Int64": (ast.Integer, ast.Float),
    "Edm.Boolean": (ast.Boolean,),
    "Edm.Guid": (ast.GUID,),
    "Edm.Date": (ast.Date, ast.DateTime),
    "Edm.DateTimeOffset": (ast.DateTime, ast.Date),
}


def literal(node: Node, column: Column | None, enum_namespace: str | None) -> Param:
    """The value to compare a stored column with. Raises BadRequest when the types do not fit."""
    if isinstance(node, ast.Call):
        return _enum(node, column, enum_namespace)
    if isinstance(node, ast.UnaryOp):
        inner: Node = node.operand
        node = type(inner)("-" + inner.val)
    if column is None:
        return _number(node, 0) if isinstance(node, ast.Integer | ast.Float) else str(node.val)
    if not isinstance(node, _ACCEPTS.get(column.edm, ())):
        raise _mismatch(column, _EDM_OF_LITERAL.get(type(node), "Edm.Null"))
    return _value(node, column)


def _value(node: Node, column: Column) -> Param:
    if isinstance(node, ast.Integer | ast.Float):
        return _number(node, column.scale if column.is_scaled else 0)
    if isinstance(node, ast.Boolean):
        return int(node.py_val)
    if isinstance(node, ast.Date):
        return f"{node.val}T00:00:00Z" if column.type == "datetime" else str(node.val)
    if isinstance(node, ast.DateTime):
        return _moment(node, column)
    return str(node.val).lower() if isinstance(node, ast.GUID) else str(node.val)


def _moment(node: ast.DateTime, column: Column) -> str:
    """Protocols A12: a value without offset is read as UTC."""
    moment = node.py_val
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    text = str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return text[:10] if column.type == "date" else text


def _number(node: Node, scale: int) -> Param:
    """Scaled like the column; more decimals than it has give a fraction that still compares."""
    number = Decimal(node.val).scaleb(scale)
    whole = int(number)
    return whole if whole == number and abs(whole) < 2**63 else float(number)


def _enum(node: ast.Call, column: Column | None, namespace: str | None) -> str:
    name, edm = function_name(node), None if column is None else column.enum
    if namespace is None or edm is None or name != f"{namespace}.{edm}":
        raise BadRequest(f"The enum literal of type '{name}' does not fit the property.")
    member: Node = node.args[0]
    return str(member.val)


def function_name(node: Node) -> str:
    """Name of a called function with its namespace."""
    return ".".join((*node.func.namespace, node.func.name))


def _mismatch(column: Column, found: str) -> BadRequest:
    return BadRequest(
        "A binary operator with incompatible types was detected. Found operand types "
        f"'{column.edm}' and '{found}' for operator kind 'Equal'."
    )


def pattern(text: str, *, wildcards: bool) -> str:
    r"""LIKE pattern of a search text. Without wildcards `%` and `_` stand for themselves and
    `\0` marks any text (the F&O `*`)."""
    if wildcards:
        return text.replace("\\", "\\\\")
    for char in "\\%_":
        text = text.replace(char, f"\\{char}")
    return text.replace("\0", "%")
