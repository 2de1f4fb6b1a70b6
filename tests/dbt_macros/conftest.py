"""The small project, built once with everything the tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.common.tables import load_tables
from tests.dbt_macros import cases
from tests.dbt_macros.small_project import ROOT, SmallProject
from tests.parsed import parsed


@pytest.fixture(scope="session")
def names() -> list[str]:
    """Every field name that F&O's tables declare."""
    tables = load_tables(ROOT / "pipelines/finops/tables.yml", "finops").values()
    return sorted({field for table in tables for field in table.fields})


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> SmallProject:
    """The project after its steps, with all inputs of `cases`."""
    folder: Path = tmp_path_factory.mktemp("small_project")
    project = SmallProject(folder)
    project.write(cases.MODELS)
    kinds = "step integer, thingid varchar, name varchar, amount decimal(19,4)"
    project.give("given.desired", kinds, cases.desired())
    project.give("given.held", kinds, cases.held())
    project.give("ledger.writes", cases.LEDGER_COLUMNS, cases.writes())
    project.give("given.texts", "text varchar", [{"text": text} for text in cases.TEXTS])
    project.give(
        "given.numbers",
        "number decimal(32,6), places integer",
        [{"number": Decimal(n), "places": p} for n in cases.NUMBERS for p in (0, 1, 2, 3, 4, None)],
    )
    project.give("given.dates", "moment timestamptz", [{"moment": m} for m in cases.MOMENTS])
    project.run(cases.STEPS, names=names)
    return project


@pytest.fixture(scope="session")
def manifest() -> Mapping[str, Any]:
    """The project, parsed; the warehouse is not opened."""
    return parsed().manifest
