"""`p2c sandbox edit`: a person's change in either service, by the service's own rules."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from p2c_sandbox import process

from p2c.cli import main

from .cli_world import Call

ACCOUNT = {"name": "Adventure", "currency": "USD", "country": "United States"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox that runs, with one account, and one product in two companies."""
    found = tmp_path_factory.mktemp("sandbox")
    process.start(found, demo="base")
    yield found
    process.stop(found)


@pytest.fixture
def home(project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    monkeypatch.setenv("P2C_SANDBOX_DIR", str(folder))
    return project


@pytest.fixture
def number(home: Path, p2c: Call) -> str:
    words = [word for name, value in ACCOUNT.items() for word in (f"--{name}", value)]
    return str(p2c("sandbox", "do", "add-account", *words, "--json").data["account"])


def edit(p2c: Call, *words: str) -> dict[str, dict[str, object]]:
    found = p2c("sandbox", "edit", *words, "--json")
    assert found.code == 0, found.err
    return found.data["columns"]


def test_by_number_by_id_and_by_name(number: str, p2c: Call) -> None:
    first = p2c("sandbox", "edit", "sales.accounts", number, "name=First & 'second' Ünal", "--json")
    assert first.data["columns"] == {
        "name": {"before": "Adventure", "after": "First & 'second' Ünal"}
    }
    ident = first.data["record"].split()[0]
    assert edit(p2c, "sales.accounts", f"{{{ident}}}", "fax=1") == {
        "fax": {"before": None, "after": "1"}
    }
    changed = edit(p2c, "sales.accounts", "First & 'second' Ünal", f"name={number} Ltd", "fax=")
    assert changed["fax"] == {"before": "1", "after": None}
    assert changed["name"]["after"] == f"{number} Ltd"


def test_a_number_of_decimals_stays_exact(number: str, p2c: Call) -> None:
    edit(p2c, "sales.accounts", number, "creditlimit=1234567890.25")
    text = p2c("sandbox", "edit", "sales.accounts", number, "creditlimit=7").out
    assert "creditlimit: 1234567890.25" in text
    assert "See it travel: p2c plan, then p2c run." in text


def test_a_record_of_fo_by_its_key_and_one_number_in_two_companies(home: Path, p2c: Call) -> None:
    for company in ("usmf", "demf"):
        words = ("release-product", "--product", "T-1", "--name", "Tent", "--price", "100")
        assert p2c("sandbox", "do", *words, "--company", company).code == 0
        listed = p2c("sandbox", "do", "populate-distinct-products", "--company", company)
        assert listed.code == 0, listed.err
    several = p2c("sandbox", "edit", "finops.SellableReleasedProducts", "T-1", "SalesPrice=9")
    assert several.code == 1
    assert "usmf/T-1" in several.err
    assert "demf/T-1" in several.err
    assert "Give the key. Nothing was changed." in several.err
    changed = edit(p2c, "finops.SellableReleasedProducts", "USMF/T-1", "SalesPrice=9.5")
    assert changed == {"SalesPrice": {"before": 100, "after": 9.5}}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("accounts", "X", "name=x"), "names no service: write sales.… or finops.…"),
        (("sales.acounts", "X", "name=x"), "Did you mean sales.accounts"),
        (("sales.accounts", "X", "nam=x"), "Did you mean name?"),
        (("sales.accounts", "nobody's", "name=x"), "no record called 'nobody's'"),
        (("sales.accounts", "X", "creditlimit=much"), "'much' is not a number"),
        (("sales.accounts", "X", "transactioncurrencyid=USD"), "transactioncurrencyid@odata.bind"),
    ],
)
def test_what_cannot_be_is_said(
    home: Path, p2c: Call, words: tuple[str, ...], message: str
) -> None:
    done = p2c("sandbox", "edit", *words)
    assert (done.code, message in done.err) == (1, True)
    assert "Nothing was changed." in done.err


def test_the_services_own_rules_hold(number: str, p2c: Call) -> None:
    done = p2c("sandbox", "edit", "sales.accounts", number, "creditlimit=-1", "--json")
    assert done.code == 1
    assert "outside the valid range" in json.loads(done.out)["error"]


def test_the_quickstarts_edit_works(number: str, p2c: Call) -> None:
    """As the page has it, but for the account of the demo, which this sandbox has not."""
    page = (Path(__file__).parents[2] / "docs/quickstart.md").read_text()
    (line,) = re.findall(r"^p2c (sandbox edit sales.+)$", page, re.MULTILINE)
    words = [number if word.startswith("ACC-") else word for word in shlex.split(line)]
    done = p2c(*words)
    assert (done.code, '"Adventure" → "Gould and Foster"' in done.out) == (0, True)


@pytest.mark.parametrize("words", [("name",), ("=x",), ("name=a", "name=b")])
def test_values_are_given_as_column_and_value(
    project: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    with pytest.raises(SystemExit) as ended:
        main(["sandbox", "edit", "sales.accounts", "X", *words])
    assert ended.value.code == 2
