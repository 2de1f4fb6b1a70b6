"""Faults are set by the holder of the secret, on this machine."""

import anyio
import httpx
import pytest
from p2c_sandbox.faults.admin import PATH, Admin
from p2c_sandbox.faults.control import FaultControl, FaultError
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.faults.registry import Faults
from p2c_sandbox.odata.auth import Credentials

from .conftest import CONNECTION_LOST


def test_set_add_see_and_clear(running, faults):
    first = Fault(kind="latency", path="/accounts", seconds=0.1)
    second = Fault(kind="throttle", limit="time", probability=0.5, seed=3, times=None)
    faults.set(first)
    faults.add(second)
    assert faults.all() == [first, second]
    assert faults.struck() == [0, 0]
    faults.clear()
    assert faults.all() == []


def test_both_services_show_the_same_faults(running, faults):
    faults.set(Fault(kind="html"))
    keys = (running.client_id, running.client_secret)
    assert FaultControl(running.finops.url, keys).all() == faults.all()


def test_a_sandbox_starts_with_faults(sandboxes):
    found = sandboxes.start("base", faults=[Fault(kind="drop_before", path="oauth2")])
    with pytest.raises(CONNECTION_LOST):
        httpx.post(found.sales.token_url, trust_env=False)


@pytest.mark.parametrize("keys", [None, ("wrong", "wrong")])
def test_others_see_an_unknown_path(running, keys):
    answer = httpx.get(running.sales.url + PATH, auth=keys, trust_env=False)
    unknown = httpx.get(f"{running.sales.url}/.other", trust_env=False)
    assert (answer.status_code, answer.text) == (404, unknown.text)


def test_other_machines_see_an_unknown_path():
    app = Admin(_no_such_path, faults=Faults(), credentials=Credentials("id", "secret"))
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 5000))
    assert _get(transport) == 404
    assert _get(httpx.ASGITransport(app, client=("127.0.0.1", 5000))) == 200


def test_a_wrong_fault_is_named(running):
    body = [{"kind": "meteor"}]
    keys = (running.client_id, running.client_secret)
    answer = httpx.put(running.sales.url + PATH, json=body, auth=keys, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Fault 0.kind: Input should be 'latency'")


def test_a_sandbox_that_refuses_says_why(running):
    control = FaultControl(running.sales.url, ("wrong", "wrong"))
    with pytest.raises(FaultError, match="not taken \\(404\\)"):
        control.clear()


async def _no_such_path(scope, receive, send):
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _get(transport) -> int:
    async def ask() -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
            return (await http.get(PATH, auth=("id", "secret"))).status_code

    return anyio.run(ask)
