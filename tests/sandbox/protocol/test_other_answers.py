"""Where nobody knows what a service does (protocols part E), pipelines and loaders pass either way.

Their tests against the sandbox run once more, in a process of their own, with every switch set
the other way.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.sales.base import ON_HOLD, model
from p2c_sandbox.sales.settings import SalesSettings

from tests.conftest import other_switches

ROOT = Path(__file__).parents[3]
SUITES = ("tests/loaders/test_loaders_contract.py", "tests/pipelines/test_sandbox.py")
OTHER = {
    "sales.delta_token_at": "first",  # protocols E1
    "sales.delta_with_annotations": "false",  # protocols E2
    "sales.extra_decimals": "refuse",  # protocols E3
    "sales.expired_delta_status": "410",  # protocols E4
    "sales.duplicate_key_status": "400",  # protocols E4
    "sales.duplicate_price_status": "412",  # protocols E4
    "sales.tables_without_bulk": "accounts,contacts",  # protocols E5
    "sales.base_unit_with_schedule": "false",  # protocols E6
    "finops.stale_etag": "ignored",  # protocols E7
    "finops.page_size_preference": "honoured",  # protocols E8
    "finops.null_value": "ignored",  # protocols E9
    "finops.other_null": "clears",  # protocols E9
    "finops.failed_part": "500",  # protocols E10
    "sales.order_on_hold": "false",  # protocols E11
    "finops.batch_order": "reversed",  # protocols E12
    "sales.text_comparison": "with_accents",
    "finops.text_comparison": "without_accents",
    "sales.not_in_null": "kept",
    "sales.ieee754": "ignored",
    "finops.ieee754": "ignored",
    "sales.solution_price_list": "moved",
}

# What these say is the default answer itself: which of two equal creates comes first
# (protocols E12), that accounts go by CreateMultiple (protocols E5).
SPEAK_OF_DEFAULTS = (
    "test_duplicates_leave_one_record",
    "test_one_bad_row_in_a_bulk_of_a_thousand",
    "test_a_create_whose_answer_was_lost_is_there_once",
)


def test_every_switch_stands_the_other_way(monkeypatch):
    values = " ".join(f"{name}={value}" for name, value in OTHER.items())
    monkeypatch.setenv("SANDBOX_SWITCHES", values)
    switches = other_switches()
    for service, kind in (("sales", SalesSettings), ("finops", FinopsSettings)):
        chosen = {n.partition(".")[2]: v for n, v in switches.items() if n.startswith(service)}
        turned = kind.model_validate(
            {n: int(v) if v.isdigit() else v for n, v in chosen.items()}
        ).model_dump()
        plain = kind().model_dump()
        assert {name for name in turned if turned[name] != plain[name]} == set(chosen)


# Each switch has a test of its own beside the rule that it turns.
@pytest.mark.long
def test_pipelines_and_loaders_pass_with_the_other_answers():
    values = " ".join(f"{name}={value}" for name, value in OTHER.items())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES]
    command += [f"--deselect={SUITES[0]}::{name}" for name in SPEAK_OF_DEFAULTS]
    environment = os.environ | {"SANDBOX_SWITCHES": values}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:]


def test_e11_orders_may_lack_the_status_on_hold():
    with_it, without = model(SalesSettings()), model(SalesSettings(order_on_hold=False))
    statuses = [m.table("salesorders").columns["statuscode"] for m in (with_it, without)]
    assert [ON_HOLD in status.options for status in statuses] == [True, False]
    assert [ON_HOLD in status.states[0] for status in statuses] == [True, False]
