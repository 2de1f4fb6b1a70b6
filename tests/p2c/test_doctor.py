"""The doctor: each finding in its own line, with what to do; nothing secret is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from p2c.checks.doctor import Check, examine
from p2c.config.context import load
from p2c.errors import P2CError
from p2c.lock import hold
from pipelines.common.pins import WarehousePins

GOOD = {
    "WhoAmI": {"UserId": "u", "OrganizationId": "11111111-aaaa"},
    "LegalEntities": {"value": []},
    "organizations": {
        "value": [{"oobpricecalculationenabled": True, "discountcalculationmethod": 0}]
    },
    "EntityDefinitions": {"value": [{"EntitySetName": "accounts"}]},
}


class Service:
    """Answers by the first word of the path; an error where the answer is one."""

    def __init__(self, **changed: object) -> None:
        self.answers: dict[str, object] = {**GOOD, **changed}

    def __call__(self, system: str, path: str) -> Mapping[str, Any]:
        answer = self.answers[path.partition("?")[0]]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return answer


def checks(project: Path, service: Service | None = None) -> dict[str, Check]:
    found = examine(load(project), service or Service(), lambda: {"accounts"})
    return {check.check: check for check in found}


@pytest.fixture
def seeded(project: Path) -> Path:
    (project / "seeds").mkdir()
    (project / "seeds/legal_entities.csv").write_text("company\nusmf\n")
    return project


def test_all_is_well(seeded: Path) -> None:
    assert [c for c in checks(seeded).values() if c.status != "ok"] == []


def test_every_setting_is_shown_with_where_it_came_from(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SALES__PAGE_SIZE", "7")
    found = checks(seeded)
    assert found["sources.sales.page_size"].found == "7  (environment)"
    assert found["sources.sales.url"].found == "http://127.0.0.1:1  (.dlt/secrets.toml)"
    assert found["p2c.max_changes"].found.endswith("(default)")


def test_secrets_are_masked(seeded: Path) -> None:
    assert checks(seeded)["sources.sales.client_secret"].found == "********  (.dlt/secrets.toml)"
    assert "sales-secret" not in str(checks(seeded))


def test_missing_secrets_are_failures_and_the_service_is_not_tried(seeded: Path) -> None:
    (seeded / ".dlt/secrets.toml").unlink()
    found = checks(seeded)
    assert found["sources.finops.client_secret"].status == "fail"
    assert found["finops connection"].found == "not tried"


@pytest.mark.parametrize(
    ("column", "value", "check", "todo"),
    [
        ("oobpricecalculationenabled", False, "system pricing (G8)", "system pricing calculation"),
        ("discountcalculationmethod", 1, "discount method (G8)", "Line item"),
    ],
)
def test_g8_pricing_of_sales(
    seeded: Path, column: str, value: object, check: str, todo: str
) -> None:
    row = {"oobpricecalculationenabled": True, "discountcalculationmethod": 0, column: value}
    found = checks(seeded, Service(organizations={"value": [row]}))[check]
    assert found.status == "fail"
    assert todo in found.todo


def test_change_tracking_names_the_tables_without_it(seeded: Path) -> None:
    found = checks(seeded, Service(EntityDefinitions={"value": []}))["change tracking"]
    assert (found.status, found.found) == ("warn", "off for accounts")


def test_what_a_service_does_not_offer_is_a_warning(seeded: Path) -> None:
    service = Service(EntityDefinitions=P2CError("Sales answers 501"))
    found = checks(seeded, service)["change tracking"]
    assert (found.status, found.found) == ("warn", "could not be read: Sales answers 501")


def test_a_service_that_is_down_is_one_failure(seeded: Path) -> None:
    found = checks(seeded, Service(WhoAmI=P2CError("Sales cannot be reached: refused.")))
    assert found["sales connection"].status == "fail"
    assert "system pricing (G8)" not in found


def test_the_holder_of_the_warehouse_is_named(seeded: Path) -> None:
    with hold(seeded / "warehouse.duckdb", "run"):
        found = checks(seeded)["warehouse"]
    assert found.status == "warn"
    assert "p2c run" in found.found


def test_a_project_without_seeds(project: Path) -> None:
    assert checks(project)["seeds"].status == "fail"


def test_what_others_can_read_is_told(seeded: Path) -> None:
    """Files from before, or copied by hand, keep the rights they have."""
    secrets, warehouse = seeded / ".dlt/secrets.toml", seeded / "warehouse.duckdb"
    assert checks(seeded)["private files"].status == "ok"
    secrets.chmod(0o640)
    warehouse.write_bytes(b"")
    warehouse.chmod(0o604)
    found = checks(seeded)["private files"]
    assert found.status == "warn"
    assert "chmod" in found.todo
    assert str(secrets) in found.found
    assert str(warehouse) in found.found


def test_another_organisation_than_the_staged_one_is_a_failure(seeded: Path) -> None:
    """Before a run would be refused for it."""
    pins = WarehousePins(seeded / "warehouse.duckdb")
    pins.pin({"sales": "11111111-aaaa"})
    assert checks(seeded)["environments"].status == "ok"
    service = Service(WhoAmI={"OrganizationId": "22222222-bbbb"})
    found = checks(seeded, service)["environments"]
    assert found.status == "fail"
    assert "11111111-aaaa" in found.found
    assert "22222222-bbbb" in found.found
