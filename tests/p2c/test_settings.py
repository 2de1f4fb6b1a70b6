"""Settings: precedence, origins, and one clear sentence for every mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from p2c.config.context import load
from p2c.config.project import find_project
from p2c.config.services import service
from p2c.config.settings import Settings
from p2c.config.settings_errors import setting_names
from p2c.errors import ProjectError, SettingsError


def refusal(project: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(project)
    return str(caught.value)


def add(project: Path, text: str, name: str = "config.toml") -> None:
    path = project / ".dlt" / name
    path.write_text(path.read_text() + text)


def test_defaults_apply_where_nothing_is_said(project: Path) -> None:
    context = load(project)
    assert context.settings.sources.sales.page_size == 5000
    assert context.warehouse == project / "warehouse.duckdb"
    assert "sources.sales.page_size" not in context.origins


def test_environment_wins_over_secrets_and_secrets_over_config(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(project, '[p2c]\nwarehouse = "a.duckdb"\nstate_dir = "a"\ntarget_dir = "a"\n')
    add(project, '[p2c]\nwarehouse = "b.duckdb"\nstate_dir = "b"\n', "secrets.toml")
    monkeypatch.setenv("P2C__WAREHOUSE", "c.duckdb")
    context = load(project)
    assert [context.path(n).name for n in ("warehouse", "state_dir", "target_dir")] == [
        "c.duckdb",
        "b",
        "a",
    ]
    assert context.origins["p2c.warehouse"] == "environment"
    assert context.origins["p2c.state_dir"] == ".dlt/secrets.toml"
    assert context.origins["p2c.target_dir"] == ".dlt/config.toml"


def test_numbers_come_from_the_environment_as_numbers(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__FINOPS__PAGE_SIZE", "250")
    assert load(project).settings.sources.finops.page_size == 250


def test_sections_of_dlt_itself_are_passed_by(project: Path) -> None:
    add(project, "[load]\nworkers = 3\n[destination.duckdb]\nx = 1\n")
    assert load(project).project_dir == project


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[p2c]\nwarehose = 'x'\n", "Unknown setting p2c.warehose in .dlt/config.toml. Did you "),
        ("[p2c]\nwarehose = 'x'\n", "mean p2c.warehouse?"),
        ("[sources.salse]\nurl = 'x'\n", "Did you mean sources.sales?"),
        ("[sorces.sales]\nurl = 'x'\n", "Did you mean sources?"),
        ("[p2c]\nqqqqqqq = 1\n", "Known here: warehouse, state_dir"),
        (
            "[p2c]\non_missing_column = 'maybe'\n",
            "is 'maybe': input should be 'stop' or 'continue'",
        ),
        ("[p2c]\nmax_drop = 2\n", "Setting p2c.max_drop in .dlt/config.toml is 2: "),
        ("[p2c\n", "Settings from .dlt/config.toml cannot be read: "),
    ],
)
def test_mistakes_in_a_file_are_named(project: Path, text: str, message: str) -> None:
    add(project, text)
    assert message in refusal(project)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SOURCES__SALES__PAGE_SIZE", "many", "SOURCES__SALES__PAGE_SIZE is 'many'"),
        ("SOURCES__SALES__PAGE_SIZE", "5001", "less than or equal to 5000"),
        ("SOURCES__SALES__PAGESIZE", "1", "Did you mean sources.sales.page_size?"),
        ("SOURCES__SALES__API_VERSION", "9.2", "SOURCES__SALES__API_VERSION is '9.2'"),
        ("SOURCES__FINOPS__CUSTOMERS_ENTITY_SET", "Customers", "'CustomersV2' or 'CustomersV3'"),
    ],
)
def test_mistakes_in_the_environment_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    assert message in refusal(project)


def test_a_missing_secret_names_every_place_looked_at(project: Path) -> None:
    (project / ".dlt/secrets.toml").unlink()
    with pytest.raises(SettingsError) as caught:
        load(project).connection("finops")
    text = str(caught.value)
    for place in ("SOURCES__FINOPS__URL", ".dlt/secrets.toml", ".dlt/config.toml"):
        assert place in text
    assert text.count(". ") == 0


def test_an_empty_secret_is_a_missing_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__SALES__CLIENT_SECRET", "")
    with pytest.raises(SettingsError, match=r"sources\.sales\.client_secret is missing"):
        load(project).connection("sales")


@pytest.mark.parametrize("url", ["yourorg.crm4.dynamics.com", "ftp://x", "http://"])
def test_an_address_that_is_none_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SOURCES__SALES__URL", url)
    with pytest.raises(SettingsError, match=r"sources\.sales\.url is not an http"):
        load(project).connection("sales")


def test_a_connection_is_complete_and_its_address_has_no_slash_at_the_end(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__SALES__URL", "https://org.crm4.dynamics.com/")
    monkeypatch.setenv("SOURCES__SALES__TOKEN_URL", "https://login.example/t/oauth2/v2.0/token")
    monkeypatch.setenv("SOURCES__SALES__CA_FILE", "ca.pem")
    connection = load(project).connection("sales")
    assert connection.url == "https://org.crm4.dynamics.com"
    assert connection.client_secret == "sales-secret"
    assert connection.ca_file == project / "ca.pem"


@pytest.mark.parametrize("name", ["URL", "TOKEN_URL"])
def test_plain_http_is_for_this_machine_only(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A secret, or the token that it buys, would travel in clear."""
    monkeypatch.setenv(f"SOURCES__SALES__{name}", "http://org.crm4.dynamics.com/x")
    with pytest.raises(SettingsError) as caught:
        load(project).connection("sales")
    assert f"sources.sales.{name.lower()} leads to http://org.crm4.dynamics.com" in str(
        caught.value
    )
    assert "https" in str(caught.value)


@pytest.mark.parametrize("name", ["URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET"])
def test_a_tenants_secret_never_meets_the_sandboxs_address(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever of the four is left from the sandbox, or is given beside it."""
    values = {"URL": "https://org.crm4.dynamics.com", "TOKEN_URL": "https://login.example/t"}
    monkeypatch.setenv(f"SOURCES__SALES__{name}", values.get(name, "a-tenants"))
    with pytest.raises(SettingsError) as caught:
        load(project).connection("sales")
    text = str(caught.value)
    assert f"{name.lower()} from environment" in text
    assert "from .dlt/secrets.toml" in text
    assert "sales-secret" not in text
    assert "a-tenants" not in text
    assert load(project).connection("finops").client_secret == "finops-secret"


def test_a_tenants_address_may_be_committed_and_its_secret_in_the_environment(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".dlt/secrets.toml").unlink()
    add(project, '[sources.sales]\nurl = "https://a.example"\ntoken_url = "https://b.example"\n')
    monkeypatch.setenv("SOURCES__SALES__CLIENT_ID", "id")
    monkeypatch.setenv("SOURCES__SALES__CLIENT_SECRET", "a-secret")
    assert load(project).connection("sales").url == "https://a.example"


def test_the_example_has_addresses_and_the_committed_file_has_none(project: Path) -> None:
    """Filled in as the README says, nothing is left that leads to the sandbox."""
    folder = Path(__file__).parents[2] / ".dlt"
    shutil.copyfile(folder / "config.toml", project / ".dlt/config.toml")
    shutil.copyfile(folder / "example.secrets.toml", project / ".dlt/secrets.toml")
    for system in ("sales", "finops"):
        connection = load(project).connection(system)
        assert all(url.startswith("https://") for url in (connection.url, connection.token_url))
    (project / ".dlt/secrets.toml").unlink()
    with pytest.raises(SettingsError, match=r"sources\.sales\.url is missing"):
        load(project).connection("sales")


def test_secrets_do_not_show_in_the_settings_text(project: Path) -> None:
    context = load(project)
    parts = (context, context.settings, context.connection("sales"), service(context, "sales"))
    shown = " ".join(f"{part!r} {part}" for part in parts)
    assert "http://127.0.0.1:1" in shown
    assert "sales-secret" not in shown


def test_a_wrong_secret_is_not_repeated(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".dlt/secrets.toml").write_text("[sources.sales]\nclient_secret = 12345\n")
    text = refusal(project)
    assert "sources.sales.client_secret" in text
    assert "12345" not in text


def test_every_setting_has_a_description() -> None:
    assert len(setting_names(Settings)) > 15
    for section in (
        Settings.model_fields["sources"].annotation,
        Settings.model_fields["p2c"].annotation,
    ):
        assert section is not None
        for field in section.model_fields.values():
            inner = getattr(field.annotation, "model_fields", None)
            described = inner.values() if inner else [field]
            assert all(one.description for one in described)


def test_the_project_is_found_upwards_or_by_name(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = project / "models" / "staging"
    deep.mkdir(parents=True)
    assert find_project(start=deep) == project
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    assert find_project(start=Path("/")) == project
    with pytest.raises(ProjectError, match=r"has no dbt_project\.yml"):
        find_project(deep)


def test_without_a_project_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="--project-dir"):
        find_project(start=tmp_path)
