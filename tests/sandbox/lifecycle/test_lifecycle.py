"""A sandbox starts, answers, and ends by itself."""

import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from p2c_sandbox import process
from p2c_sandbox.process import LOCK, SandboxError


def token(running, service, **more) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": running.client_id,
        "client_secret": running.client_secret,
        **more,
    }
    return httpx.post(service.token_url, data=form, trust_env=False)


def get(running, service, path: str) -> httpx.Response:
    values = token(running, service, scope=f"{service.url}/.default").json()["access_token"]
    head = {"Authorization": f"Bearer {values}"}
    return httpx.get(f"{service.url}{path}", headers=head, trust_env=False)


def wait_until_it_ends(directory: Path) -> None:
    """The sandbox holds a lock as long as it lives."""
    with (directory / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


@pytest.fixture(scope="module")
def running(sandbox_demo):
    return sandbox_demo()


def test_both_services_answer(running):
    accounts = get(running, running.sales, "/api/data/v9.2/accounts?$select=name&$count=true")
    products = get(running, running.finops, "/data/SellableReleasedProducts/$count")
    assert accounts.json()["@odata.count"] == 520
    assert int(products.text) == 330


def test_they_listen_on_loopback_only(running):
    for service in (running.sales, running.finops):
        assert service.url.startswith("http://127.0.0.1:")


def test_ready_says_where_and_with_what(running):
    ready = json.loads((running.directory / "ready.json").read_text())
    assert ready == {
        "pid": running.pid,
        "sales": {"url": running.sales.url, "token_url": running.sales.token_url},
        "finops": {"url": running.finops.url, "token_url": running.finops.token_url},
        "client_id": running.client_id,
        "client_secret": running.client_secret,
        "ca_file": None,
    }


@pytest.mark.parametrize("name", ["ready.json", "credentials.json"])
def test_secrets_are_for_the_owner_only(running, name):
    assert stat.S_IMODE((running.directory / name).stat().st_mode) == 0o600


def test_git_ignores_credentials():
    ignored = (Path(__file__).parents[3] / ".gitignore").read_text().splitlines()
    assert ".sandbox/" in ignored


def test_the_log_holds_no_secret(running):
    assert running.client_secret not in (running.directory / "sandbox.log").read_text()


def test_b1_both_kinds_of_token_and_401_without(running):
    service = running.finops
    version_1 = service.token_url.replace("/v2.0/", "/")
    form = {
        "grant_type": "client_credentials",
        "client_id": running.client_id,
        "client_secret": running.client_secret,
        "resource": service.url,
    }
    answer = httpx.post(version_1, data=form, trust_env=False)
    assert answer.json()["token_type"] == "Bearer"
    assert httpx.get(f"{service.url}/data/Currencies", trust_env=False).status_code == 401
    wrong = token(running, service, client_secret="wrong", scope=f"{service.url}/.default")
    assert wrong.status_code == 401


def test_a_second_start_finds_the_first(running):
    assert process.start(running.directory, demo="demo") == running
    assert process.status(running.directory) == running


def test_stop_start_and_reset(tmp_path):
    with process.start(tmp_path, demo="demo", accounts=5, products=5, parent=os.getpid()) as first:
        count = get(first, first.sales, "/api/data/v9.2/accounts/$count")
        assert count.text.lstrip("\ufeff") == "5"
    assert process.status(tmp_path) is None
    assert process.stop(tmp_path) is False
    assert not (tmp_path / "ready.json").exists()
    with process.start(tmp_path, parent=os.getpid()) as second:
        assert second.client_secret == first.client_secret
        assert get(second, second.finops, "/data/CustomersV2/$count").text == "7"
        third = process.reset(tmp_path, "base")
        assert third is not None
        assert (third.sales.url, third.client_id) == (second.sales.url, second.client_id)
        assert get(third, third.finops, "/data/CustomersV2/$count").text == "0"
        assert process.status(tmp_path) == third
    assert process.reset(tmp_path, "base") is None


def who(running) -> str:
    return get(running, running.sales, "/api/data/v9.2/WhoAmI").json()["OrganizationId"]


def test_a_sandbox_moves_with_all_it_has(sandboxes):
    """The same organisation, data and credentials at other addresses; nobody at the old ones."""
    before = sandboxes.start("base")
    organisation = who(before)
    after = process.move(before.directory, parent=os.getpid())
    ports = [{one.sales.url, one.finops.url} for one in (before, after)]
    assert ports[0].isdisjoint(ports[1])
    assert (who(after), after.client_secret) == (organisation, before.client_secret)
    with pytest.raises(httpx.ConnectError):
        httpx.get(before.sales.url, trust_env=False)


def test_a_sandbox_that_does_not_run_cannot_move(tmp_path):
    with pytest.raises(SandboxError, match="No sandbox runs in"):
        process.move(tmp_path)


def test_two_sandboxes_can_be_two_organisations(sandboxes):
    """Every row that names its organisation names the new one."""
    other = "9C0D6C4A-0000-4000-8000-000000000001"
    found = sandboxes.start("base", switches={"sales.organization_id": other})
    rows = get(found, found.sales, "/api/data/v9.2/organizations").json()["value"]
    units = get(found, found.sales, "/api/data/v9.2/uomschedules").json()["value"]
    assert {who(found), rows[0]["organizationid"]} == {other.lower()}
    assert {row["_organizationid_value"] for row in units} == {other.lower()}


def test_it_ends_when_nobody_asks_for_a_while(tmp_path):
    process.start(tmp_path, idle_timeout=0.1)
    wait_until_it_ends(tmp_path)
    assert process.status(tmp_path) is None
    assert not (tmp_path / "ready.json").exists()


def test_it_ends_when_its_parent_ends(tmp_path):
    code = (
        "import os, sys; from p2c_sandbox import process;"
        "process.start(sys.argv[1], parent=os.getpid())"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path.cwd())
    wait_until_it_ends(tmp_path)
    assert process.status(tmp_path) is None


def test_a_taken_port_is_named(running, tmp_path):
    taken = int(running.sales.url.rsplit(":", 1)[1])
    with pytest.raises(SandboxError, match=f"Port {taken} of 127.0.0.1 is taken"):
        process.start(tmp_path, sales_port=taken)


def test_a_dead_sandbox_is_not_running(running, tmp_path):
    (tmp_path / "ready.json").write_text((running.directory / "ready.json").read_text())
    assert process.status(tmp_path) is None


def test_an_open_question_can_be_answered_the_other_way(sandboxes):
    found = sandboxes.start("base", switches={"finops.default_company": "demf"})
    row = get(found, found.finops, "/data/CustomerGroups?$top=1").json()["value"][0]
    assert row["dataAreaId"] == "demf"
