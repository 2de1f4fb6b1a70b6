"""`$filter` over definitions: they are few, so they are looked at one by one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from odata_query import ast

from p2c_sandbox.odata.errors import BadRequest, NotOffered
from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.literals import Node, function_name
from p2c_sandbox.odata.syntax import MARK, parse

Test = Callable[[Json], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def test_of(text: str, check: Callable[[str], None]) -> Test:
    """A function that says of an item's members whether they meet the filter.

    `check` gets the first name of every path and raises for one that the type does not have.
    Text is compared as it is written. Raises BadRequest, NotOffered.
    """
    return _condition(parse(text), check)


def _condition(node: Node, check: Callable[[str], None]) -> Test:
    if isinstance(node, ast.BoolOp):
        left, right = _condition(node.left, check), _condition(node.right, check)
        if isinstance(node.op, ast.And):
            return lambda members: left(members) and right(members)
        return lambda members: left(members) or right(members)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _condition(node.operand, check)
        return lambda members: not inner(members)
    if isinstance(node, ast.Compare):
        return _compare(node, check)
    if isinstance(node, ast.Call):
        return _call(node, check)
    if isinstance(node, ast.Identifier | ast.Attribute):
        read = _path(node, check)
        return lambda members: read(members) is True
    raise NotOffered("The sandbox does not offer this $filter on definitions.")


def _compare(node: ast.Compare, check: Callable[[str], None]) -> Test:
    compare = _COMPARE.get(type(node.comparator).__name__)
    if compare is None:
        raise BadRequest("The 'in' operator is not supported (OData 4.01).")
    read, wanted = _path(node.left, check), _value(node.right)
    return partial(_holds, read, compare, wanted)


def _holds(
    read: Callable[[Json], Any], compare: Callable[[Any, Any], bool], wanted: object, members: Json
) -> bool:
    found = read(members)
    try:
        return compare(found, wanted)
    except TypeError:
        return False  # null is neither less nor more than anything


def _call(node: ast.Call, check: Callable[[str], None]) -> Test:
    name = function_name(node)
    if name not in _TEXT:
        raise NotOffered(f"The function '{name}' on definitions is not offered by the sandbox.")
    read, part = _path(node.args[0], check), _value(node.args[1])
    return lambda members: _TEXT[name](str(read(members) or ""), str(part))


def _path(node: Node, check: Callable[[str], None]) -> Callable[[Json], Any]:
    """Reads `DisplayName/UserLocalizedLabel/Label` of an item's members."""
    names = _names(node)
    check(names[0])

    def read(members: Json) -> Any:  # noqa: ANN401 - whatever JSON holds
        found: Any = members
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return read


def _names(node: Node) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_names(node.owner), node.attr.removeprefix(MARK)]
    if isinstance(node, ast.Identifier):
        return [str(node.name).removeprefix(MARK)]
    raise NotOffered("The sandbox does not offer this $filter on definitions.")


def _value(node: Node) -> object:
    """A literal; `Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'` is its member's name."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _value(node.args[0])
    if isinstance(node, ast.Null):
        return None
    if isinstance(node, ast.GUID):
        return str(node.val).lower()
    if isinstance(node, ast._Literal):
        return node.py_val
    raise NotOffered("The sandbox compares members of definitions with literals only.")
