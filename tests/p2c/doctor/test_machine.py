"""The doctor and this machine: settings, seeds, files, and what it shows of them."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loaders import SyncGraph
from loaders.models import WriteTarget
from p2c.checks.doctor import Check, examine, versions
from p2c.config.context import load
from p2c.errors import P2CError
from p2c.lock import hold
from p2c.screen.doctor_text import doctor_text, last_sentence
from pipelines.common.pins import WarehousePins

ROOT = Path(__file__).parents[3]
Usage = namedtuple("Usage", "total used free")


class Silent:
    """Two services that know who they are and nothing else."""

    def __init__(self, organization: str = "11111111-aaaa") -> None:
        self.organization = organization

    def __call__(self, system: str, path: str) -> Mapping[str, Any]:
        return {"OrganizationId": self.organization, "UserId": "u", "Version": "9.2", "value": []}

    def ahead(self, system: str) -> float | None:
        return None


def checks(project: Path, probe: Silent | None = None) -> dict[str, Check]:
    found = examine(load(project), probe or Silent(), lambda: SyncGraph((), ""))
    return {check.check: check for check in found}


@pytest.fixture
def seeded(project: Path) -> Path:
    shutil.copytree(ROOT / "seeds", project / "seeds")
    (project / "models").mkdir()
    return project


def test_every_setting_is_shown_with_where_it_came_from(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SALES__PAGE_SIZE", "7")
    found = checks(seeded)
    assert found["sources.sales.page_size"].found == "7  (environment)"
    assert found["sources.sales.url"].found == "http://127.0.0.1:1  (.dlt/secrets.toml)"
    assert found["p2c.max_changes"].found.endswith("(default)")


def test_a_threshold_of_no_flow_is_a_problem(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2C__NOTIFY__BY_FLOW", '{"acounts": {"failed": 1}, "*": {"failed": 9}}')
    target = WriteTarget("m", "m", "accounts", "finops", "CustomersV2", (), frozenset(), {})
    found = examine(load(seeded), Silent(), lambda: SyncGraph((target,), ""))
    about = {check.check: check for check in found if "by_flow." in check.check}
    assert list(about) == ["p2c.notify.by_flow.acounts"]
    assert about["p2c.notify.by_flow.acounts"].status == "problem"
    assert "the flows are accounts" in str(about)


def test_secrets_are_masked(seeded: Path) -> None:
    assert checks(seeded)["sources.sales.client_secret"].found == "********  (.dlt/secrets.toml)"
    assert "sales-secret" not in str(checks(seeded))


def test_missing_secrets_are_problems_and_the_service_is_not_tried(seeded: Path) -> None:
    (seeded / ".dlt/secrets.toml").unlink()
    found = checks(seeded)
    assert found["sources.finops.client_secret"].status == "problem"
    assert found["finops connection"].found == "not tried"


def test_a_mapping_that_cannot_be_read_is_one_problem_and_the_rest_goes_on(seeded: Path) -> None:
    def broken() -> SyncGraph:
        raise P2CError("dbt: Compilation Error in model accounts")

    found = list(examine(load(seeded), Silent(), broken))
    (mapping,) = [check for check in found if check.check == "mapping"]
    assert (mapping.status, "Compilation Error" in mapping.found) == ("problem", True)
    assert any(check.check == "sales connection" for check in found)


def test_a_declaration_that_cannot_be_read(seeded: Path) -> None:
    (seeded / "pipelines/sales/tables.yml").write_text("accounts: [")
    assert checks(seeded)["mapping"].status == "problem"


def test_the_holder_of_the_warehouse_is_named(seeded: Path) -> None:
    with hold(seeded / "warehouse.duckdb", "run"):
        found = checks(seeded)["warehouse"]
    assert found.status == "note"
    assert "p2c run" in found.found


def test_a_disk_without_room_for_a_build(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10**6, 10**6))
    found = checks(seeded)["disk"]
    assert (found.status, "p2c.warehouse" in found.todo) == ("problem", True)


def test_a_folder_that_cannot_be_written(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`os.access` is asked, as whoever runs the tests may write everywhere."""
    state = seeded / ".p2c"
    state.mkdir()
    monkeypatch.setattr("os.access", lambda path, _: Path(path) != state)
    found = checks(seeded)["writable"]
    assert found.status == "problem"
    assert found.found == f"cannot write into {state}"


def test_another_version_than_those_tried(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAJORS", {"duckdb": "7.", "not-there-at-all": "1."})
    found = checks(seeded)
    assert (found["duckdb"].status, found["not-there-at-all"].status) == ("note", "problem")


def test_a_project_without_seeds(project: Path) -> None:
    assert checks(project)["seeds"].status == "problem"


def test_seeds_with_mistakes(seeded: Path) -> None:
    """Twice the same: one counts, which is noted. No company: flows are held back."""
    with (seeded / "seeds/value_map_units.csv").open("a") as file:
        file.write("pcs,pcs,true\n")
    twice = checks(seeded)["seeds"]
    assert (twice.status, "value_map_units.csv" in twice.found) == ("note", True)
    with (seeded / "seeds/legal_entities.csv").open("a") as file:
        file.write("Contoso Moon,,false,\n")
    found = list(examine(load(seeded), Silent(), lambda: SyncGraph((), "")))
    (held,) = [check for check in found if check.check == "seeds" and check.status == "problem"]
    assert "holds back accounts" in held.todo
    (seeded / "seeds/legal_entities.csv").write_text("a;b\n")
    assert "semicolons" in checks(seeded)["seeds"].found


def test_what_others_can_read_is_told(seeded: Path) -> None:
    """Files from before, or copied by hand, keep the rights they have."""
    secrets, warehouse = seeded / ".dlt/secrets.toml", seeded / "warehouse.duckdb"
    assert checks(seeded)["private files"].status == "ok"
    secrets.chmod(0o640)
    warehouse.write_bytes(b"")
    warehouse.chmod(0o604)
    found = checks(seeded)["private files"]
    assert found.status == "note"
    assert "chmod" in found.todo
    assert str(secrets) in found.found
    assert str(warehouse) in found.found


def test_another_organisation_than_the_staged_one_is_a_problem(seeded: Path) -> None:
    """Before a run would be refused for it."""
    WarehousePins(seeded / "warehouse.duckdb").pin({"sales": "11111111-aaaa"})
    assert checks(seeded)["environments"].status == "ok"
    found = checks(seeded, Silent("22222222-bbbb"))["environments"]
    assert found.status == "problem"
    assert "11111111-aaaa" in found.found
    assert "22222222-bbbb" in found.found


SHOWN = [
    Check("p2c.wait", "ok", "0  (default)", subject="settings"),
    Check("p2c.state_dir", "ok", "x  (environment)", subject="settings"),
    Check("disk", "note", "little " * 20, subject="this machine"),
    Check("accounts", "problem", "has no column a (needed by b)", "add it. " * 15, "Sales: tables"),
    Check("contacts", "problem", "has no column c", "later", "Sales: tables"),
]


def test_the_text_fits_a_terminal_and_ends_with_what_to_do_first() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(doctor_text([check.as_dict() for check in SHOWN]))
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("p2c.wait" in line for line in lines)
    assert any(
        line.strip().startswith("ok") and "1 more at their default" in line for line in lines
    )
    end = " ".join(" ".join(lines).split())
    assert "2 problems, 1 note. First: accounts: has no column a → add it." in end
    assert lines.index("Sales: tables") > lines.index("this machine") > lines.index("settings")


def test_the_last_sentence_without_problems() -> None:
    assert last_sentence([SHOWN[0].as_dict()]) == "No problem found in 1 check."


def test_the_last_sentence_does_not_say_a_long_story_twice() -> None:
    long = Check("sales connection", "problem", "not tried", "Settings lead " * 30)
    assert last_sentence([long.as_dict()]) == "1 problem. First: sales connection, see above."
