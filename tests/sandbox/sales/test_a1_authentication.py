"""Protocols A1 and D1: token endpoint, bearer token on every call."""

from .conftest import ROOT


def test_a1_token_answer_has_type_life_and_token(sales):
    answer = sales.ask_token()
    assert answer.status_code == 200
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3599
    assert body["access_token"]


def test_a1_wrong_secret_is_refused_as_invalid_client(sales):
    answer = sales.ask_token(client_secret="wrong")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_a1_unknown_client_is_refused(sales):
    answer = sales.ask_token(client_id="other")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a1_scope_must_end_with_default(sales):
    answer = sales.ask_token(scope="http://sales.test")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_d1_no_token_gives_401_without_body(sales):
    answer = sales.raw("GET", f"{ROOT}/WhoAmI")
    assert answer.status_code == 401
    assert answer.content == b""
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_d1_expired_token_gives_401_and_a_new_one_works(sales):
    assert sales.get("WhoAmI").status_code == 200
    sales.clock.forward(minutes=61)
    assert sales.get("WhoAmI").status_code == 401
    sales.token = sales.ask_token().json()["access_token"]
    assert sales.get("WhoAmI").status_code == 200


def test_a2_who_am_i_names_user_unit_and_organisation(sales):
    body = sales.read("WhoAmI")
    user = sales.read(f"systemusers({body['UserId']})?$select=_businessunitid_value")
    assert user["_businessunitid_value"] == body["BusinessUnitId"]
    assert sales.read(f"organizations({body['OrganizationId']})")["name"] == "sandbox"


def test_a2_older_version_urls_keep_working(sales):
    assert sales.get("http://sales.test/api/data/v9.0/WhoAmI").status_code == 200


def test_a10_answers_carry_the_advised_parallelism(sales):
    assert int(sales.get("WhoAmI").headers["x-ms-dop-hint"]) > 0
