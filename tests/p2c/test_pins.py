"""What is asked before something is written: are these the environments that were staged?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from loaders import Ledger, Service
from loaders.errors import RetryLater
from loaders.models import System
from p2c.config.context import load
from p2c.config.pins import ATTEMPTS, confirm, ledger_pins
from p2c.run.engine import publish_ledger
from p2c.screen.output import Output
from pipelines.common.address_errors import MixedState, UnknownEnvironment, WrongEnvironment
from pipelines.common.pins import WarehousePins

ONE, OTHER = "11111111-aaaa", "22222222-BBBB"


class Organisation:
    """Sales, as far as it says who it is; `busy` times it says 429 first."""

    def __init__(self, identity: str | None, status: int = 200, busy: int = 0) -> None:
        self.identity, self.status, self.busy = identity, status, busy
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3599})
        if self.busy:
            self.busy -= 1
            return httpx.Response(429, headers={"Retry-After": "0"})
        return httpx.Response(self.status, json={"OrganizationId": self.identity})

    @property
    def services(self) -> dict[System, Service]:
        transport = httpx.MockTransport(self)
        url = "http://127.0.0.1:1"
        sales = Service("sales", url, f"{url}/token", "id", "secret", transport=transport)
        return {"sales": sales, "finops": Service("finops", url, f"{url}/token", "id", "secret")}


@pytest.fixture
def ledger(project: Path) -> Iterator[Ledger]:
    with Ledger.open(project / ".p2c") as found:
        yield found


def test_a_ledger_belongs_to_the_organisation_it_first_wrote_to(
    project: Path, ledger: Ledger
) -> None:
    first = Organisation(ONE)
    confirm(load(project), first.services)
    confirm(load(project), first.services)
    with pytest.raises(WrongEnvironment) as raised:
        confirm(load(project), Organisation(OTHER).services)
    message = str(raised.value)
    assert message.startswith(f"The ledger {ledger.path} belongs to organisation {ONE} of Sales")
    assert OTHER.lower() in message
    assert "p2c.state_dir" in message


def test_a_warehouse_of_another_organisation_is_refused_before_the_ledger_is_marked(
    project: Path, ledger: Ledger
) -> None:
    context = load(project)
    WarehousePins(context.warehouse).pin({"sales": ONE})
    with pytest.raises(WrongEnvironment, match="The warehouse "):
        confirm(context, Organisation(OTHER).services)
    assert ledger_pins(context).pins() == {}


def test_a_ledger_is_not_published_into_the_warehouse_of_another_organisation(
    project: Path, ledger: Ledger
) -> None:
    """Files that were moved one by one; no service has to be asked to see it."""
    context = load(project)
    publish_ledger(context, Output(), ledger)
    WarehousePins(context.warehouse).pin({"sales": ONE})
    ledger_pins(context).pin({"sales": OTHER.lower()})
    before = context.warehouse.read_bytes()
    with pytest.raises(MixedState) as raised:
        publish_ledger(context, Output(), ledger)
    assert ONE in str(raised.value)
    assert OTHER.lower() in str(raised.value)
    assert context.warehouse.read_bytes() == before
    ledger_pins(context).pin({"sales": ONE})
    publish_ledger(context, Output(), ledger)
    assert context.warehouse.read_bytes() != before


def test_finops_at_another_host_is_refused_until_the_setting_names_it(
    project: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = load(project)
    ledger_pins(context).pin({"finops": "old.operations.dynamics.com"})
    with pytest.raises(WrongEnvironment, match=r"sources\.finops\.environment"):
        confirm(context, Organisation(ONE).services)
    monkeypatch.setenv("SOURCES__FINOPS__ENVIRONMENT", "old.operations.dynamics.com")
    confirm(load(project), Organisation(ONE).services)


def test_nothing_is_made_for_a_question(project: Path) -> None:
    confirm(load(project), Organisation(ONE).services)
    assert not (project / ".p2c").exists()
    assert not load(project).warehouse.exists()


def test_a_command_asks_once(project: Path) -> None:
    sales, context = Organisation(ONE), load(project)
    confirm(context, sales.services)
    confirm(context, sales.services)
    assert sales.asked == ["/token", "/api/data/v9.2/WhoAmI"]


def test_a_busy_service_is_asked_again(project: Path) -> None:
    confirm(load(project), Organisation(ONE, busy=2).services)
    with pytest.raises(RetryLater):
        confirm(load(project), Organisation(ONE, busy=ATTEMPTS).services)


@pytest.mark.parametrize(("identity", "status"), [(None, 200), ("", 200), (ONE, 404)])
def test_a_service_that_does_not_say_who_it_is_is_not_written_to(
    project: Path, identity: str | None, status: int
) -> None:
    with pytest.raises(UnknownEnvironment, match="does not say which organisation it is"):
        confirm(load(project), Organisation(identity, status).services)


def test_a_ledger_is_for_its_owner_only(tmp_path: Path) -> None:
    """Its rows hold what was written: names, addresses, prices."""
    before = os.umask(0o022)
    try:
        with Ledger.open(tmp_path / "state") as ledger:
            ledger.start_run("run")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in _in(ledger.path)}
    finally:
        os.umask(before)
    assert {"ledger.sqlite", "ledger.sqlite-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def _in(path: Path) -> list[Path]:
    return list(path.parent.iterdir())
