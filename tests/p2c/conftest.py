"""A project folder for each test, and an environment without the developer's settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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
