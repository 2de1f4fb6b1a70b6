"""POST, PATCH, PUT, DELETE: no upsert, one row at a time (protocols B4)."""

from __future__ import annotations

from collections.abc import Mapping

from p2c_sandbox.finops.company import COMPANY, Company
from p2c_sandbox.finops.errors import already_there, changed_since, no_row, unrelated, write_failed
from p2c_sandbox.finops.etags import etag
from p2c_sandbox.finops.rules import NO_RULES, RULES
from p2c_sandbox.finops.rules.base import Change, Rules
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.finops.values import Reader, empty_row
from p2c_sandbox.odata.model import Row, Table, Value
from p2c_sandbox.odata.store import IntegrityError, Store


class Writings:
    """Writes to one service's store; every call is a transaction, or part of one."""

    def __init__(self, store: Store, settings: FinopsSettings) -> None:
        self.store = store
        self.settings = settings
        self.reader = Reader(store.service, settings)
        tables = store.service.tables
        self.required = {
            name: [column.name for column in table.columns.values() if column.required]
            for name, table in tables.items()
        }
        self.empty = {name: empty_row(table, store.service) for name, table in tables.items()}

    def insert(self, table: Table, body: object, company: Company) -> Row:
        """Create a row; what it is, with its `_id`. The company comes from the body
        (protocols B2)."""
        sent = self.reader.row(table, body)
        rules = RULES.get(table.set, NO_RULES)
        row: Row = {**self._blank(table), **rules.defaults, **sent}
        with self.store.transaction():
            if COMPANY in row:
                row[COMPANY] = self._existing_company(table, row[COMPANY] or company.default)
            self._number(table, rules, row)
            self._keep(rules, Change(self.store, self.settings, table, sent, row, None))
        return row

    def update(self, table: Table, found: Row, body: object, *, replace: bool) -> None:
        """Change a row; with `replace` what the body leaves out becomes empty (PUT)."""
        sent = self.reader.row(table, body)
        self._refuse_other_key(table, found, sent)
        kept = {name: found[name] for name in table.key}
        base = self._blank(table) | kept if replace else {c: found[c] for c in table.columns}
        row: Row = base | sent | kept
        rules = RULES.get(table.set, NO_RULES)
        with self.store.transaction():
            self._keep(rules, Change(self.store, self.settings, table, sent, row, found))

    def delete(self, table: Table, found: Row) -> None:
        """Remove a row."""
        rules = RULES.get(table.set, NO_RULES)
        with self.store.transaction():
            change = Change(self.store, self.settings, table, {}, found, found)
            for hook in rules.before_delete:
                hook(change)
            self.store.delete(table.set, found)
            for hook in rules.after_delete:
                hook(change)

    def find(self, table: Table, key: Mapping[str, Value], company: Company) -> Row:
        """The row to change; one in another company is not seen (protocols B4)."""
        found = self.store.get(table.set, key)
        if found is None or not company.sees(table, found):
            raise no_row()
        return found

    def check_etag(self, found: Row, wanted: str) -> None:
        """If-Match: `*`, nothing, or the ETag of the row as it is now (protocols E7)."""
        if wanted in ("", "*") or self.settings.stale_etag == "ignored":
            return
        version = found["_version"]
        assert isinstance(version, int)
        if wanted != etag(id_of(found), version):
            raise changed_since()

    def _keep(self, rules: Rules, change: Change) -> None:
        self._required(change)
        for hook in rules.hooks:
            hook(change)
        for relation in rules.relations:
            relation.check(change)
        if change.before is None:
            self._add(change)
        else:
            self._change(change, change.before)
        for hook in rules.after_write:
            hook(change)

    def _add(self, change: Change) -> None:
        try:
            self.store.insert(change.table.storage, [self.empty[change.table.storage] | change.row])
        except IntegrityError:
            named = " ".join(
                f"{change.label(name)}: {change.row[name]}." for name in change.table.key
            )
            raise already_there(change.entity, named) from None
        change.row["_id"] = int(self.store.execute("SELECT last_insert_rowid()")[0][0])

    def _change(self, change: Change, before: Row) -> None:
        differs = {name: value for name, value in change.row.items() if value != before[name]}
        self.store.update(change.table.set, [(id_of(before), differs)])

    def _required(self, change: Change) -> None:
        lines = [
            f"Field '{change.label(name)}' must be filled in."
            for name in self.required[change.table.set]
            if change.row[name] in ("", None)
        ]
        if lines:
            raise write_failed(change.entity, lines)

    def _number(self, table: Table, rules: Rules, row: Row) -> None:
        """Protocols B6: the sequence gives the number that is left out, and may refuse a chosen
        one."""
        if rules.sequence is None:
            return
        entity, column = table.label or table.entity, rules.sequence.column
        if not row[column]:
            row[column] = rules.sequence.next(self.store, str(row[COMPANY]))
        elif self.settings.manual_numbers == "refused":
            raise write_failed(entity, [rules.sequence.refusal()])

    def _existing_company(self, table: Table, company: Value) -> str:
        if self.store.get("LegalEntities", {"LegalEntityId": company}) is None:
            line = unrelated(company, "Company", "Legal entities")
            raise write_failed(table.label or table.entity, [line])
        return str(company)

    def _refuse_other_key(self, table: Table, found: Row, sent: Mapping[str, Value]) -> None:
        for name in table.key:
            if name in sent and sent[name] != found[name]:
                line = f"Field '{table.columns[name].label or name}' cannot be edited."
                raise write_failed(table.label or table.entity, [line])

    def _blank(self, table: Table) -> Row:
        return {name: self.empty[table.set][name] for name in table.columns}


def id_of(row: Row) -> int:
    """The store's own id of a row it gave."""
    number = row["_id"]
    assert isinstance(number, int)
    return number
