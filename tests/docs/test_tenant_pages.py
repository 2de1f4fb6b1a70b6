"""The page of privileges is what the project needs; what the guide says is offered is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loaders import read_targets
from p2c.config.context import load
from p2c.tenant.pages import role_page
from tests.parsed import parsed

ROOT = Path(__file__).parents[2]


def test_the_page_of_privileges_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOURCES__FINOPS__CUSTOMERS_ENTITY_SET", "P2C__TARGET_DIR"):
        monkeypatch.delenv(name, raising=False)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(parsed().manifest))
    page = (ROOT / "docs/tenant/role.md").read_text()
    assert page == role_page(load(ROOT), read_targets(manifest)), "run `make docs`"
