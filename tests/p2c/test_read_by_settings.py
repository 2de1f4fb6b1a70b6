"""`sources.finops.read_by` and what goes with it: from the settings to the extract."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2c.config.context import load
from p2c.errors import SettingsError
from p2c.run.extraction import connections
from pipelines.run import FinopsConnection


def finops(project: Path) -> FinopsConnection:
    found = connections(load(project))[1]
    assert isinstance(found, FinopsConnection)
    return found


def test_pages_are_read_unless_the_settings_say_otherwise(project: Path) -> None:
    assert finops(project).way("customers") == "odata"


def test_ways_and_intervals_arrive_where_tables_are_read(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__FINOPS__READ_BY", "auto")
    monkeypatch.setenv("SOURCES__FINOPS__READ_BY_TABLE", '{"customers": "package"}')
    numbers = {"PACKAGE_ROWS": 7, "PACKAGE_MINUTES": 8, "KEYS_HOURS": 9, "FULL_READ_HOURS": 10}
    for name, number in numbers.items():
        monkeypatch.setenv(f"SOURCES__FINOPS__{name}", str(number))
    found = finops(project)
    assert (found.way("customers"), found.way("cds_contact_persons")) == ("package", "auto")
    assert [getattr(found, name.lower()) for name in numbers] == [7, 8, 9, 10]


def test_a_way_that_there_is_not_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__FINOPS__READ_BY", "magic")
    with pytest.raises(SettingsError, match=r"read_by"):
        load(project)
