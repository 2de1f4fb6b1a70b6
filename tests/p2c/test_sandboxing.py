"""What `p2c sandbox` does to settings and staged data: its own may go, a person's never."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from p2c_sandbox.commands.place import SandboxError
from p2c_sandbox.commands.project import forget_staged, point_settings_at
from p2c_sandbox.process import Running, Service

from p2c.config.context import load
from pipelines.common.pins import THIS_MACHINE, Keeper, StatePins, WarehousePins


def running(directory: Path, port: int = 8365) -> Running:
    url = f"http://127.0.0.1:{port}"
    service = Service(url, f"{url}/sandbox/oauth2/v2.0/token")
    return Running(directory, 1, service, service, "the-client", "the-secret")


def test_up_writes_secrets_where_there_are_none(project: Path) -> None:
    secrets = project / ".dlt/secrets.toml"
    secrets.unlink()
    point_settings_at(running(project), project)
    connection = load(project).connection("finops")
    assert (connection.url, connection.client_secret) == ("http://127.0.0.1:8365", "the-secret")
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600


def test_up_writes_again_what_it_wrote_itself(project: Path) -> None:
    (project / ".dlt/secrets.toml").unlink()
    point_settings_at(running(project), project)
    point_settings_at(running(project, 9000), project)
    assert load(project).connection("sales").url == "http://127.0.0.1:9000"


def test_what_a_person_added_to_its_file_stays(project: Path) -> None:
    secrets = project / ".dlt/secrets.toml"
    secrets.unlink()
    point_settings_at(running(project), project)
    mine = '\n[p2c.notify]  # ours\nwebhook = "https://chat.example/hook"\n'
    text = secrets.read_text().replace("[sources.sales]", "[sources.sales]\npage_size = 700")
    secrets.write_text(text + mine)
    point_settings_at(running(project, 9000), project)
    settings = load(project).settings
    assert settings.sources.sales.url == settings.sources.finops.url == "http://127.0.0.1:9000"
    assert settings.sources.sales.page_size == 700
    assert secrets.read_text().endswith(mine)


def test_its_file_with_a_slip_is_named_and_left_as_it_is(project: Path) -> None:
    secrets = project / ".dlt/secrets.toml"
    secrets.unlink()
    point_settings_at(running(project), project)
    slip = secrets.read_text() + "\n[p2c.notify\n"
    secrets.write_text(slip)
    with pytest.raises(SandboxError, match=r"secrets\.toml cannot be read .*line"):
        point_settings_at(running(project), project)
    assert secrets.read_text() == slip


def test_up_leaves_a_persons_secrets_alone_and_says_what_to_put_there(project: Path) -> None:
    secrets = project / ".dlt/secrets.toml"
    before = secrets.read_text()
    with pytest.raises(SandboxError) as caught:
        point_settings_at(running(project), project)
    assert secrets.read_text() == before
    assert 'client_secret = "the-secret"' in str(caught.value)
    assert "move" in str(caught.value)


def test_up_notices_that_the_environment_leads_elsewhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".dlt/secrets.toml").unlink()
    monkeypatch.setenv("SOURCES__SALES__URL", "https://org.crm4.dynamics.com")
    with pytest.raises(SandboxError, match="settings of sales"):
        point_settings_at(running(project), project)


def test_reset_forgets_what_was_staged_and_nothing_else(project: Path) -> None:
    context = load(project)
    state = context.path("state_dir")
    (state / "dlt/pipelines").mkdir(parents=True)
    for path in (context.warehouse, state / "ledger.sqlite", state / "ledger.sqlite-wal"):
        path.write_text("x")
    (state / "notes.txt").write_text("a person's own")
    forget_staged(context)
    assert not context.warehouse.exists()
    assert [path.name for path in state.iterdir()] == ["notes.txt"]


def test_reset_keeps_what_may_be_a_tenants_data(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__FINOPS__URL", "https://org.operations.dynamics.com")
    context = load(project)
    context.warehouse.write_text("x")
    with pytest.raises(SandboxError, match=r"org\.operations\.dynamics\.com"):
        forget_staged(context)
    assert context.warehouse.exists()


@pytest.mark.parametrize("place", ["warehouse", "state"])
def test_reset_keeps_a_tenants_data_also_where_the_settings_name_no_tenant(
    project: Path, place: str
) -> None:
    """The variables of a scheduled run are not there when somebody types `sandbox reset`."""
    context = load(project)
    keeper: Keeper = WarehousePins(context.warehouse)
    if place == "state":
        keeper = StatePins(context.path("state_dir") / "dlt")
    keeper.pin({"finops": "org.operations.dynamics.com"})
    with pytest.raises(SandboxError, match=r"holds data of org\.operations\.dynamics\.com"):
        forget_staged(context)
    keeper.pin({"finops": THIS_MACHINE})
    forget_staged(context)
    assert not context.warehouse.exists()


def test_up_takes_rights_away_from_a_file_it_writes_again(project: Path) -> None:
    """The credentials in it are new ones."""
    secrets = project / ".dlt/secrets.toml"
    secrets.unlink()
    point_settings_at(running(project), project)
    secrets.chmod(0o644)
    point_settings_at(running(project), project)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
