"""Reading rows: query options to SQL, SQL rows to JSON objects, expansions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from p2c_sandbox.odata.errors import BadRequest, UnknownProperty
from p2c_sandbox.odata.filters import Dialect, FilterCompiler, Sql
from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.media import NUMBERS_AS_TEXT
from p2c_sandbox.odata.model import Child, Column, Table
from p2c_sandbox.odata.options import Expand, Options
from p2c_sandbox.odata.store import Store
from p2c_sandbox.odata.values import decimal_text

Convert = Callable[[Any], object]
TRUE = Sql("1")
_CHUNK = 500


@dataclass(frozen=True)
class Field:
    """One member of the JSON object: its name, the SQL that reads it, and a last conversion."""

    name: str
    sql: str
    convert: Convert | None = None


@dataclass(frozen=True)
class Order:
    """One part of the order of rows."""

    sql: str
    descending: bool = False


@dataclass(frozen=True)
class Query:
    """What to read: a table, its options, a further condition, and where the page starts."""

    table: Table
    options: Options
    where: Sql = TRUE
    order: tuple[Order, ...] | None = None
    limit: int | None = None
    after: tuple[Any, ...] | None = None
    offset: int = 0


@dataclass(frozen=True)
class Page:
    """Rows of one answer; `last` holds the order values of the last row when more follow."""

    rows: list[Json]
    last: tuple[Any, ...] | None


class Reader:
    """Reads for one service. Subclasses say what a row always holds and how its ETag looks."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store = store
        self.service = store.service
        self.dialect = dialect

    # -- what a service decides -----------------------------------------------------------------

    def implied(self, table: Table, columns: list[Column]) -> list[Column]:
        """Columns that come along with the selected ones."""
        return []

    def etag(self, table: Table) -> Field | None:
        """The `@odata.etag` member."""
        return None

    def text(self, column: Column) -> Convert | None:
        """Conversion of a stored value for JSON."""
        if NUMBERS_AS_TEXT.get() and (column.is_scaled or column.type == "bigint"):
            digits = column.scale
            return lambda value: decimal_text(value, digits)
        if column.is_scaled:
            scale = column.scale
            return lambda value: orjson.Fragment(decimal_text(value, scale))
        return bool if column.type == "bool" else None

    # -- reading --------------------------------------------------------------------------------

    def read(self, query: Query) -> Page:
        """One page. `query.limit` rows at most; one more is read to know whether more follow."""
        fields = self.fields(query.table, query.options)
        order = query.order or self.order(query.table, query.options)
        where = self._where(query, order)
        links = self._link_columns(query.table, query.options)
        columns = [f.sql for f in fields] + [o.sql for o in order] + links
        sql = f'SELECT {", ".join(columns)} FROM "{query.table.storage}" t WHERE {where.text}'
        sql += f" ORDER BY {', '.join(o.sql + ' DESC' * o.descending for o in order)}"
        if query.limit is not None:
            sql += f" LIMIT {query.limit + 1} OFFSET {query.offset}"
        found = self.store.execute(sql, where.params)
        more = query.limit is not None and len(found) > query.limit
        found = found[: query.limit] if more else found
        rows = to_json(fields, found)
        self._expand_all(query, rows, [row[len(fields) + len(order) :] for row in found])
        last = found[-1][len(fields) : len(fields) + len(order)] if more and found else None
        return Page(rows, last)

    def count(self, query: Query, cap: int | None = None) -> int:
        """Number of rows that meet the filter, `$top` aside; at most `cap`."""
        where = self._where(replace(query, after=None), ())
        limit = "" if cap is None else f" LIMIT {cap}"
        inner = f'SELECT 1 FROM "{query.table.storage}" t WHERE {where.text}{limit}'
        return int(self.store.execute(f"SELECT count(*) FROM ({inner})", where.params)[0][0])

    def fields(self, table: Table, options: Options) -> list[Field]:
        """Members of the JSON objects. Raises UnknownProperty for a name in `$select`."""
        columns = self._selected(table, options)
        extra = [c for c in self.implied(table, columns) if c not in columns]
        etag = self.etag(table)
        fields = [etag] if etag else []
        return fields + [Field(c.wire, f't."{c.stored}"', self.text(c)) for c in (*columns, *extra)]

    def _selected(self, table: Table, options: Options) -> list[Column]:
        if options.select is None:
            return list(table.by_wire.values())
        for name in options.select:
            if name not in table.by_wire and name not in table.navigation:
                raise UnknownProperty(name, f"{self.service.namespace}.{table.entity}")
        return [table.by_wire[name] for name in options.select if name in table.by_wire]

    def order(self, table: Table, options: Options) -> tuple[Order, ...]:
        """`$orderby`, always ended by the key so that pages neither repeat nor lose rows."""
        compiler = FilterCompiler(self.service, self.dialect)
        order = []
        for name, descending in options.orderby:
            term = compiler.property_path(name.split("/"), table, "t")
            is_string = term.column is not None and term.column.type == "string"
            sql = compiler.collation.key(term.text) if is_string else term.text
            order.append(Order(sql, descending))
        named = {o.sql for o in order}
        keys = (f't."{name}"' for name in table.key)
        return (*order, *(Order(sql) for sql in keys if sql not in named))

    def _where(self, query: Query, order: Sequence[Order]) -> Sql:
        parts = [query.where]
        if query.options.filter:
            compiler = FilterCompiler(self.service, self.dialect)
            parts.append(compiler.compile(query.options.filter, query.table))
        if query.after is not None:
            parts.append(after_row(order, query.after))
        return all_of(parts)

    # -- expansions -----------------------------------------------------------------------------

    def _link_columns(self, table: Table, options: Options) -> list[str]:
        """Stored columns that `$expand` follows: the lookup, or the own key for collections."""
        return [f't."{self._link(table, e)[0]}"' for e in options.expand]

    def _link(self, table: Table, expand: Expand) -> tuple[str, Child | str]:
        if expand.navigation in table.navigation:
            column, target = table.navigation[expand.navigation]
            return column.name, target
        if expand.navigation in table.children:
            return table.key_column, table.children[expand.navigation]
        raise UnknownProperty(expand.navigation, f"{self.service.namespace}.{table.entity}")

    def _expand_all(self, query: Query, rows: list[Json], links: list[tuple[Any, ...]]) -> None:
        for index, expand in enumerate(query.options.expand):
            values = [link[index] for link in links]
            target = self._link(query.table, expand)[1]
            if isinstance(target, Child):
                self._expand_children(rows, values, target, expand)
            else:
                self._expand_parent(rows, values, self.service.table(target), expand)

    def _expand_parent(
        self, rows: list[Json], values: list[Any], table: Table, expand: Expand
    ) -> None:
        if expand.options.names - {"$select", "$expand"}:
            raise BadRequest("Only $select and $expand are allowed in a single-valued $expand.")
        found = self._related(table, table.key_column, values, expand.options)
        for row, value in zip(rows, values, strict=True):
            row[expand.navigation] = next(iter(found.get(value, ())), None)

    def _expand_children(
        self, rows: list[Json], values: list[Any], child: Child, expand: Expand
    ) -> None:
        table = self.service.table(child.set)
        found = self._related(table, child.column, values, expand.options)
        for row, value in zip(rows, values, strict=True):
            row[expand.navigation] = found.get(value, [])[: expand.options.top]

    def _related(
        self, table: Table, column: str, values: Iterable[Any], options: Options
    ) -> dict[Any, list[Json]]:
        """Rows of a table grouped by the column that links them."""
        wanted = list(dict.fromkeys(value for value in values if value is not None))
        grouped: dict[Any, list[Json]] = defaultdict(list)
        link = Order(f't."{column}"')
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            where = Sql(f"{link.sql} IN ({','.join('?' * len(chunk))})", tuple(chunk))
            order = (*self.order(table, options),)
            self._group(grouped, Query(table, options, where, order), link)
        return grouped

    def _group(self, grouped: dict[Any, list[Json]], query: Query, link: Order) -> None:
        fields = self.fields(query.table, query.options)
        links = self._link_columns(query.table, query.options)
        where = self._where(query, ())
        columns = ", ".join([*(f.sql for f in fields), *links, link.sql])
        order = ", ".join(o.sql + " DESC" * o.descending for o in query.order or ())
        sql = f'SELECT {columns} FROM "{query.table.storage}" t WHERE {where.text} ORDER BY {order}'
        found = self.store.execute(sql, where.params)
        rows = to_json(fields, found)
        self._expand_all(query, rows, [row[len(fields) : -1] for row in found])
        for row, raw in zip(rows, found, strict=True):
            grouped[raw[-1]].append(row)


def to_json(fields: Sequence[Field], found: Iterable[tuple[Any, ...]]) -> list[Json]:
    """Rows as JSON objects; further columns of the rows are left out."""
    names = [field.name for field in fields]
    rows = [dict(zip(names, row)) for row in found]  # noqa: B905 (rows may be longer)
    for field in fields:
        if (convert := field.convert) is not None:
            name = field.name
            for row in rows:
                if (value := row[name]) is not None:
                    row[name] = convert(value)
    return rows


def all_of(parts: Sequence[Sql]) -> Sql:
    """Conditions joined by AND."""
    texts = [part.text for part in parts if part is not TRUE]
    params = tuple(value for part in parts for value in part.params)
    return Sql(" AND ".join(texts) or "1", params)


def after_row(order: Sequence[Order], values: Sequence[Any]) -> Sql:
    """Rows that come after the one with these order values (nulls sort first, as in SQL Server)."""
    options: list[str] = []
    params: list[Any] = []
    for index in range(len(order)):
        terms = [f"{o.sql} IS ?" for o in order[:index]]
        params += values[:index]
        text, needs_value = _beyond(order[index], values[index])
        params += [values[index]] if needs_value else []
        options.append(f"({' AND '.join([*terms, text])})")
    return Sql(f"({' OR '.join(options)})", tuple(params))


def _beyond(order: Order, value: object) -> tuple[str, bool]:
    if value is None:
        return ("0" if order.descending else f"{order.sql} IS NOT NULL"), False
    if order.descending:
        return f"({order.sql} < ? OR {order.sql} IS NULL)", True
    return f"{order.sql} > ?", True
