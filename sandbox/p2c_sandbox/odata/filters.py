"""`$filter` as SQL: odata-query parses, `FilterCompiler` writes SQLite with parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from odata_query import ast

from p2c_sandbox.odata.errors import BadRequest, NotOffered, ServiceError, UnknownProperty
from p2c_sandbox.odata.literals import (
    STANDARD_FUNCTIONS,
    Node,
    Param,
    function_name,
    literal,
    pattern,
)
from p2c_sandbox.odata.model import Column, Service, Table
from p2c_sandbox.odata.syntax import MARK, parse
from p2c_sandbox.odata.texts import Collation

_COMPARE = {"Eq": "=", "NotEq": "IS NOT", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">="}
_ARITHMETIC = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Mod": "%"}
_ORDERED = ("Lt", "LtE", "Gt", "GtE")


@dataclass(frozen=True)
class Dialect:
    """What a service understands in `$filter` (protocols A3 for Sales, B3 for F&O)."""

    arithmetic: bool = False
    star_wildcard: bool = False
    sql_wildcards: bool = False
    accents: bool = True  # whether text is compared with its accents
    null_is_not_in: bool = False  # whether NotIn finds rows without a value
    query_functions: str | None = None
    known_functions: frozenset[str] = frozenset()  # query functions that the service has
    enum_namespace: str | None = None


@dataclass(frozen=True)
class Sql:
    """A piece of SQL, its parameters, and the column it comes from where there is one."""

    text: str
    params: tuple[Param, ...] = ()
    column: Column | None = None


class FilterCompiler:
    """Compiles a tree for one table. `alias` is the table's alias in the statement."""

    def __init__(self, service: Service, dialect: Dialect) -> None:
        self.service = service
        self.dialect = dialect
        self.collation = Collation(dialect.accents)
        self._aliases = 0

    def compile(self, text: str, table: Table, alias: str = "t") -> Sql:
        """SQL condition for a filter. Raises BadRequest, NotOffered."""
        scope = _Scope(table, alias)
        return self._condition(parse(text), scope)

    # -- conditions ---------------------------------------------------------------------------

    def _condition(self, node: Node, scope: _Scope) -> Sql:
        handlers: dict[type, Callable[..., Sql]] = {
            ast.BoolOp: self._bool_op,
            ast.UnaryOp: self._not,
            ast.Compare: self._compare,
            ast.Call: self._call,
            ast.CollectionLambda: self._lambda,
        }
        if handler := handlers.get(type(node)):
            return handler(node, scope)
        if isinstance(node, ast.Boolean):
            return Sql("1" if node.py_val else "0")
        return self._bool_property(node, scope)

    def _bool_property(self, node: Node, scope: _Scope) -> Sql:
        term = self._operand(node, scope)
        if term.column is None or term.column.type != "bool":
            raise BadRequest("The $filter expression must evaluate to a single boolean value.")
        return Sql(f"{term.text} = 1", term.params)

    def _bool_op(self, node: ast.BoolOp, scope: _Scope) -> Sql:
        left, right = self._condition(node.left, scope), self._condition(node.right, scope)
        word = "AND" if isinstance(node.op, ast.And) else "OR"
        return Sql(f"({left.text} {word} {right.text})", left.params + right.params)

    def _not(self, node: ast.UnaryOp, scope: _Scope) -> Sql:
        if not isinstance(node.op, ast.Not):
            raise BadRequest("The $filter expression must evaluate to a single boolean value.")
        inner = self._condition(node.operand, scope)
        return Sql(f"NOT coalesce({inner.text}, 0)", inner.params)

    def _compare(self, node: ast.Compare, scope: _Scope) -> Sql:
        kind = type(node.comparator).__name__
        if kind == "In":
            raise BadRequest("The 'in' operator is not supported (OData 4.01).")
        if isinstance(node.left, ast._Literal) and not isinstance(node.right, ast._Literal):
            mirrored = {"Lt": "Gt", "LtE": "GtE", "Gt": "Lt", "GtE": "LtE"}.get(kind, kind)
            return self._compare_with(mirrored, node.right, node.left, scope)
        return self._compare_with(kind, node.left, node.right, scope)

    def _compare_with(self, kind: str, left: Node, right: Node, scope: _Scope) -> Sql:
        term = self._operand(left, scope)
        if isinstance(right, ast.Null):
            return Sql(f"{term.text} IS {'NOT ' if kind == 'NotEq' else ''}NULL", term.params)
        if not self._is_literal(right):
            return self._compare_terms(kind, term, self._operand(right, scope))
        value = literal(right, term.column, self.dialect.enum_namespace)
        if isinstance(value, str) and term.column is not None and term.column.is_text:
            return self._compare_text(kind, term, value)
        return Sql(f"{term.text} {_COMPARE[kind]} ?", (*term.params, value))

    def _is_literal(self, node: Node) -> bool:
        enum = isinstance(node, ast.Call) and bool(node.func.namespace) and len(node.args) == 1
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast._Literal)
        return enum or negative or isinstance(node, ast._Literal)

    def _compare_text(self, kind: str, term: Sql, value: str) -> Sql:
        if kind in _ORDERED and term.column is not None and term.column.type == "enum":
            raise BadRequest("Enum properties can only be compared with eq and ne.")
        if self.dialect.star_wildcard and "*" in value and kind in ("Eq", "NotEq"):
            found = self._like(term, pattern(value.replace("*", "\0"), wildcards=False))
            return found if kind == "Eq" else Sql(f"NOT coalesce({found.text}, 0)", found.params)
        if kind in _ORDERED:
            return Sql(*self.collation.ordered(kind, term.text, value))
        equal = Sql(*self.collation.one_of(term.text, [value]))
        return equal if kind == "Eq" else Sql(f"NOT coalesce({equal.text}, 0)", equal.params)

    def _compare_terms(self, kind: str, left: Sql, right: Sql) -> Sql:
        a, b = (self._comparable(term) for term in (left, right))
        return Sql(f"{a} {_COMPARE[kind]} {b}", left.params + right.params)

    def _comparable(self, term: Sql) -> str:
        if term.column is not None and term.column.is_text:
            return self.collation.key(term.text)
        return _plain_number(term)

    # -- functions ----------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: _Scope) -> Sql:
        name = function_name(node)
        prefix = f"{self.dialect.query_functions}."
        if self.dialect.query_functions and name.startswith(prefix):
            return self._query_function(name.removeprefix(prefix), node, scope)
        affixes = {"contains": ("%", "%"), "startswith": ("", "%"), "endswith": ("%", "")}
        if name not in affixes:
            raise _not_offered(name)
        term, (before, after) = self._operand(node.args[0], scope), affixes[name]
        if not isinstance(node.args[1], ast.String):
            raise BadRequest(f"The second argument of '{name}' must be a string.")
        searched = pattern(node.args[1].val, wildcards=self.dialect.sql_wildcards)
        return self._like(term, before + searched + after)

    def _like(self, term: Sql, searched: str) -> Sql:
        if term.column is None:
            raise NotOffered("The sandbox looks for text in properties only.")
        if "[" in searched and self.dialect.sql_wildcards:
            return Sql(*self.collation.matches(term.text, searched))
        return Sql(*self.collation.like(term.text, searched))

    def _query_function(self, name: str, node: ast.Call, scope: _Scope) -> Sql:
        """`In` and `NotIn` (protocols A3); the other query functions are not offered."""
        if name not in ("In", "NotIn"):
            if name not in self.dialect.known_functions:
                raise _unknown_function(name)
            raise NotOffered(f"The query function '{name}' is not offered by the sandbox.")
        arguments: dict[str, Node] = {
            p.name.name: p.param for p in node.args if isinstance(p, ast.NamedParam)
        }
        if (
            not isinstance(arguments.get("PropertyValues"), ast.List)
            or "PropertyName" not in arguments
        ):
            raise BadRequest(f"'{name}' needs PropertyName and PropertyValues.")
        term = self._operand(ast.Identifier(arguments["PropertyName"].val), scope)
        values = tuple(_listed(item, term.column) for item in arguments["PropertyValues"].val)
        found = self._one_of(term, values)
        if name == "In":
            return found
        missing = 0 if self.dialect.null_is_not_in else 1
        return Sql(f"NOT coalesce({found.text}, {missing})", found.params)

    def _one_of(self, term: Sql, values: tuple[Param, ...]) -> Sql:
        if term.column is not None and term.column.is_text:
            return Sql(*self.collation.one_of(term.text, [str(value) for value in values]))
        marks = ", ".join("?" * len(values))
        return Sql(f"{term.text} IN ({marks})", (*term.params, *values))

    def _lambda(self, node: ast.CollectionLambda, scope: _Scope) -> Sql:
        name = getattr(node.owner, "name", "")
        child = scope.table.children.get(name)
        if child is None:
            raise UnknownProperty(name, f"{self.service.namespace}.{scope.table.entity}")
        table, alias = self.service.table(child.set), self._alias()
        joined = f'{alias}."{child.column}" = {scope.alias}."{scope.table.key_column}"'
        inner = Sql("1")
        if node.lambda_ is not None:
            inner = self._condition(
                node.lambda_.expression, _Scope(table, alias, node.lambda_.identifier.name)
            )
        negate = isinstance(node.operator, ast.All)
        test = f"NOT coalesce({inner.text}, 0)" if negate else inner.text
        exists = f'EXISTS (SELECT 1 FROM "{child.set}" {alias} WHERE {joined} AND {test})'
        return Sql(f"NOT {exists}" if negate else exists, inner.params)

    # -- operands -----------------------------------------------------------------------------

    def _operand(self, node: Node, scope: _Scope) -> Sql:
        if isinstance(node, ast.Identifier | ast.Attribute):
            names = _path(node)
            if scope.variable and names[0] == scope.variable:
                names = names[1:]
            return self.property_path(names, scope.table, scope.alias)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, scope)
        if self._is_literal(node):
            value = literal(node, None, self.dialect.enum_namespace)
            return Sql("?", (value,))
        if isinstance(node, ast.Call):
            raise _not_offered(function_name(node))
        raise BadRequest("The $filter expression has an operand that is not understood.")

    def _arithmetic(self, node: ast.BinOp, scope: _Scope) -> Sql:
        if not self.dialect.arithmetic:
            raise BadRequest("Arithmetic operators are not supported in $filter.")
        left, right = self._operand(node.left, scope), self._operand(node.right, scope)
        word = _ARITHMETIC[type(node.op).__name__]
        text = f"({_plain_number(left)} {word} {_plain_number(right)})"
        return Sql(text, left.params + right.params)

    def property_path(self, names: list[str], table: Table, alias: str) -> Sql:
        """A property, or a property of a row a lookup points to (`nav/property`)."""
        entity = f"{self.service.namespace}.{table.entity}"
        if len(names) == 1:
            column = table.by_wire.get(names[0])
            if column is None:
                raise UnknownProperty(names[0], entity)
            return Sql(f'{alias}."{column.stored}"', (), column)
        if names[0] not in table.navigation:
            raise UnknownProperty(names[0], entity)
        lookup, target_set = table.navigation[names[0]]
        target, inner_alias = self.service.table(target_set), self._alias()
        inner = self.property_path(names[1:], target, inner_alias)
        joined = f'{inner_alias}."{target.key_column}" = {alias}."{lookup.name}"'
        text = f'(SELECT {inner.text} FROM "{target_set}" {inner_alias} WHERE {joined})'
        collation = " COLLATE NOCASE" if inner.column and inner.column.is_text else ""
        return Sql(text + collation, inner.params, inner.column)

    def _alias(self) -> str:
        self._aliases += 1
        return f"n{self._aliases}"


@dataclass(frozen=True)
class _Scope:
    table: Table
    alias: str
    variable: str = field(default="")


def _unknown_function(name: str) -> BadRequest:
    return BadRequest(f"An unknown function with name '{name}' was found.")


def _not_offered(name: str) -> ServiceError:
    if name not in STANDARD_FUNCTIONS:
        return _unknown_function(name)
    return NotOffered(f"The function '{name}' in $filter is not offered by the sandbox.")


def _path(node: Node) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_path(node.owner), node.attr.removeprefix(MARK)]
    return [node.full_name().removeprefix(MARK)]


def _listed(item: Node, column: Column | None) -> Param:
    """Values of `In` may all be quoted strings, whatever the column's type."""
    if isinstance(item, ast.String) and column is not None and not column.is_text:
        if column.edm == "Edm.Guid":
            item = ast.GUID(item.val)
        elif column.edm in ("Edm.Int32", "Edm.Int64", "Edm.Decimal"):
            item = ast.Float(item.val)
    return literal(item, column, None)


def _plain_number(term: Sql) -> str:
    """Scaled integers as approximate numbers, for arithmetic and comparisons between columns."""
    if term.column is not None and term.column.is_scaled and term.column.scale:
        return f"({term.text} / 1e{term.column.scale})"
    return term.text
