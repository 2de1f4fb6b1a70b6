"""The sandbox commands and `extract` with a real sandbox: the way a newcomer meets them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from p2c_sandbox import process
from typer.testing import CliRunner, Result

from p2c.cli import app, main
from p2c.commands.session import Session
from p2c.config.context import load
from p2c.warehouse import reading
from pipelines.common.private import open_to_others


@pytest.fixture
def home(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project without secrets; a sandbox that it starts is stopped."""
    (project / ".dlt/secrets.toml").unlink()
    monkeypatch.setenv("P2C_PROJECT_DIR", str(project))
    monkeypatch.chdir(project)
    yield project
    process.stop(project / ".sandbox")


def p2c(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), obj=Session())


def up(demo: str = "base") -> Result:
    return p2c("sandbox", "up", "--demo", demo, "--sales-port", "0", "--finops-port", "0")


def test_from_nothing_to_staged_data_and_back(home: Path) -> None:
    assert "p2c run" in up("demo").output
    assert json.loads(p2c("sandbox", "status", "--json").stdout)["running"] is True
    doctor = json.loads(p2c("doctor", "--json").stdout)["checks"]
    reached = {check["check"]: check["status"] for check in doctor}
    assert reached["sales connection"] == reached["finops connection"] == "ok"
    assert reached["system pricing (G8)"] == reached["discount method (G8)"] == "ok"

    extracted = p2c("extract", "--json")
    rows = {table["table"]: table["rows"] for table in json.loads(extracted.stdout)["tables"]}
    assert rows["accounts"] >= 500
    with reading(home / "warehouse.duckdb") as warehouse:
        found = warehouse.rows("select count(*) as n from raw_sales.accounts")
    assert found[0]["n"] == rows["accounts"]

    assert "--yes" in str(p2c("sandbox", "reset").exception)
    assert p2c("sandbox", "reset", "--demo", "base", "--yes").exit_code == 0
    assert not (home / "warehouse.duckdb").exists()
    assert "stopped" in p2c("sandbox", "down").output
    assert "No sandbox" in p2c("sandbox", "status").output


def test_load_names_wrong_rows_with_file_and_line(home: Path) -> None:
    up()
    data = home / "data"
    data.mkdir()
    (data / "sales.accounts.csv").write_text("name,revenue\nGood,1\nBad,much\n")
    result = p2c("sandbox", "load", str(data), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["rows"] == {"sales.accounts.csv": 1}
    assert (found["problems"][0]["file"], found["problems"][0]["line"]) == ("sales.accounts.csv", 3)


def test_load_without_a_sandbox_says_how_to_start_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["sandbox", "load", str(home)])
    assert "p2c sandbox up" in capsys.readouterr().err


def test_a_failed_extract_leaves_the_warehouse_as_it_was(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    up()
    value = load(home).connection("finops")
    for name in ("url", "token_url", "client_id", "client_secret"):
        monkeypatch.setenv(f"SOURCES__FINOPS__{name.upper()}", getattr(value, name))
    monkeypatch.setenv("SOURCES__FINOPS__CLIENT_SECRET", "wrong")
    with pytest.raises(SystemExit, match="1"):
        main(["extract"])
    message = capsys.readouterr().err
    assert message.startswith("Error: F&O refused the credentials")
    assert "Traceback" not in message
    assert not load(home).warehouse.exists()


def test_faults_are_added_listed_and_cleared(home: Path) -> None:
    up()
    added = p2c("sandbox", "faults", "add", "throttle", "service=sales", "times=none", "--json")
    fault = {"kind": "throttle", "service": "sales", "times": None, "struck": 0}
    assert json.loads(added.stdout)["faults"] == [fault]
    assert "throttle service=sales times=None" in p2c("sandbox", "faults", "list").output
    for words, message in {
        ("meteor",): "There is no fault 'meteor'. There are latency, slow_start, throttle",
        ("thrott",): "There is no fault 'thrott'. Did you mean 'throttle'?",
        ("latency", "second=2"): "A fault has no setting 'second'. Did you mean 'seconds'?",
        ("latency", "seconds=abc"): "seconds cannot be 'abc': input should be a valid number",
    }.items():
        assert message in str(p2c("sandbox", "faults", "add", *words).exception)
    assert "No faults" in p2c("sandbox", "faults", "clear").output


def test_the_settings_trust_a_sandbox_with_tls(home: Path) -> None:
    words = ("--demo", "base", "--sales-port", "0", "--finops-port", "0", "--tls")
    assert p2c("sandbox", "up", *words).exit_code == 0
    doctor = json.loads(p2c("doctor", "--json").stdout)["checks"]
    reached = {check["check"]: check["status"] for check in doctor}
    assert reached["sales connection"] == reached["finops connection"] == "ok"


def modes(table: str) -> str:
    tables = json.loads(p2c("extract", "--json").stdout)["tables"]
    return next(found["mode"] for found in tables if found["table"] == table)


def test_a_sandbox_that_comes_back_elsewhere_goes_on_and_a_fresh_one_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same data at other ports; then a new sandbox beside the old warehouse."""
    up()
    before = load(home).connection("sales").url
    assert (modes("uoms"), modes("uoms")) == ("full", "delta")
    process.stop(home / ".sandbox")
    with socket.create_server(("127.0.0.1", urlsplit(before).port or 0)):
        up()
        assert load(home).connection("sales").url != before
        assert modes("uoms") == "delta"
    process.stop(home / ".sandbox")
    shutil.rmtree(home / ".sandbox")
    up()
    with pytest.raises(SystemExit, match="1"):
        main(["extract"])
    message = " ".join(capsys.readouterr().err.split())
    assert f"The warehouse {home / 'warehouse.duckdb'} belongs to organisation" in message
    assert "to start anew" in message
    assert "p2c sandbox reset" in message
    assert p2c("sandbox", "reset", "--demo", "base", "--yes").exit_code == 0
    assert modes("uoms") == "full"


def test_what_commands_make_is_for_the_owner_only(home: Path) -> None:
    """Copies of what two companies' systems hold, and the way in."""
    up()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    words = [sys.executable, "-m", "p2c", "extract"]
    before = os.umask(0o022)
    try:
        subprocess.run(words, env=environment, check=True, capture_output=True)
    finally:
        os.umask(before)
    created = [*home.glob("warehouse.duckdb*"), *(home / ".p2c").rglob("*"), home / ".p2c"]
    assert len(created) > 5
    assert [path for path in created if open_to_others(path)] == []
