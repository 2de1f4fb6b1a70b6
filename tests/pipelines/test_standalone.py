from __future__ import annotations

from pathlib import Path

import dlt
import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from pipelines.common.errors import MissingSetting
from pipelines.finops import FinopsConnection, finops
from pipelines.sales import SalesConnection, sales
from pipelines.standalone import main

from .conftest import Warehouse, fill
from .service import CREDENTIALS, Fake


@pytest.fixture(autouse=True)
def unconfigured(elsewhere: None) -> None:
    """dlt without the files it read for an earlier test."""
    Container()[PluggableRunContext].reload_providers()


@pytest.fixture
def configured(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The service, with its address and credentials in dlt's environment variables."""
    fill(fake)
    for system in ("SALES", "FINOPS"):
        values = {**CREDENTIALS, "url": fake.url, "token_url": fake.sales.token_url}
        for name, value in values.items():
            monkeypatch.setenv(f"SOURCES__{system}__{name.upper()}", value)
    return fake


def test_a_pipeline_runs_on_its_own(
    configured: Fake, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2C__WAREHOUSE", str(warehouse.path))
    monkeypatch.setenv("P2C__STATE_DIR", str(warehouse.state))
    output: list[str] = []
    assert main(SalesConnection, output.append) == 0
    assert main(FinopsConnection, output.append) == 0
    assert "accounts" in output[0]
    assert "26 rows in" in output[0]
    assert warehouse.query("select count(*) from raw_sales.accounts") == [(25,)]
    assert warehouse.query("select count(*) from raw_finops.customers") == [(1,)]


def test_a_failure_is_one_sentence(
    configured: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOURCES__SALES__CLIENT_SECRET")
    assert main(SalesConnection) == 1
    assert capsys.readouterr().err.startswith("Setting sources.sales.client_secret is missing")


@pytest.mark.parametrize("source", [sales, finops])
def test_the_sources_are_plain_dlt_sources(
    configured: Fake, warehouse: Warehouse, source: object
) -> None:
    names = {"accounts", "customers"}
    found = source(tables=names)  # type: ignore[operator]
    pipeline = dlt.pipeline(
        "native",
        pipelines_dir=str(warehouse.state),
        destination=dlt.destinations.duckdb(str(warehouse.path)),
        dataset_name="raw",
    )
    for rows in (25 if source is sales else 1,) * 2:
        pipeline.run(found if found.exhausted is False else source(tables=names))  # type: ignore
        table = "accounts" if source is sales else "customers"
        assert warehouse.query(f"select count(*) from raw.{table}") == [(rows,)]


def test_a_source_without_configuration_says_what_is_missing() -> None:
    with pytest.raises(MissingSetting, match=r"Setting sources\.finops\.\w+ is missing"):
        list(finops().resources)


def test_a_sandboxs_address_with_a_secret_from_elsewhere_is_refused(
    configured: Fake,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The file leads to this machine, the secret in the environment may be a tenant's."""
    url = configured.url
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/secrets.toml").write_text(
        f'[sources.sales]\nurl = "{url}"\ntoken_url = "{url}/t/oauth2/v2.0/token"\n'
    )
    for name in ("URL", "TOKEN_URL"):
        monkeypatch.delenv(f"SOURCES__SALES__{name}")
    Container()[PluggableRunContext].reload_providers()
    assert main(SalesConnection) == 1
    assert "client_secret from Environment Variables" in capsys.readouterr().err
    assert not configured.secrets
