"""CSV files go into a sandbox through the services' own APIs."""

import re
import time
from pathlib import Path

import httpx
import pytest
from p2c_sandbox.load import load


@pytest.fixture(scope="module")
def running(sandbox_base):
    return sandbox_base()


class Client:
    """Reads both services."""

    def __init__(self, running) -> None:
        self.running = running
        self.http = httpx.Client(trust_env=False, timeout=60)

    def rows(self, service, path: str) -> list[dict]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.running.client_id,
            "client_secret": self.running.client_secret,
            "scope": f"{service.url}/.default",
        }
        token = self.http.post(service.token_url, data=form).json()["access_token"]
        head = {"Authorization": f"Bearer {token}"}
        answer = self.http.get(f"{service.url}{path}", headers=head)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def sales(self, path: str) -> list[dict]:
        return self.rows(self.running.sales, f"/api/data/v9.2/{path}")

    def finops(self, path: str) -> list[dict]:
        return self.rows(self.running.finops, f"/data/{path}")


@pytest.fixture(scope="module")
def client(running):
    created = Client(running)
    yield created
    created.http.close()


@pytest.fixture
def files(tmp_path):
    """Write CSV files: `files(sales_accounts="…")` makes sales.accounts.csv."""

    def write(**texts: str):
        for name, text in texts.items():
            (tmp_path / f"{name.replace('_', '.', 1)}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_rows_go_in_with_their_types_and_look_ups(running, client, files):
    loaded = load(
        files(
            sales_accounts="accountnumber,name,creditlimit,donotemail,"
            "transactioncurrencyid.isocurrencycode,address1_country\n"
            "A-1,Ana's Füße,12.34,yes,EUR,Germany\n"
            'A-2,"Two, lines\nof a name",,,,\n',
            sales_contacts="lastname,parentcustomerid_account.accountnumber\nSmith,a-1\n",
            finops_SellableReleasedProducts="dataAreaId,ProductNumber,ProductName,SalesPrice,"
            "SalesUnitSymbol,ProductType,CurrencyCode\nusmf,0001,Lamp,1.5,ea,Item,USD\n",
        ),
        running,
    )
    assert loaded.ok
    assert loaded.rows == {
        "finops.SellableReleasedProducts.csv": 1,
        "sales.accounts.csv": 2,
        "sales.contacts.csv": 1,
    }
    first, second = client.sales(
        "accounts?$orderby=accountnumber&$filter=startswith(accountnumber,'A-')"
    )
    assert (first["name"], first["creditlimit"], first["donotemail"]) == ("Ana's Füße", 12.34, True)
    [euro] = client.sales("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")
    assert first["_transactioncurrencyid_value"] == euro["transactioncurrencyid"]
    assert (second["name"], second["creditlimit"]) == ("Two, lines\nof a name", None)
    [contact] = client.sales("contacts?$filter=lastname eq 'Smith'")
    assert contact["_parentcustomerid_value"] == first["accountid"]
    [product] = client.finops("SellableReleasedProducts?$filter=ProductNumber eq '0001'")
    assert (product["ProductName"], product["SalesPrice"]) == ("Lamp", 1.5)


def test_a_look_up_may_be_a_path(running, client, files):
    [euro] = client.sales("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")
    path = f"/transactioncurrencies({euro['transactioncurrencyid']})"
    text = f"name,transactioncurrencyid@odata.bind\nPath,{path}\n"
    assert load(files(sales_accounts=text), running).ok
    [account] = client.sales("accounts?$filter=name eq 'Path'")
    assert account["_transactioncurrencyid_value"] == euro["transactioncurrencyid"]


def test_a_row_may_refer_to_a_later_row_of_its_file(running, client, files):
    text = "name,accountnumber,parentaccountid.accountnumber\nChild,K-2,K-1\nParent,K-1,\n"
    assert load(files(sales_accounts=text), running).ok
    [child] = client.sales("accounts?$filter=accountnumber eq 'K-2'")
    [parent] = client.sales("accounts?$filter=accountnumber eq 'K-1'")
    assert child["_parentaccountid_value"] == parent["accountid"]


def test_wrong_rows_are_named_and_the_others_go_in(running, client, files):
    loaded = load(
        files(
            sales_accounts="name,creditlimit,transactioncurrencyid.isocurrencycode\n"
            "Good,1,USD\n"
            "Bad number,one,USD\n"
            "Bad currency,1,XXX\n"
            f"{'x' * 161},1,USD\n"
            "Too many,1,USD,4\n"
            "Also good,,\n",
            finops_CustomersV2="dataAreaId,CustomerAccount,OrganizationName,CustomerGroupId,"
            "SalesCurrencyCode\nusmf,G-1,Good,10,USD\nusmf,G-2,Bad,77,USD\n",
        ),
        running,
    )
    assert not loaded.ok
    assert loaded.rows == {"finops.CustomersV2.csv": 1, "sales.accounts.csv": 2}
    found = {(problem.file, problem.line): problem.message for problem in loaded.problems}
    assert found[("sales.accounts.csv", 3)] == "Column 'creditlimit': 'one' is not a number."
    assert found[("sales.accounts.csv", 4)] == (
        "No row of transactioncurrencies has isocurrencycode 'XXX'."
    )
    assert "name" in found[("sales.accounts.csv", 5)]
    assert found[("sales.accounts.csv", 6)] == "4 cells, but the header has 3."
    assert "The value '77' in field 'Customer group'" in found[("finops.CustomersV2.csv", 3)]
    assert len(found) == 5
    assert str(loaded.problems[0]).startswith("finops.CustomersV2.csv, line 3: Write failed")
    assert len(client.sales("accounts?$filter=name eq 'Good' or name eq 'Also good'")) == 2


def test_an_ambiguous_look_up_is_refused(running, files):
    text = "name,accountnumber\nTwin,T-1\nTwin,T-2\n"
    assert load(files(sales_accounts=text), running).ok
    loaded = load(files(sales_accounts="name,parentaccountid.name\nChild,Twin\n"), running)
    assert [problem.message for problem in loaded.problems] == [
        "2 rows of accounts have name 'Twin'."
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sales_accounts", "name,nothing,x.name\n", "accounts has no column 'nothing', 'x.name'."),
        ("sales_acounts", "name\n", "sales has no table 'acounts'."),
        ("crm_accounts", "name\n", "'crm' is no service: name it sales.… or finops.…"),
    ],
)
def test_unknown_services_tables_and_columns_are_named(running, files, name, text, message):
    loaded = load(files(**{name: text}, finops_UnitsOfMeasure="UnitSymbol\n"), running)
    assert [(p.file, p.line, p.message) for p in loaded.problems] == [
        (f"{name.replace('_', '.', 1)}.csv", 1, message)
    ]


def test_a_folder_without_files_is_an_error(running, tmp_path):
    with pytest.raises(FileNotFoundError, match="no CSV file"):
        load(tmp_path, running)


def test_thousands_of_rows_take_seconds(running, client, files):
    rows = "".join(f"U{number}\n" for number in range(3000))
    begun = time.monotonic()
    assert load(files(finops_UnitsOfMeasure=f"UnitSymbol\n{rows}"), running).ok
    assert time.monotonic() - begun < 20
    assert len(client.finops("UnitsOfMeasure?$select=UnitSymbol")) == 3005


def test_the_page_s_examples_go_in(running, client, tmp_path):
    """docs/sandbox-load.md: its files, its look-ups of both kinds of name, its keys."""
    page = (Path(__file__).parents[3] / "docs/sandbox-load.md").read_text()
    found = re.findall(r"^`([\w.]+\.csv)`[:,][^`]*?```csv\n(.*?)```", page, re.M | re.S)
    assert {name for name, _ in found} == {
        "sales.accounts.csv",
        "sales.contacts.csv",
        "finops.CustomerGroups.csv",
        "finops.CustomersV2.csv",
    }
    for name, text in found:
        (tmp_path / name).write_text(text, encoding="utf-8")
    loaded = load(tmp_path, running)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.rows == {name: len(text.splitlines()) - 1 for name, text in found}
    (child,) = client.sales("accounts?$filter=accountnumber eq 'A-101'")
    (parent,) = client.sales("accounts?$filter=accountnumber eq 'A-100'")
    (person,) = client.sales("contacts?$filter=lastname eq 'Berg'")
    assert child["_parentaccountid_value"] == parent["accountid"]
    assert person["_parentcustomerid_value"] == child["accountid"]
