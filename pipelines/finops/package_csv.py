"""The CSV file of a package as Arrow columns of the declared types, as OData sends the same rows.

Numbers are exact; what is empty in the file is what OData sends for empty ('', 0, 1900-01-01);
a date becomes its noon. There is no ETag in a package (protocols B6, B8).
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.csv as pc_csv

from ..common.errors import UnknownColumn
from ..common.package_errors import BadPackage
from ..common.tables import Table
from .package_values import column_from_text

COMPANY = "dataAreaId"
MANIFEST = "Manifest.xml"
BLOCK = 8 << 20  # bytes that are read at once; no row may be longer
_MARKS = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def rows_in(package: Path, table: Table, company: str) -> Iterator[pa.Table]:
    """The rows of a table's entity in a package, in pieces of `table.schema`.

    company: of the export, where the file does not say it. Raises BadPackage, UnknownColumn where a
    declared column is not in it, UnexpectedValue.
    """
    assert table.packaged is not None
    try:
        with zipfile.ZipFile(package) as archive:
            name = _file_of(archive, table.packaged.label)
            yield from _pieces(archive, name, table, company)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, UnicodeError, csv.Error) as error:
        raise _bad(table, error) from None
    except pa.ArrowInvalid as error:
        raise _bad(table, error) from None


def _bad(table: Table, error: Exception) -> BadPackage:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return BadPackage(table.system, table.name, reason)


def _file_of(archive: zipfile.ZipFile, label: str) -> str:
    """As the manifest says, or by the label. KeyError where there is neither."""
    names = {name.lower(): name for name in archive.namelist()}
    wanted = f"{label}.csv"
    if MANIFEST.lower() in names:
        content = archive.read(names[MANIFEST.lower()])
        wanted = _in_manifest(content, label) or wanted
    if wanted.lower() not in names:
        raise KeyError(f"there is no file {wanted!r} in it")
    return names[wanted.lower()]


def _in_manifest(content: bytes, label: str) -> str | None:
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - of the service that holds all our data
    except ElementTree.ParseError:
        return None
    for entity in root.iterfind(".//{*}DataManagementPackageEntityData"):
        if (entity.findtext("{*}EntityName") or "").strip().lower() == label.lower():
            return (entity.findtext("{*}InputFilePath") or "").strip() or None
    return None


def _pieces(archive: zipfile.ZipFile, name: str, table: Table, company: str) -> Iterator[pa.Table]:
    with archive.open(name) as file:
        encoding = _encoding(file)
    with archive.open(name) as file:
        header = _header(file, encoding)
    if not header:
        raise csv.Error("its file has no first line")
    fields = _fields(header, table)
    with archive.open(name) as file:
        for batch in _batches(file, encoding, header, list(fields.values())):
            yield _typed(pa.Table.from_batches([batch]), fields, table, company)


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    return "utf-16-le" if start[1:2] == b"\0" else "utf-8"


def _header(file: IO[bytes], encoding: str) -> list[str]:
    text = io.TextIOWrapper(file, encoding, newline="")
    return next(csv.reader(text), [])


def _fields(header: list[str], table: Table) -> dict[str, str]:
    """Declared field → its name in the file; the company's may be missing."""
    found = {name.strip().lower(): name for name in header}
    fields = {f: found[f.lower()] for f in table.fields if f.lower() in found}
    missing = [c.name for c in table.columns if c.field not in fields and c.field != COMPANY]
    if missing:
        raise UnknownColumn(table.system, table.name, missing)
    return fields


def _batches(
    file: IO[bytes], encoding: str, header: list[str], wanted: list[str]
) -> Iterator[pa.RecordBatch]:
    """Texts of the wanted columns; what they hold is looked at afterwards."""
    reader = pc_csv.open_csv(
        pa.PythonFile(file, "r"),
        pc_csv.ReadOptions(
            encoding=encoding, block_size=BLOCK, column_names=header, skip_rows=1, use_threads=False
        ),
        pc_csv.ParseOptions(newlines_in_values=True),
        pc_csv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
        ),
    )
    yield from reader


def _typed(texts: pa.Table, fields: dict[str, str], table: Table, company: str) -> pa.Table:
    arrays = []
    for column in table.columns:
        if column.field in fields:
            array = column_from_text(texts[fields[column.field]], column, table)
        else:
            array = pa.repeat(pa.scalar(company, pa.string()), texts.num_rows)
        if column.field == COMPANY:
            array = pa.compute.utf8_lower(array)
        arrays.append(array)
    nothing = [pa.nulls(texts.num_rows, table.schema.field(n).type) for n in ("etag", "deleted_at")]
    return pa.Table.from_arrays([*arrays, *nothing], schema=table.schema)
