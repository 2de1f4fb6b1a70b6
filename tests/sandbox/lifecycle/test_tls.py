"""https with a certificate of the sandbox's own."""

import os
import ssl
import stat

import httpx
import pytest
from p2c_sandbox import process


@pytest.fixture(scope="module")
def running(sandbox_base):
    return sandbox_base(tls=True)


def trusting(running) -> httpx.Client:
    context = ssl.create_default_context(cafile=running.ca_file)
    return httpx.Client(verify=context, trust_env=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_clients_that_trust_the_authority_get_through(running, host):
    with trusting(running) as http:
        for service in (running.sales, running.finops):
            assert service.url.startswith("https://127.0.0.1:")
            url = service.token_url.replace("127.0.0.1", host)
            assert http.post(url, data={}).json()["error"] == "unsupported_grant_type"


def test_others_refuse_the_certificate(running):
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.post(running.sales.token_url, trust_env=False)


def test_links_in_answers_are_https(running):
    form = {
        "grant_type": "client_credentials",
        "client_id": running.client_id,
        "client_secret": running.client_secret,
        "scope": f"{running.sales.url}/.default",
    }
    with trusting(running) as http:
        token = http.post(running.sales.token_url, data=form).json()["access_token"]
        head = {"Authorization": f"Bearer {token}"}
        answer = http.get(f"{running.sales.url}/api/data/v9.2/uoms", headers=head).json()
    assert answer["@odata.context"].startswith(running.sales.url)


def test_the_key_is_for_the_owner_only(running):
    (key,) = (running.directory / "tls").glob("*.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_certificate_outlives_stop_and_reset(tmp_path):
    with process.start(tmp_path, demo="base", tls=True, parent=os.getpid()) as first:
        assert first.ca_file is not None
        created = first.ca_file.read_bytes()
        second = process.reset(tmp_path, "base")
        assert second is not None
        assert (second.ca_file, second.sales.url) == (first.ca_file, first.sales.url)
        assert second.ca_file.read_bytes() == created
        assert second.faults.all() == []
