"""Each thing that F&O may lack is named, with its remedy."""

from __future__ import annotations

from pathlib import Path

from p2c.checks.doctor import Refused

from .world import Make, Tenant, examined, of


def test_what_finops_lacks(shipped: Path, make: Make) -> None:
    found = examined(
        shipped,
        make(
            finops__entities_missing="CustomersV2",
            finops__columns_missing="CDSContactPersons.FirstName,CDSContactPersons.LastName",
            finops__entities_forbidden="CDSSalesOrderLines",
            finops__manual_numbers="refused",
        ),
    )
    (customers,) = of(found, "CustomersV2")
    assert customers.status == "problem"
    assert 'customers_entity_set = "CustomersV3"' in customers.todo
    assert "Refresh entity list" in customers.todo
    (contacts,) = of(found, "CDSContactPersons")
    assert "has no field FirstName, LastName" in contacts.found
    (lines,) = of(found, "CDSSalesOrderLines")
    assert (lines.status, "not authorized" in lines.found) == ("problem", True)
    assert "Entra ID applications" in lines.todo
    numbers = of(found, "manual numbers")
    assert {one.status for one in numbers} == {"note"}, "an undocumented entity is no proof"
    assert any("sales orders, usmf" in one.found for one in numbers)
    assert "Accounts receivable parameters" in numbers[0].todo


def test_packages_that_the_user_may_not_use(shipped: Path, whole: Tenant) -> None:
    """Asked only where a setting uses them."""
    probe = whole
    assert not any("DataManagement" in path for path in probe.asked)
    with (shipped / ".dlt/config.toml").open("a") as file:
        file.write('[sources.finops]\nread_by = "auto"\n')
    assert of(examined(shipped, probe), "data management")[0].status == "ok"
    probe.answers["finops DataManagementDefinitionGroups"] = Refused(403, "Request denied.")
    (found,) = of(examined(shipped, probe), "data management")
    assert (found.status, "Data management operations user" in found.todo) == ("problem", True)
