"""SQLite behind a service: one table for each entity set, row versions, deletions, counters.

Every row has two columns the model does not name: `_id` (integer, never reused) and `_version`
(grows by one with each write in the whole store; ETags and change tracking are made of it).
All calls must be made by the thread that holds `lock`; writes belong inside `transaction()`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from p2c_sandbox.odata import ddl
from p2c_sandbox.odata.folding import register
from p2c_sandbox.odata.model import Row, Service, Table, Value
from p2c_sandbox.odata.values import Coder, Decoder, Stored, decoder, encoder

Clock = Callable[[], datetime]
VERSION = "version"


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as the store and both services write it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class _Plan:
    """What is worked out once for each table: columns in order and their coders."""

    names: tuple[str, ...]
    select_sql: str
    encoders: tuple[tuple[str, Coder], ...]
    decoders: tuple[tuple[str, Decoder], ...]


class Store:
    """Rows of a service. Values in and out are Python values (Decimal, bool, str, int, None)."""

    def __init__(
        self, service: Service, path: Path | None = None, *, clock: Clock = utc_now
    ) -> None:
        self.service = service
        self.clock = clock
        self.lock = threading.RLock()
        self._db = ddl.connect(path)
        register(self._db)
        self._depth = 0
        for statement in ddl.statements(service):
            self._db.execute(statement)
        self._plans = {name: _plan(table) for name, table in service.tables.items()}
        self._counters = self._load_counters()
        self._kept_counters = dict(self._counters)

    def close(self) -> None:
        """Close the file; the store is unusable afterwards."""
        with self.lock:
            self._db.close()

    # -- transactions -------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside another transaction it is a savepoint: it can fail alone."""
        with self.lock:
            name = f"p{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._undo(name)
                raise
            self._depth -= 1
            self._finish(name)

    def _undo(self, name: str) -> None:
        if self._depth:
            self._db.execute(f"ROLLBACK TO {name}")
            self._db.execute(f"RELEASE {name}")
        else:
            self._db.execute("ROLLBACK")
            self._counters = self._load_counters()

    def _finish(self, name: str) -> None:
        if self._depth:
            self._db.execute(f"RELEASE {name}")
            return
        moved = self._counters.items() - self._kept_counters.items()
        self._db.executemany("INSERT OR REPLACE INTO _counters (name, value) VALUES (?, ?)", moved)
        self._kept_counters.update(moved)
        self._db.execute("COMMIT")

    # -- counters -----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """The version of the last write."""
        return self._counters.get(VERSION, 0)

    def next_number(self, counter: str, *, first: int = 1) -> int:
        """Next value of a named counter (number sequences, ids); kept when the transaction is."""
        value = self._counters.get(counter, first - 1) + 1
        self._counters[counter] = value
        return value

    def number(self, counter: str) -> int:
        """Where a named counter stands; 0 before its first value."""
        return self._counters.get(counter, 0)

    def set_number(self, counter: str, value: int) -> None:
        """Move a named counter; kept when the transaction is."""
        self._counters[counter] = value

    def _load_counters(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, value FROM _counters"))

    # -- writing ------------------------------------------------------------------------------

    def insert(self, entity_set: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Insert rows; columns that are not given become null. Raises sqlite3.IntegrityError
        when a key or an alternate key is taken."""
        plan, storage = self._plans[entity_set], self.service.table(entity_set).storage
        version = self.version
        groups: dict[tuple[str, ...], list[tuple[Stored, ...]]] = {}
        for number, row in enumerate(rows, version + 1):
            # sqlite3 binds None slowly, and most columns of most rows are null: leave them out.
            sent = {name: value for name, value in row.items() if value is not None}
            values = _encode(sent, plan.encoders)
            groups.setdefault(tuple(values), []).append((number, number, *values.values()))
        self._counters[VERSION] = version + len(rows)
        for names, parameters in groups.items():
            self._db.executemany(_insert_sql(storage, names), parameters)

    def update(self, entity_set: str, changes: Iterable[tuple[int, Mapping[str, Value]]]) -> None:
        """Update rows by `_id`; each gets a new version even when nothing differs
        (protocols A7)."""
        plan, storage = self._plans[entity_set], self.service.table(entity_set).storage
        groups: dict[tuple[str, ...], list[tuple[Stored, ...]]] = {}
        for row_id, row in changes:
            values = _encode(row, plan.encoders)
            version = self.next_number(VERSION)
            groups.setdefault(tuple(values), []).append((version, *values.values(), row_id))
        for names, parameters in groups.items():
            assignments = "".join(f', "{name}" = ?' for name in names)
            sql = f'UPDATE "{storage}" SET _version = ?{assignments} WHERE _id = ?'
            self._db.executemany(sql, parameters)

    def delete(self, entity_set: str, row: Row) -> None:
        """Delete a row as `get` gave it and remember its key for change tracking."""
        table = self.service.table(entity_set)
        self._db.execute(f'DELETE FROM "{table.storage}" WHERE _id = ?', (row["_id"],))
        version = self.next_number(VERSION)
        key = str(row[table.key_column])
        self._db.execute(
            "INSERT INTO _deletions (entity_set, key, version) VALUES (?, ?, ?)",
            (entity_set, key, version),
        )

    # -- reading ------------------------------------------------------------------------------

    def get(self, entity_set: str, key: Mapping[str, Value]) -> Row | None:
        """The one row with these column values, with `_id` and `_version`; None if absent."""
        rows = self.find(entity_set, key, limit=1)
        return rows[0] if rows else None

    def find(
        self, entity_set: str, where: Mapping[str, Value], *, limit: int | None = None
    ) -> list[Row]:
        """Rows whose columns equal the given values (None = is null), in order of insertion."""
        plan = self._plans[entity_set]
        values = _encode(where, plan.encoders)
        terms = [f'"{name}" IS ?' if v is None else f'"{name}" = ?' for name, v in values.items()]
        sql = f"{plan.select_sql} WHERE {' AND '.join(terms) or '1'} ORDER BY _id"
        if limit is not None:
            sql += f" LIMIT {limit}"
        return self._rows(plan, self.execute(sql, tuple(values.values())))

    def get_many(self, entity_set: str, column: str, values: Sequence[Stored]) -> list[Row]:
        """Rows whose (text or integer) column holds one of the values, in no order."""
        plan, found = self._plans[entity_set], []
        for start in range(0, len(values), 500):
            chunk = values[start : start + 500]
            marks = ",".join("?" * len(chunk))
            found += self.execute(f'{plan.select_sql} WHERE "{column}" IN ({marks})', chunk)
        return self._rows(plan, found)

    def execute(self, sql: str, parameters: Sequence[Stored] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT of the query engine; values are as stored."""
        with self.lock:
            return self._db.execute(sql, parameters).fetchall()

    def count(self, entity_set: str) -> int:
        """Number of rows."""
        return int(self.execute(f'SELECT count(*) FROM "{entity_set}"')[0][0])

    def deletions(self, entity_set: str, after: int, until: int) -> list[tuple[str, int]]:
        """(key, version) of rows deleted in (after, until] that were not made again since."""
        table = self.service.table(entity_set)
        sql = (
            "SELECT key, max(version) FROM _deletions"
            " WHERE entity_set = ? AND version > ? AND version <= ?"
            f' AND NOT EXISTS (SELECT 1 FROM "{entity_set}" t WHERE t."{table.key_column}" = key)'
            " GROUP BY key ORDER BY 2"
        )
        return self.execute(sql, (entity_set, after, until))

    def clear(self) -> None:
        """Remove every row and counter."""
        with self.transaction():
            for table in self.service.tables.values():
                self._db.execute(f'DELETE FROM "{table.storage}"')
            self._db.execute("DELETE FROM _deletions")
            self._db.execute("DELETE FROM _counters")
            self._counters = {}
            self._kept_counters = {}

    @staticmethod
    def _rows(plan: _Plan, rows: Iterable[tuple[Any, ...]]) -> list[Row]:
        names = ("_id", "_version", *plan.names)
        result: list[Row] = [dict(zip(names, row, strict=True)) for row in rows]
        for row in result:
            for name, decode in plan.decoders:
                row[name] = decode(row[name])  # type: ignore[arg-type]
        return result


@lru_cache(maxsize=1024)
def _insert_sql(storage: str, names: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{name}"' for name in ("_id", "_version", *names))
    return f'INSERT INTO "{storage}" ({listed}) VALUES ({", ".join("?" * (len(names) + 2))})'


def _encode(row: Mapping[str, Value], encoders: tuple[tuple[str, Coder], ...]) -> dict[str, Stored]:
    values: dict[str, Any] = dict(row)
    for name, encode in encoders:
        if (value := values.get(name)) is not None:
            values[name] = encode(value)
    return values


def _plan(table: Table) -> _Plan:
    names = tuple(ddl.stored_columns(table))
    listed = ", ".join(f'"{name}"' for name in names)
    columns = [c for c in table.columns.values() if not c.source]
    return _Plan(
        names=names,
        select_sql=f'SELECT _id, _version, {listed} FROM "{table.set}"',
        encoders=tuple((c.name, e) for c in columns if (e := encoder(c))),
        decoders=tuple((c.name, d) for c in columns if (d := decoder(c))),
    )


IntegrityError = sqlite3.IntegrityError
