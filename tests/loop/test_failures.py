"""When a service cannot be read: exit 1, one sentence, and the warehouse as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Synced
from .world import Answer, World

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


def assert_refused(answer: Answer, *words: str) -> None:
    """One paragraph that names what is wrong, for people and for scripts alike."""
    assert answer.exit == 1, answer.out
    [line] = answer.err.strip().splitlines()
    assert line.startswith("Error: ")
    assert "Traceback" not in answer.err + answer.out
    for word in words:
        assert word in line
    assert answer.json["status"] == "failed"
    assert answer.json["error"] == line.removeprefix("Error: ")


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("SOURCES__SALES__CLIENT_SECRET", "wrong", ("Sales", "credentials", "client_secret")),
        ("SOURCES__FINOPS__CLIENT_SECRET", "wrong", ("F&O", "credentials", "client_secret")),
        ("SOURCES__FINOPS__URL", NOBODY, ("F&O", "does not answer", NOBODY)),
        ("SOURCES__SALES__CLIENT_SECRET", "", ("sources.sales.client_secret", "secrets.toml")),
    ],
    ids=["secret of Sales", "secret of F&O", "service down", "no secret"],
)
def test_a_failed_extract_says_why_and_leaves_the_warehouse(
    synced: Synced, setting: str, value: str, words: tuple[str, ...]
) -> None:
    before = synced.world.content()
    assert any(name.startswith("raw_sales.") for name in before)
    answer = synced.world.with_settings(**{setting: value}).p2c("extract", "--json")
    assert_refused(answer, *words)
    assert synced.world.content() == before


def test_a_secret_that_nobody_set_is_named_before_anything_is_made(
    world: World, tmp_path: Path
) -> None:
    copy = world.in_copy(tmp_path / "project").with_settings(
        P2C__WAREHOUSE=str(tmp_path / "none.duckdb")
    )
    answer = copy.without("SOURCES__FINOPS__CLIENT_SECRET").p2c("run", "--json")
    assert_refused(answer, "sources.finops.client_secret", "SOURCES__FINOPS__CLIENT_SECRET")
    assert not (tmp_path / "none.duckdb").exists()
