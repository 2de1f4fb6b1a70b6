"""A small service whose tables have every type of column."""

import pytest
from p2c_sandbox.odata.model import Service
from p2c_sandbox.odata.store import Store

TABLES = {
    "things": {
        "set": "things",
        "entity": "thing",
        "key": ["id"],
        "change_tracking": True,
        "alternate_keys": {"code": ["code"]},
        "children": {"parts": {"set": "things", "column": "parent"}},
        "columns": {
            "id": "guid",
            "code": "string(20)",
            "name": "string(100)",
            "amount": "money",
            "quantity": "decimal(23,5)",
            "allowed": "int",
            "active": "bool",
            "made": "datetime",
            "due": "date",
            "stage": "enum(Stage)",
            "parent": {"type": "lookup", "targets": {"parent": "things"}},
            "owner": {"type": "lookup", "targets": {"owner_a": "things", "owner_b": "lines"}},
        },
    },
    "lines": {
        "set": "lines",
        "entity": "line",
        "key": ["company", "number", "position"],
        "columns": {"company": "string(4)", "number": "string(20)", "position": "int",
                    "text": {"type": "string(50)", "default": ""}},
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def service() -> Service:
    return Service.model_validate(
        {
            "namespace": "Test",
            "container": "Container",
            "enums": {"Stage": {"First": 0, "Second": 1}},
            "tables": TABLES,
        }
    )


@pytest.fixture
def store(service):
    opened = Store(service)
    yield opened
    opened.close()
