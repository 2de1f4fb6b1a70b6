"""The doctor and a tenant: each thing that a tenant may lack is named, with its remedy."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.errors import AmbiguousAnswer
from p2c.checks.doctor import Check, Refused

from .doctor_world import Tenant, examined, filled, of, tenant, wrong

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("tenant") / "data")


@pytest.fixture
def project(project: Path) -> Path:
    """With the seeds and the settings of the mapping as they are shipped."""
    shutil.copytree(ROOT / "seeds", project / "seeds")
    (project / "models").mkdir()
    shutil.copy(ROOT / "dbt_project.yml", project)
    return project


@pytest.fixture(scope="module")
def shared(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    return tenant(data, tmp_path_factory.mktemp("whole") / "copy")


@pytest.fixture
def whole(shared: Tenant) -> Tenant:
    """A tenant that lacks nothing; what a test changes of it is undone."""
    shared.answers, shared.asked, shared.skew = {}, [], 0.0
    return shared


@pytest.fixture
def made(data: Path, tmp_path: Path) -> Callable[..., Tenant]:
    return lambda **switches: tenant(data, tmp_path / "copy", **switches)


def test_a_tenant_that_has_all_is_well(project: Path, whole: Tenant) -> None:
    probe = whole
    found = examined(project, probe)
    assert wrong(found) == set()
    assert len(probe.asked) == len(set(probe.asked)), "nothing is asked twice"
    teams, entities = 4, 9
    by_system = Counter(path.partition(" ")[0] for path in probe.asked)
    assert by_system == {"sales": 14 + teams, "finops": 7 + entities}, "as docs/doctor.md says"
    assert "arning" not in str(found)


def test_what_sales_lacks(project: Path, made: Callable[..., Tenant]) -> None:
    """Each switch takes one thing away: all of them are found beside each other."""
    found = examined(
        project,
        made(
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


def test_without_definitions_the_columns_are_asked_for(
    project: Path, made: Callable[..., Tenant]
) -> None:
    """A user who may not read EntityDefinitions: each table is asked for a row, as a run does."""
    probe = made(sales__columns_missing="accounts.creditlimit,accounts.fax")
    probe.answers["sales EntityDefinitions"] = Refused(403, "prvReadEntity is missing")
    probe.answers["sales quotes?"] = Refused(403, "prvReadQuote is missing")
    found = examined(project, probe)
    assert "has no column creditlimit, fax" in of(found, "accounts")[0].found
    assert "prvReadQuote" in of(found, "quotes")[0].found
    assert {one.check for one in found if one.status == "problem"} == {"accounts", "quotes"}


def test_a_role_that_lacks_privileges(project: Path, made: Callable[..., Tenant]) -> None:
    """One is missing, one is only for undo, one is for the user's own rows."""
    probe = made()
    probe.give_role(without=("prvCreateOrder", "prvDeleteOrder"), basic=("prvReadOrder",))
    found = examined(project, probe)
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


def test_without_the_solution_its_columns_are_missing(
    project: Path, made: Callable[..., Tenant]
) -> None:
    found = examined(project, made(sales__solution_version=""))
    (solution,) = of(found, "Prospect to cash")
    assert (solution.status, "install" in solution.todo) == ("problem", True)
    (contacts,) = of(found, "contacts")
    assert "msdynce_contactnumber" in contacts.found
    assert "Prospect to cash" in contacts.todo
    assert "tables.yml" not in contacts.todo


def test_dual_write_beside_the_solution(project: Path, made: Callable[..., Tenant]) -> None:
    """A version of the solution that still has the index it clashes with: a key of accounts."""
    probe = made(sales__solution_version="1.15.0.0", sales__dual_write_version="1.0")
    assert of(examined(project, probe), "dual-write")[0].status == "ok"
    accounts = probe.sales.store.service.tables["accounts"]
    accounts.alternate_keys["msdynce_accountnumber"] = ["accountnumber"]
    (clash,) = of(examined(project, probe), "dual-write")
    assert (clash.status, "15.0.0.2" in clash.todo) == ("note", True)


def test_a_team_without_a_role(project: Path, made: Callable[..., Tenant]) -> None:
    """Rule G8: the records that it owns would be refused, which is known only then."""
    found = examined(project, made(sales__teams_without_role="Contoso US"))
    assert wrong(found) == {("note", "owner teams")}
    (team,) = of(found, "owner teams")
    assert team.found.startswith("Contoso US lacks prvReadOrder:")
    assert "Manage Roles" in team.todo


def test_what_finops_lacks(project: Path, made: Callable[..., Tenant]) -> None:
    found = examined(
        project,
        made(
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


def test_settings_of_sales_that_make_amounts_differ(project: Path, whole: Tenant) -> None:
    row = {"oobpricecalculationenabled": False, "discountcalculationmethod": 1}
    probe = whole
    probe.answers["sales organizations"] = {"value": [row]}
    found = examined(project, probe)
    (pricing,), (method,) = of(found, "system pricing (G8)"), of(found, "discount method (G8)")
    assert (pricing.status, method.status) == ("problem", "problem")
    assert "Use system pricing calculation = Yes" in pricing.todo
    assert "Discount calculation method = Line item" in method.todo


def by_place(found: list[Check]) -> dict[tuple[str, str], list[str]]:
    """(status, check) → what was found."""
    places: dict[tuple[str, str], list[str]] = {}
    for check in found:
        places.setdefault((check.status, check.check), []).append(check.found)
    return places


def test_values_of_the_seeds_that_no_service_has(project: Path, whole: Tenant) -> None:
    """As a hand writes them: the line of each value is named."""
    seeds = project / "seeds"
    with (seeds / "legal_entities.csv").open("a") as file:
        file.write("Contoso Mars,mars,false,\n")
    (seeds / "value_map_price_lists.csv").write_text(
        "currency_code,price_list\nUSD,Europe\nCHF,Alps\n"
    )
    with (seeds / "value_map_units.csv").open("a") as file:
        file.write("parsec,Parsec,true\n")
    (seeds / "value_map_sites.csv").write_text(
        "data_area_id,source_column,source_value,target_value\nusmf,country,USA,99\n"
    )
    found = by_place(examined(project, whole))
    lines = (seeds / "legal_entities.csv").read_text().count("\n")
    line = f"seeds/legal_entities.csv, line {lines}"
    assert found["problem", "companies"] == [f"{line}: F&O has no legal entity 'mars'"]
    assert found["note", "business units"] == [f"{line}: Sales has no business unit 'Contoso Mars'"]
    (currency,) = found["note", "currencies"]
    assert currency == "seeds/value_map_price_lists.csv, line 3: Sales has no currency CHF"
    in_euro, alps = found["problem", "price lists"]
    assert "line 2: 'Europe' is in EUR, not in USD" in in_euro
    assert "line 3: Sales has no price list 'Alps'" in alps
    assert "no unit 'Parsec'" in found["note", "units"][0]
    assert "no unit 'parsec'" in found["note", "units of F&O"][0]
    assert "line 2: usmf has none that is called '99'" in found["note", "sites"][0]


def test_settings_of_the_mapping_that_no_service_has(project: Path, whole: Tenant) -> None:
    settings = (project / "dbt_project.yml").read_text()
    for name, old, new in (
        ("customer_group", '"10"', '"77"'),
        ("unit_group", "default unit", "Metric"),
        ("default_currency", "USD", "XTS"),
        ("price_list", '""', "Gold"),
    ):
        assert f"  {name}: {old}" in settings
        settings = settings.replace(f"  {name}: {old}", f"  {name}: {new}")
    (project / "dbt_project.yml").write_text(settings)
    found = by_place(examined(project, whole))
    assert "no currency XTS" in found["problem", "currencies"][0]
    assert "no price list 'gold'" in found["problem", "price lists"][0]
    assert "no unit group 'metric'" in found["problem", "units"][0]
    groups = found["problem", "customer groups"]
    assert {one.partition(" ")[0] for one in groups} == {"demf", "usmf"}
    assert all("'77' (customer_group in dbt_project.yml)" in one for one in groups)


def test_the_clock(project: Path, whole: Tenant) -> None:
    probe = whole
    for skew, status in ((-301.0, "problem"), (120.0, "note"), (59.0, "ok")):
        probe.skew = skew
        found = examined(project, probe)
        assert {
            one.status for system in ("sales", "finops") for one in of(found, f"{system} clock")
        } == {status}
    probe.skew = -301.0
    assert "ahead" in of(examined(project, probe), "sales clock")[0].found


def test_an_old_sales(project: Path, whole: Tenant) -> None:
    probe = whole
    probe.answers["sales RetrieveVersion"] = {"Version": "8.2.1.176"}
    (found,) = of(examined(project, probe), "Sales version")
    assert (found.status, "8.2.1.207" in found.todo) == ("problem", True)


def test_packages_that_the_user_may_not_use(project: Path, whole: Tenant) -> None:
    """Asked only where a setting uses them."""
    probe = whole
    assert not any("DataManagement" in path for path in probe.asked)
    with (project / ".dlt/config.toml").open("a") as file:
        file.write('[sources.finops]\nread_by = "auto"\n')
    assert of(examined(project, probe), "data management")[0].status == "ok"
    probe.answers["finops DataManagementDefinitionGroups"] = Refused(403, "Request denied.")
    (found,) = of(examined(project, probe), "data management")
    assert (found.status, "Data management operations user" in found.todo) == ("problem", True)


def test_what_a_service_will_not_say_is_a_note(project: Path, whole: Tenant) -> None:
    """And the other checks go on."""
    probe = whole
    probe.answers["sales sdkmessagefilters"] = Refused(403, "prvReadSdkMessage")
    probe.answers["finops UnitsOfMeasure"] = Refused(404, "No HTTP resource")
    probe.answers["finops SequenceV2Tables"] = Refused(404, "No HTTP resource")
    found = examined(project, probe)
    assert {status for status, _ in wrong(found)} == {"note"}
    assert any("prvReadSdkMessage" in check.found for check in found)
    assert of(found, "system pricing (G8)")[0].status == "ok"


def test_a_service_that_stops_answering_is_one_problem(project: Path, whole: Tenant) -> None:
    probe = whole
    for start in ("sales EntityDefinitions", "sales solutions", "sales organizations"):
        probe.answers[start] = AmbiguousAnswer("Sales gave no answer: timed out.")
    found = examined(project, probe)
    problems = [check for check in found if check.status == "problem"]
    assert [check.check for check in problems] == ["sales answers"]
    assert "sales tables" in problems[0].found
    assert "pricing" in problems[0].found
    assert of(found, "price lists")[0].status == "ok"
    assert of(found, "entities and fields")[0].status == "ok"


@pytest.mark.parametrize("system", ["sales", "finops"])
def test_a_sign_in_that_is_refused_has_the_services_words(
    project: Path, whole: Tenant, system: str
) -> None:
    probe = whole
    words = "AADSTS7000215: Invalid client secret provided."
    probe.answers[f"{system} "] = Refused(401, words)
    found = examined(project, probe)
    problems = [check for check in found if check.status == "problem"]
    assert [check.check for check in problems] == [f"{system} connection"]
    assert words in problems[0].found
