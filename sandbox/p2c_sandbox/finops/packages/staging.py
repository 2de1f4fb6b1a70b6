"""What a package brings to the staging tables: its files, read by the manifest (protocols B8)."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.labels import labelled
from p2c_sandbox.odata.model import Column, Service, Table

MANIFEST = "Manifest.xml"
_ENTITY = "{*}PackageEntityList/{*}DataManagementPackageEntityData"
_MAP = "{*}EntityMapList/{*}EntityMap"
_UNREADABLE = (zipfile.BadZipFile, ElementTree.ParseError, KeyError, UnicodeError, csv.Error)
Cells = Mapping[str, str]


class PackageError(Exception):
    """The package as a whole is not imported; the sentence says why."""


@dataclass(frozen=True)
class File:
    """One entity of a package: its label, its table, and the file's lines by column."""

    label: str
    table: Table
    lines: Sequence[Cells]


@dataclass(frozen=True)
class Staged:
    """A line of a file: what it is to be, or why it did not get into the staging table."""

    cells: Cells
    key: str
    body: Mapping[str, object]
    problem: str | None = None


def files(service: Service, package: bytes) -> Iterator[File]:
    """The files of a package. Without a field map a file has no lines. Raises PackageError."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            manifest = ElementTree.fromstring(archive.read(MANIFEST))  # noqa: S314 - one's own package
            for entity in manifest.findall(_ENTITY):
                label = _text(entity, "EntityName")
                table = labelled(service, label)
                if table is None:
                    raise PackageError(f"Entity {label} does not exist in the target environment")
                content = archive.read(_text(entity, "InputFilePath"))
                yield File(label, table, _lines(entity, content))
    except _UNREADABLE as error:
        raise PackageError(f"The package cannot be read: {error}") from error


def staged(file: File, company: str) -> Iterator[Staged]:
    """Each line of a file, typed. A key that stood in it before is refused, and so is a value that
    does not fit its field."""
    columns = {column.wire.upper(): column for column in file.table.by_wire.values()}
    seen: set[str] = set()
    for cells in file.lines:
        body: dict[str, object] = {COMPANY: company} if COMPANY in file.table.columns else {}
        problem = _fill(body, columns, cells)
        key = ",".join(str(body.get(name, "")) for name in file.table.key)
        if key.lower() in seen:
            problem = f"DMF1959: Duplicate key {key} in the file of {file.label}."
        seen.add(key.lower())
        yield Staged(cells, key, body, problem)


def _lines(entity: ElementTree.Element, content: bytes) -> list[Cells]:
    if not content.startswith(codecs.BOM_UTF16_LE):
        raise PackageError("Selected file is not Unicode.")
    mapped = [_text(field, "XMLField") for field in entity.findall(_MAP)]
    if not mapped:
        return []
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-16"), newline=""))
    if missing := [name for name in mapped if name not in heading]:
        raise PackageError(f"DMF2022: The column {missing[0]} of the mapping is not in the file.")
    if unmapped := [name for name in heading if name not in mapped]:
        raise PackageError(f"DMF2025: The column {unmapped[0]} of the file is not mapped.")
    return [dict(zip(heading, line, strict=True)) for line in lines]


def _fill(body: dict[str, object], columns: Mapping[str, Column], cells: Cells) -> str | None:
    """Put typed values into `body`; why one of them does not fit. Empty numbers and dates are left
    out."""
    for name, text in cells.items():
        if (column := columns.get(name.upper())) is None:
            return f"DMF2018: The field {name} does not exist."
        if not text and column.type != "string":
            continue
        try:
            body[column.wire] = _value(column, text)
        except (ValueError, InvalidOperation):
            return f"DMF2018: The value '{text}' does not fit the field {name}."
    return None


def _value(column: Column, text: str) -> object:
    if column.type == "decimal":
        return Decimal(text)
    if column.type in ("int", "bigint"):
        return int(text)
    if column.type == "datetime":
        return f"{datetime.strptime(text, '%Y-%m-%d %H:%M:%S'):%Y-%m-%dT%H:%M:%SZ}"
    if column.length is not None and len(text) > column.length:
        raise ValueError(text)
    return text


def _text(entity: ElementTree.Element, name: str) -> str:
    return (entity.findtext("{*}" + name) or "").strip()
