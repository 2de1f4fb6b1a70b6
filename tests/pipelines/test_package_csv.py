"""Files of packages: encodings, forms of values, and what is no package."""

from __future__ import annotations

import codecs
import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.common.errors import UnexpectedValue, UnknownColumn
from pipelines.common.package_errors import BadPackage
from pipelines.common.tables import Table, load_tables
from pipelines.finops.package_csv import rows_in

DECLARED = """
Things:
  key: [dataAreaId, Number]
  package: {label: Some things, dates: [Day]}
  columns: {dataAreaId: text, Number: text, Amount: "decimal(32,6)", Count: int, Day: timestamp,
            At: timestamp}
"""
HEAD = "NUMBER,AMOUNT,COUNT,DAY,AT,OTHER\r\n"


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "tables.yml"
    path.write_text(DECLARED)
    return load_tables(path, "finops")["things"]


def package(folder: Path, content: bytes, name: str = "Some things.csv", **more: str) -> Path:
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other, text in more.items():
            archive.writestr(other.replace("_", "."), text)
    return path


def unicode(text: str) -> bytes:
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def rows(path: Path, table: Table) -> list[tuple[object, ...]]:
    """Values of the declared columns; ETag and deletion are empty."""
    found = [row for part in rows_in(path, table, "USMF") for row in part.to_pylist()]
    assert {(row.pop("etag"), row.pop("deleted_at")) for row in found} <= {(None, None)}
    return [tuple(row.values()) for row in found]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LINE = '"a ""b"", c\r\nd",-0.500000,7,2026-01-31 00:00:00,2026-01-31 23:59:59,x\r\n'
EXPECTED = ("usmf", 'a "b", c\r\nd', Decimal("-0.500000"), 7, at("2026-01-31T12:00"),
            at("2026-01-31T23:59:59"))  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        unicode(HEAD + LINE),
        (HEAD + LINE).encode("utf-16-le"),
        codecs.BOM_UTF16_BE + (HEAD + LINE).encode("utf-16-be"),
        (HEAD + LINE).encode(),
        (HEAD + LINE).encode("utf-8-sig"),
    ],
)
def test_every_encoding_that_is_seen(tmp_path: Path, table: Table, content: bytes) -> None:
    assert rows(package(tmp_path, content), table) == [EXPECTED]


def test_what_is_empty_is_what_odata_sends_for_it(tmp_path: Path, table: Table) -> None:
    ((row),) = rows(package(tmp_path, unicode(HEAD + "1,,,,,\r\n")), table)
    assert row == ("usmf", "1", Decimal(0), 0, at("1900-01-01T12:00"), at("1900-01-01T00:00"))


def test_names_as_odata_has_them_and_a_company_column(tmp_path: Path, table: Table) -> None:
    text = "dataAreaId,At,Day,Count,Amount,Number\r\nDEMF,,,,,1\r\n"
    ((row),) = rows(package(tmp_path, unicode(text)), table)
    assert row[:2] == ("demf", "1")


def test_more_digits_than_declared_are_rounded_half_up(tmp_path: Path, table: Table) -> None:
    lines = "1,12345678901234567890.1234565,,,,\r\n2,-0.0000005,,,,\r\n3,7,,,,\r\n"
    amounts = [row[2] for row in rows(package(tmp_path, unicode(HEAD + lines)), table)]
    assert amounts == [Decimal("12345678901234567890.123457"), Decimal("-0.000001"), Decimal(7)]


def test_dates_as_en_us_writes_them(tmp_path: Path, table: Table) -> None:
    line = "1,,,1/31/2026 12:00:00 AM,1/31/2026 11:59:59 PM,\r\n"
    ((row),) = rows(package(tmp_path, unicode(HEAD + line)), table)
    assert row[4:] == (at("2026-01-31T12:00"), at("2026-01-31T23:59:59"))


def test_an_export_without_rows_has_its_first_line_only(tmp_path: Path, table: Table) -> None:
    assert rows(package(tmp_path, unicode(HEAD)), table) == []


def test_the_manifest_says_which_file_it_is(tmp_path: Path, table: Table) -> None:
    manifest = (
        "<DataManagementPackageManifest xmlns='http://x'><PackageEntityList>"
        "<DataManagementPackageEntityData><EntityName>SOME THINGS</EntityName>"
        "<InputFilePath>things-1.csv</InputFilePath></DataManagementPackageEntityData>"
        "</PackageEntityList></DataManagementPackageManifest>"
    )
    path = package(tmp_path, unicode(HEAD + LINE), "things-1.csv", Manifest_xml=manifest)
    assert rows(path, table) == [EXPECTED]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("1,lots,,,,", "amount", "'lots'"),
        ("1,,2.5,,,", "count", "'2.5'"),
        ("1,,,31.01.2026,,", "day", "'31.01.2026'"),
    ],
)
def test_a_value_of_another_type_is_named(
    tmp_path: Path, table: Table, line: str, column: str, value: str
) -> None:
    path = package(tmp_path, unicode(f"{HEAD}0,1,1,,,\r\n{line}\r\n"))
    with pytest.raises(UnexpectedValue) as caught:
        rows(path, table)
    assert (caught.value.column, value in str(caught.value)) == (column, True)


def test_a_declared_column_that_is_not_there_is_named(tmp_path: Path, table: Table) -> None:
    with pytest.raises(UnknownColumn) as caught:
        rows(package(tmp_path, unicode("NUMBER,AMOUNT,DAY\r\n")), table)
    assert caught.value.columns == ("count", "at")


@pytest.mark.parametrize("cut", [10, 2_000, -30])
def test_a_file_that_is_cut_off_is_no_package(tmp_path: Path, table: Table, cut: int) -> None:
    lines = "".join(f"{number},{number}.5,,,,{number * 7919}\r\n" for number in range(2_000))
    path = package(tmp_path, unicode(HEAD + lines))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadPackage, match="nothing of it was loaded"):
        rows(path, table)


def test_damage_within_a_package_is_found(tmp_path: Path, table: Table) -> None:
    path = package(tmp_path, unicode(HEAD + LINE * 500))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises((BadPackage, UnexpectedValue)):
        rows(path, table)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Other.csv", unicode(HEAD)),
        ("Some things.csv", b""),
        ("Some things.csv", unicode(HEAD + "1,2\r\n")),
    ],
)
def test_other_contents_are_no_package(
    tmp_path: Path, table: Table, name: str, content: bytes
) -> None:
    with pytest.raises(BadPackage) as caught:
        rows(package(tmp_path, content, name), table)
    assert "\n" not in str(caught.value)
    assert io.StringIO(str(caught.value)).readline().startswith("The package of things from F&O")
