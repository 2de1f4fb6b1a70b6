"""docs/sandbox.md names every switch, every fault, every line of parts D and E, and its tests."""

import re
from pathlib import Path
from typing import get_args

import pytest
from p2c_sandbox.faults.model import Fault, Kind
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.limits import LimitSettings
from p2c_sandbox.sales.settings import SalesSettings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
PART_D = (Path(__file__).parent / "test_part_d.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [SalesSettings, FinopsSettings, LimitSettings])
def test_every_switch_is_named(kind):
    assert [name for name in kind.model_fields if name not in PAGE] == []


def test_every_fault_and_every_setting_of_it_is_named():
    assert [kind for kind in get_args(Kind) if f"`{kind}`" not in PAGE] == []
    assert [name for name in Fault.model_fields if name not in PAGE] == []


def test_every_line_of_part_d_has_its_test():
    rows = dict(re.findall(r"^\| D(\d+) \|.*`(test_d\d\d_\w+)`", PAGE, re.MULTILINE))
    assert list(rows) == [str(number) for number in range(1, 18)]
    for number, name in rows.items():
        assert name.startswith(f"test_d{int(number):02d}_")
        assert f"def {name}(" in PART_D


def test_every_line_of_part_e_has_its_switch():
    rows = re.findall(r"^\| E(\d+) \| `((?:sales|finops)\.\w+)`", PAGE, re.MULTILINE)
    assert [number for number, _ in rows] == [str(number) for number in range(1, 13)]


def test_every_fact_of_both_services_has_its_place():
    found = re.findall(r"^\| ([AB]\d+) \|", PAGE, re.MULTILINE)
    wanted = [f"A{n}" for n in range(1, 14)] + [f"B{n}" for n in range(1, 10)]
    assert set(found) == set(wanted)


def test_defaults_of_the_limits_are_the_ones_in_the_page():
    for name in LimitSettings.model_fields:
        sales, finops = getattr(SalesSettings(), name), getattr(FinopsSettings(), name)
        assert f"| `{name}` | {sales:g} | {finops:g} |" in PAGE
