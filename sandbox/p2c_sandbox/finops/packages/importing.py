"""Reads a data package and writes its rows: what exists is changed, what does not is created."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from p2c_sandbox.finops.company import COMPANY, Company
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.errors import ServiceError
from p2c_sandbox.odata.model import Column, Row, Table

MANIFEST = "Manifest.xml"
_ENTITY = "{*}PackageEntityList/{*}DataManagementPackageEntityData"


class PackageError(Exception):
    """The package cannot be read; the sentence says why."""


@dataclass
class Outcome:
    """What became of a package: rows that went in, and (entity, key, reason) of those that did
    not."""

    written: int = 0
    failed: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def status(self) -> str:
        if not self.failed:
            return "Succeeded"
        return "PartiallySucceeded" if self.written else "Failed"


def run(writings: Writings, package: bytes, company: str) -> Outcome:
    """Import a package into `company`; rows may name another one. Raises PackageError."""
    outcome = Outcome()
    for table, rows in _files(writings, package):
        for cells in rows:
            body = _typed(table, cells)
            if COMPANY in table.columns:
                body.setdefault(COMPANY, company)
            key = ",".join(str(body.get(name, "")) for name in table.key)
            try:
                _write(writings, table, body)
                outcome.written += 1
            except ServiceError as error:
                outcome.failed.append((table.set, key, error.message))
    return outcome


def _files(writings: Writings, package: bytes) -> Iterator[tuple[Table, list[dict[str, str]]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            manifest = ElementTree.fromstring(archive.read(MANIFEST))  # noqa: S314 - one's own package
            for entity in manifest.findall(_ENTITY):
                table = _table(writings, entity)
                content = archive.read(_text(entity, "InputFilePath")).decode("utf-8-sig")
                yield table, list(csv.DictReader(io.StringIO(content)))
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, UnicodeDecodeError) as error:
        raise PackageError(f"The package cannot be read: {error}") from error


def _table(writings: Writings, entity: ElementTree.Element) -> Table:
    """By the entity's name in the application object tree, or by its public name."""
    target, name = _text(entity, "TargetEntity"), _text(entity, "EntityName")
    for table in writings.store.service.tables.values():
        if target.lower() in ((table.label or table.entity).lower(), table.set.lower()):
            return table
    raise PackageError(f"The sandbox does not have the entity '{name or target}' ({target}).")


def _text(entity: ElementTree.Element, name: str) -> str:
    return (entity.findtext("{*}" + name) or "").strip()


def _typed(table: Table, cells: Mapping[str, str]) -> dict[str, object]:
    """Files hold text, and field names in any case; an empty number or date is left out."""
    columns = {column.wire.lower(): column for column in table.by_wire.values()}
    body: dict[str, object] = {}
    for name, text in cells.items():
        column = columns.get(name.lower())
        if column is None:
            body[name] = text
        elif text or column.type == "string":
            body[column.wire] = _value(column, text)
    return body


def _value(column: Column, text: str) -> object:
    if column.type not in ("int", "bigint", "decimal"):
        return text
    try:
        return Decimal(text) if column.type == "decimal" else int(text)
    except (ValueError, InvalidOperation):
        return text


def _write(writings: Writings, table: Table, body: dict[str, object]) -> None:
    key = {name: str(body.get(name, "")) for name in table.key}
    everywhere = Company(str(body.get(COMPANY, "")), cross=True)
    if COMPANY in key:
        key[COMPANY] = key[COMPANY].lower()
    found: Row | None = writings.store.get(table.set, key) if all(key.values()) else None
    with writings.store.transaction():
        if found is None:
            writings.insert(table, body, everywhere)
        else:
            writings.update(table, found, body, replace=False)
