"""Each thing that Sales may lack is named, with its remedy."""

from __future__ import annotations

from pathlib import Path

from p2c_sandbox.sales.security.catalogue import every

from p2c.checks.doctor import Refused
from p2c.config.context import load
from p2c.tenant.privileges import sales_privileges

from .world import Make, Tenant, examined, graph, of, wrong


def test_what_sales_lacks(shipped: Path, make: Make) -> None:
    """Each switch takes one thing away: all of them are found beside each other."""
    found = examined(
        shipped,
        make(
            sales__columns_missing="accounts.creditlimit,salesorders.msdynce_invoicecountry",
            sales__tables_untracked="contacts",
            sales__keys_inactive="msdynce_contactnumber",
            sales__tables_without_bulk="salesorders",
            sales__solution_version="1.14.0.0",
        ),
    )
    (missing,) = of(found, "accounts")
    assert (missing.status, "creditlimit" in missing.found) == ("problem", True)
    assert "accounts" in missing.found.partition("needed by")[2], "the flow that reads it"
    assert "tables.yml" in missing.todo
    (tracking,) = of(found, "change tracking")
    assert (tracking.status, "contacts" in tracking.found) == ("note", True)
    assert "Track changes" in tracking.todo
    (key,) = of(found, "alternate key")
    assert (key.status, "msdynce_contactnumber" in key.found) == ("note", True)
    (bulk,) = of(found, "bulk messages")
    assert (bulk.status, "salesorders" in bulk.found) == ("note", True)
    (solution,) = of(found, "Prospect to cash")
    assert (solution.status, "1.15.0.0" in solution.todo) == ("note", True)


def test_without_definitions_the_columns_are_asked_for(shipped: Path, make: Make) -> None:
    """A user who may not read EntityDefinitions: each table is asked for a row, as a run does."""
    probe = make(sales__columns_missing="accounts.creditlimit,accounts.fax")
    probe.answers["sales EntityDefinitions"] = Refused(403, "prvReadEntity is missing")
    probe.answers["sales quotes?"] = Refused(403, "prvReadQuote is missing")
    found = examined(shipped, probe)
    assert "has no column creditlimit, fax" in of(found, "accounts")[0].found
    assert "prvReadQuote" in of(found, "quotes")[0].found
    assert {one.check for one in found if one.status == "problem"} == {"accounts", "quotes"}


def test_a_role_that_lacks_privileges(shipped: Path, make: Make) -> None:
    """One is missing, one is only for undo, one is for the user's own rows."""
    probe = make()
    probe.give_role(without=("prvCreateOrder", "prvDeleteOrder"), basic=("prvReadOrder",))
    found = examined(shipped, probe)
    assert wrong(found) == {
        ("problem", "prvCreateOrder"),
        ("note", "prvDeleteOrder"),
        ("problem", "prvReadOrder"),
    }
    (create,) = of(found, "prvCreateOrder")
    assert create.found == "missing: Create of salesorder (for orders_back)"
    assert "Security roles" in create.todo
    assert "p2c undo" in of(found, "prvDeleteOrder")[0].found
    assert "held at depth Basic only" in of(found, "prvReadOrder")[0].found


def test_without_the_solution_its_columns_are_missing(shipped: Path, make: Make) -> None:
    found = examined(shipped, make(sales__solution_version=""))
    (solution,) = of(found, "Prospect to cash")
    assert (solution.status, "install" in solution.todo) == ("problem", True)
    (contacts,) = of(found, "contacts")
    assert "msdynce_contactnumber" in contacts.found
    assert "Prospect to cash" in contacts.todo
    assert "tables.yml" not in contacts.todo


def test_dual_write_beside_the_solution(shipped: Path, make: Make) -> None:
    """A version of the solution that still has the index it clashes with: a key of accounts."""
    probe = make(sales__solution_version="1.15.0.0", sales__dual_write_version="1.0")
    assert of(examined(shipped, probe), "dual-write")[0].status == "ok"
    accounts = probe.sales.store.service.tables["accounts"]
    accounts.alternate_keys["msdynce_accountnumber"] = ["accountnumber"]
    (clash,) = of(examined(shipped, probe), "dual-write")
    assert (clash.status, "15.0.0.2" in clash.todo) == ("note", True)


def test_a_team_without_a_role(shipped: Path, make: Make) -> None:
    """Rule G8: the records that it owns would be refused, which is known only then."""
    found = examined(shipped, make(sales__teams_without_role="Contoso US"))
    assert wrong(found) == {("note", "owner teams")}
    (team,) = of(found, "owner teams")
    assert team.found.startswith("Contoso US lacks prvReadOrder:")
    assert "Manage Roles" in team.todo


def test_settings_of_sales_that_make_amounts_differ(shipped: Path, whole: Tenant) -> None:
    row = {"oobpricecalculationenabled": False, "discountcalculationmethod": 1}
    probe = whole
    probe.answers["sales organizations"] = {"value": [row]}
    found = examined(shipped, probe)
    (pricing,), (method,) = of(found, "system pricing (G8)"), of(found, "discount method (G8)")
    assert (pricing.status, method.status) == ("problem", "problem")
    assert "Use system pricing calculation = Yes" in pricing.todo
    assert "Discount calculation method = Line item" in method.todo


def test_an_old_sales(shipped: Path, whole: Tenant) -> None:
    probe = whole
    probe.answers["sales RetrieveVersion"] = {"Version": "8.2.1.176"}
    (found,) = of(examined(shipped, probe), "Sales version")
    assert (found.status, "8.2.1.207" in found.todo) == ("problem", True)


def test_the_role_that_the_project_needs_is_enough(shipped: Path, make: Make) -> None:
    """With the privileges that `p2c setup sales` gives, and no other, all can be checked."""
    probe = make()
    needed = {one.name for one in sales_privileges(load(shipped), graph())}
    others = [name for name in every(probe.sales.store.service) if name not in needed]
    probe.give_role(without=others, basic=())
    assert wrong(examined(shipped, probe)) == set()


def test_a_right_that_only_the_doctor_needs_is_a_note(shipped: Path, make: Make) -> None:
    probe = make()
    probe.give_role(without=("prvReadTeam",), basic=())
    found = examined(shipped, probe)
    assert wrong(found) == {("note", "not checked")}
    (refused,) = of(found, "not checked")
    assert refused.found.startswith("teams: Sales did not say: ")
    assert refused.todo.startswith("no run needs it")
