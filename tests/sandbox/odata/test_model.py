"""The YAML format: what a mistake in a table file says."""

import pytest
from p2c_sandbox.odata.model import Service, load_service
from pydantic import ValidationError


def service_with(columns, **more):
    table = {"set": "things", "entity": "thing", "key": ["id"], "columns": {"id": "guid"} | columns}
    tables = {"things": table | more}
    return Service.model_validate({"namespace": "T", "container": "C", "tables": tables})


@pytest.mark.parametrize(
    ("columns", "more", "text"),
    [
        ({"x": "text"}, {}, "type"),
        ({"x": {"type": "int", "lenght": 3}}, {}, "lenght"),
        ({"x": {"type": "lookup", "targets": {"x": "nothere"}}}, {}, "nothere"),
        ({"x": "enum(Unknown)"}, {}, "Unknown"),
        ({}, {"alternate_keys": {"k": ["nothere"]}}, "nothere"),
    ],
)
def test_mistakes_are_named(columns, more, text):
    with pytest.raises(ValidationError, match=text):
        service_with(columns, **more)


def test_types_are_expanded():
    table = service_with({"s": "string(20)", "d": "decimal(32,6)", "m": "money"}).table("things")
    assert table.columns["s"].length == 20
    assert (table.columns["d"].precision, table.columns["d"].scale) == (32, 6)
    assert table.columns["m"].scale == 4


def test_files_are_read_by_folder(tmp_path):
    (tmp_path / "_service.yml").write_text("namespace: T\ncontainer: C\nenums: {A: [X, Y]}\n")
    (tmp_path / "things.yml").write_text(
        "set: things\nentity: thing\nkey: [id]\ncolumns:\n  id: guid\n  a: enum(A)\n"
    )
    service = load_service(tmp_path)
    assert service.enums == {"A": {"X": 0, "Y": 1}}
    assert service.table("things").columns["a"].edm == "A"
