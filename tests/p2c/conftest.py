"""A project folder for each test, and an environment without the developer's settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import loaders
from loaders import SyncGraph
from loaders.models import WriteTarget
from p2c.cli import main
from p2c.config.context import load
from p2c.run import current, engine, flows

from .cli_world import Result, World
from .keys_world import keys_project, keys_warehouse
from .record_world import Records

__all__ = ["keys_project", "keys_warehouse"]  # fixtures of the tests of `p2c keys`

ROOT = Path(__file__).parents[2]
CONFIG = """
[runtime]
log_level = "ERROR"
"""
SECRETS = """
[sources.sales]
url = "http://127.0.0.1:1"
token_url = "http://127.0.0.1:1/t/oauth2/v2.0/token"
client_id = "sales-client"
client_secret = "sales-secret"
[sources.finops]
url = "http://127.0.0.1:2"
token_url = "http://127.0.0.1:2/t/oauth2/v2.0/token"
client_id = "finops-client"
client_secret = "finops-secret"
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(("SOURCES__", "P2C_")):
            monkeypatch.delenv(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with dbt_project.yml, both tables.yml, config.toml and secrets.toml."""
    (tmp_path / "dbt_project.yml").write_text("name: test\n")
    for tables in ("pipelines/sales/tables.yml", "pipelines/finops/tables.yml"):
        (tmp_path / tables).parent.mkdir(parents=True)
        shutil.copy(ROOT / tables, tmp_path / tables)
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text(CONFIG)
    (tmp_path / ".dlt/secrets.toml").write_text(SECRETS)
    (tmp_path / ".dlt/secrets.toml").chmod(0o600)
    return tmp_path


@pytest.fixture
def records(project: Path) -> Records:
    """The warehouse of a project, with the tables that `p2c explain` reads."""
    return Records.created(load(project))


@pytest.fixture
def world(project: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    fakes = World()
    model = "changes_finops__customers"
    target = WriteTarget(model, model, "accounts", "finops", "CustomersV2", (), frozenset(), {})
    graph = SyncGraph((target,), "v")
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    monkeypatch.setattr(engine, "refresh", fakes.refresh)
    monkeypatch.setattr(flows, "graph", lambda context, fresh=False: graph)
    monkeypatch.setattr(engine, "services", lambda context: {})
    for module in (engine, current):
        monkeypatch.setattr(module, "publish", lambda *_, **__: 0)
    monkeypatch.setattr(current, "keep_reconciliation", lambda *_: 0)
    monkeypatch.setattr(engine, "check_build", lambda *_: None)
    for name in ("make_plan", "check_guards", "apply_plan", "flow_report"):
        monkeypatch.setattr(engine, name, getattr(fakes, name))
    monkeypatch.setattr(loaders, "alike", lambda ledger, plan_id, each: fakes.kinds(each))
    monkeypatch.setattr(loaders, "load_plan", lambda ledger, plan_id: fakes.plan)
    return fakes


@pytest.fixture
def p2c(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    def call(*words: str) -> Result:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        code = ended.value.code
        output = capsys.readouterr()
        return Result(int(code or 0), output.out, output.err)

    return call
