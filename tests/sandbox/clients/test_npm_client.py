"""dynamics-web-api from npm, unchanged, against the sandbox over https.

The tests are JavaScript (dynamics_web_api.test.mjs); each one is a test here as well.
"""

import re

import pytest
from p2c_sandbox.faults.admin import PATH

from tests.sandbox.clients.node import FOLDER, node, require_node

SUITE = FOLDER / "dynamics_web_api.test.mjs"
NAMES = re.findall(r'^test\("([^"]+)"', SUITE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def report(running) -> str:
    """What the suite's run said, as TAP."""
    require_node()
    environment = {
        "SALES_URL": running.sales.url,
        "TOKEN_URL": running.sales.token_url,
        "FAULTS_URL": running.sales.url + PATH,
        "CLIENT_ID": running.client_id,
        "CLIENT_SECRET": running.client_secret,
        "NODE_EXTRA_CA_CERTS": str(running.ca_file),
        "NO_PROXY": "127.0.0.1",
    }
    words = ("--test", "--test-reporter=tap", SUITE.name)
    return node(*words, environment=environment).stdout.decode()


@pytest.mark.parametrize("name", NAMES)
def test_dynamics_web_api(report, name):
    wanted = rf"^ *ok \d+ - {re.escape(name.replace(chr(35), chr(92) + chr(35)))}$"
    assert re.search(wanted, report, re.MULTILINE), report
