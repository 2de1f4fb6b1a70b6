"""Rows by the key in a URL: primary key or an active alternate key (protocols A5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from p2c_sandbox.odata.errors import BadRequest, NotFound
from p2c_sandbox.odata.model import Row, Table, Value
from p2c_sandbox.odata.paths import Segment, key_of, parse_path
from p2c_sandbox.odata.texts import Collation
from p2c_sandbox.sales.call import Call
from p2c_sandbox.sales.errors import does_not_exist, no_resource, no_row_for_key, wrong_key

_PLAIN = re.compile(r"/?(?P<set>\w+)\((?P<id>[0-9a-fA-F-]{36})\)")
_UNSAFE = set("/<>*%&:\\?+")


@dataclass(frozen=True)
class Key:
    """A key as {column: value}; `primary` when it is the guid."""

    table: Table
    values: Mapping[str, Value]

    @property
    def primary(self) -> bool:
        return list(self.values) == self.table.key

    def missing(self) -> NotFound:
        """The error for a row that is not there."""
        if self.primary:
            return does_not_exist(self.table.entity, str(self.values[self.table.key_column]))
        return no_row_for_key(self.table.entity)


def read_key(call: Call, table: Table, literals: Mapping[str, str]) -> Key:
    """Check the key of a URL. Raises BadRequest when it is no active key of the table."""
    entity_type = f"{call.service.namespace}.{table.entity}"
    try:
        values = key_of(table, literals)
    except KeyError as error:
        raise wrong_key(entity_type) from error
    except ValueError as error:
        raise BadRequest(f"Error in the key of '{table.set}': {error}") from error
    key = Key(table, values)
    if key.primary:
        return key
    active = [set(c) for n, c in table.alternate_keys.items() if n not in table.inactive_keys]
    if set(values) not in active:
        raise wrong_key(entity_type)
    if any(_UNSAFE & set(value) for value in values.values() if isinstance(value, str)):
        raise BadRequest("A potentially dangerous Request.Path value was detected in the key.")
    return key


def find(call: Call, key: Key) -> Row | None:
    """The row with this key, or None; alternate keys are compared by the collation."""
    row = call.store.get(key.table.set, key.values)
    return row if row is not None or key.primary else same_row(call, key.table, key.values)


def same_row(
    call: Call, table: Table, values: Mapping[str, Value], besides: Value = None
) -> Row | None:
    """A row whose columns hold the same texts, as the collation sees it, where NOCASE sees others.
    `besides` is the guid of a row that does not count."""
    texts = {n: v for n, v in values.items() if isinstance(v, str) and table.columns[n].is_text}
    if not texts:
        return None
    collation = Collation(call.settings.text_comparison == "with_accents")
    folded = {name: collation.folded(value) for name, value in texts.items()}
    if any(folded[name] != value.lower() for name, value in texts.items()):
        found = call.store.get(table.set, {**values, **folded})
        if found is not None and found[table.key_column] != besides:
            return found
    return _odd_row(call, table, values, collation.same(texts), besides)


def _odd_row(
    call: Call,
    table: Table,
    values: Mapping[str, Value],
    same: tuple[str, tuple[str, ...]],
    besides: Value,
) -> Row | None:
    condition, parameters = same
    sql = f'SELECT _id FROM "{table.set}" WHERE {condition} AND "{table.key_column}" IS NOT ?'
    for (number,) in call.store.execute(sql, (*parameters, str(besides))):
        row = call.store.get(table.set, {"_id": number})
        others = (n for n in values if not table.columns[n].is_text)
        if row is not None and all(row[name] == values[name] for name in others):
            return row
    return None


def get(call: Call, key: Key) -> Row:
    """The row with this key. Raises NotFound."""
    row = find(call, key)
    if row is None:
        raise key.missing()
    return row


def row_of_url(call: Call, url: str, sets: set[str]) -> tuple[Table, str]:
    """Table and guid of the row a reference such as `/accounts(<guid>)` names (protocols A6).

    The reference may be absolute or relative. Raises NotFound when the row does not exist.
    """
    found = call.references.get(url)
    if found is None:
        found = call.references[url] = _referenced(call, url)
    if found[0].set not in sets:
        raise BadRequest(f"'{url}' does not fit the navigation property.")
    return found


def _referenced(call: Call, url: str) -> tuple[Table, str]:
    if plain := _PLAIN.fullmatch(url):
        segment = Segment(plain["set"], {"": plain["id"]})
    else:
        segment = parse_reference(url)
    table = call.service.tables.get(segment.name)
    if table is None or segment.key is None:
        raise no_resource(segment.name)
    key = read_key(call, table, segment.key)
    if key.primary:
        row_id = str(key.values[table.key_column])
        if call.row(table.set, row_id) is None:
            raise key.missing()
        return table, row_id
    return table, str(get(call, key)[table.key_column])


def parse_reference(url: str) -> Segment:
    """The segment that names a row in a reference, which may be an absolute URL."""
    path = urlsplit(url).path if "://" in url else url
    head, bracket, rest = path.partition("(")
    name = unquote(head).rstrip("/").rpartition("/")[2]
    return parse_path(f"{name}{bracket}{rest}")[-1]
