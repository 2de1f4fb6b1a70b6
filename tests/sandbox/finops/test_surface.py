"""F&O: what the service documents is answered rightly or with 501; 404 is for the rest."""

import httpx
import pytest
from p2c_sandbox.finops.service import finops_model, sets_elsewhere

from tests.sandbox.faults.conftest import clients

ROW = "LegalEntities('usmf')"
NOT_BUILT = [
    "ReleasedProductsV2",
    "SalesOrderHeadersV2?$top=1",
    "CustomerGroups?$expand=x",
    f"{ROW}/Name",
    f"{ROW}/Name/$value",
    "LegalEntities/$ref",
    "LegalEntities?$filter=tolower(Name) eq 'a'",
]
REFUSED = [
    ("Nothere", 404),
    ("Nothere(1)", 404),
    ("LegalEntities('nothere')", 404),
    ("LegalEntities?$select=Nothere", 400),
    ("LegalEntities?$orderby=Nothere", 400),
    ("LegalEntities?$filter=Nothere eq 1", 400),
]


@pytest.mark.parametrize("path", NOT_BUILT)
def test_what_only_the_service_has_is_501(api, path):
    answer = api.get(path)
    assert answer.status == 501
    assert answer.json["error"]["message"].startswith("The ")


@pytest.mark.parametrize(("path", "status"), REFUSED)
def test_what_the_service_has_not_either_is_refused_as_it_does(api, path, status):
    answer = api.get(path)
    assert (answer.status, "error" in answer.json) == (status, status == 400)


def test_no_name_is_both_here_and_elsewhere():
    assert not sets_elsewhere() & finops_model().tables.keys()


def test_the_other_interfaces_say_that_they_are_not_here(sandbox_base):
    _, finops = clients(sandbox_base())
    for path in ("/metadata/PublicEntities", "/api/services/x", "/api/connector/ack/1"):
        answer = httpx.get(f"{finops.service.url}{path}", trust_env=False)
        assert (answer.status_code, "does not offer" in answer.text) == (501, True)
