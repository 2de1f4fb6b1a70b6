"""The file of a package as F&O wants it, and what its error files name (protocols B8)."""

import csv
import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from loaders.errors import NoPackages
from loaders.models import ApplySettings, Change, SyncGraph
from loaders.services.package_file import encoded_rows, package
from loaders.services.package_refusals import Named
from loaders.services.package_writers import check_ways
from loaders.services.packages import takes_packages
from pipelines.common.packages import RowError
from tests.loaders.loader_rows import change, target

GADGETS = target("finops", package="Gadgets V2")
SPACE = "{http://schemas.microsoft.com/dynamics/2015/01/DataManagement}"


def gadget(number: int = 1, **after: object) -> Change:
    return change(number, "create", "finops", after=after)


def written(*rows: Change) -> zipfile.ZipFile:
    cells, refused = encoded_rows(GADGETS, rows)
    assert refused == []
    return zipfile.ZipFile(io.BytesIO(package("p2c Gadgets", "Gadgets V2", cells.values())))


def test_the_csv_is_unicode_as_data_management_knows_it() -> None:
    rows = gadget(1, name='a "b", ü', price=1.50, count=3), gadget(2, day="2026-01-31")
    content = written(*rows).read("Gadgets V2.csv")
    assert content[:2] == b"\xff\xfe"
    text = content[2:].decode("utf-16-le")
    assert text.count("\r\n") == text.count("\n") == 3
    heading, *lines = csv.reader(io.StringIO(text, newline=""))
    assert heading == ["NUMBER", "NAME", "PRICE", "COUNT", "DAY"]
    assert lines == [
        ["N-1", 'a "b", ü', "1.5", "3", ""],
        ["N-2", "", "", "", "2026-01-31 00:00:00"],
    ]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("since", "2026-07-01T14:30:05+02:00", "2026-07-01 12:30:05"),
        ("since", "2026-07-01T14:30:05", "2026-07-01 14:30:05"),
        ("day", "2026-02-28", "2026-02-28 00:00:00"),
        ("active", True, "Yes"),
        ("active", False, "No"),
        ("price", 1e-7, "0.0000001"),
        ("name", "two\r\nlines", "two\r\nlines"),
    ],
)
def test_each_type_has_its_text(column: str, value: object, text: str) -> None:
    cells, _ = encoded_rows(GADGETS, [gadget(1, **{column: value})])
    assert cells["w-1"][column] == text


def test_the_manifest_names_every_field_and_the_company_is_no_column() -> None:
    archive = written(gadget(1, name="a", price=2))
    assert sorted(archive.namelist()) == ["Gadgets V2.csv", "Manifest.xml", "PackageHeader.xml"]
    root = ElementTree.fromstring(archive.read("Manifest.xml"))
    [entity] = root.iter(f"{SPACE}DataManagementPackageEntityData")
    fields = [one.findtext(f"{SPACE}XMLField") for one in entity.iter(f"{SPACE}EntityMap")]
    assert fields == ["NUMBER", "NAME", "PRICE"]
    assert entity.findtext(f"{SPACE}EntityName") == "Gadgets V2"
    assert entity.findtext(f"{SPACE}InputFilePath") == "Gadgets V2.csv"
    assert entity.findtext(f"{SPACE}SourceFormat") == "CSV-Unicode"
    header = ElementTree.fromstring(archive.read("PackageHeader.xml"))
    assert header.findtext(f"{SPACE}PackageType") == "DefinitionGroup"


def named() -> Named:
    return Named(GADGETS, [gadget(number) for number in (1, 2, 12)])


@pytest.mark.parametrize(
    "content",
    [
        b'Entity,Key\r\nGadgets,"usmf,N-2"\r\n',
        b"KEY\r\nn-2 \r\n",
        "\ufeffNUMBER,NAME,ERRORMESSAGE\r\nN-2,N-1,\r\n".encode("utf-16-le"),
        b"Number;Name\r\nN-2;x\r\n".replace(b";", b","),
        b"Company,Record\r\nusmf,usmf|N-2\r\n",
        b"Entity,Key\r\nGadgets,N-2\r\nGadgets,N-1",  # the end might be N-12's
    ],
)
def test_a_row_is_known_by_its_key_whatever_the_columns(content: bytes) -> None:
    found = named()
    found.take_file(content)
    assert set(found.found) == {"w-2"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Key\r\n", b"Key\r\nN-3\r\n", b"<html>"])
def test_what_fits_no_row_names_nobody(content: bytes) -> None:
    found = named()
    found.take_file(content)
    assert found.found == {}


def test_the_first_words_about_a_row_stay() -> None:
    found = named()
    found.take_errors([RowError("usmf,N-1", "Name", "Too long."), RowError("", "", "Not today.")])
    found.take_file(b"Number,Error\r\nN-1,Other words\r\nN-12,Bad\r\n")
    assert found.found == {"w-1": "Name: Too long.", "w-12": "Bad"}
    assert found.general == "Not today."


def test_documents_and_targets_without_a_company_take_no_packages() -> None:
    lines = replace(GADGETS, part_of="Headers")
    assert takes_packages(GADGETS)
    for other in (
        lines,
        replace(GADGETS, parts=(lines,)),
        replace(GADGETS, key=("Number",)),
        replace(GADGETS, package=None),
    ):
        assert not takes_packages(other)


def test_a_set_that_cannot_is_named_before_anything_is_sent() -> None:
    graph = SyncGraph((GADGETS, target("sales")), "1")
    check_ways(graph, ApplySettings(finops_write_by_set={"Gadgets": "auto", "Other": "odata"}))
    with pytest.raises(NoPackages, match="names Other, which takes no packages; Gadgets can"):
        check_ways(graph, ApplySettings(finops_write_by_set={"Other": "package"}))
