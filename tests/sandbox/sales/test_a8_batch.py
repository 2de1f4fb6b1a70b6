"""Protocols A8 and D6: multipart $batch."""

import json
import re

from .conftest import refusal


def part(method, url, body=None, content_id=None, headers=()):
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    lines += ["", f"{method} {url} HTTP/1.1", *headers]
    lines += ["Content-Type: application/json; type=entry"] if body is not None else []
    return "\r\n".join([*lines, "", "" if body is None else json.dumps(body)])


def change_set(*parts, boundary="changeset_1"):
    inner = "".join(f"--{boundary}\r\n{text}\r\n" for text in parts)
    return f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


def send(sales, *parts, **headers):
    body = "".join(f"--batch_1\r\n{text}\r\n" for text in parts) + "--batch_1--\r\n"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {
        "Authorization": f"Bearer {sales.token}",
        "Content-Type": 'multipart/mixed; boundary="batch_1"',
    }
    return sales.raw("POST", "/api/data/v9.2/$batch", content=body.encode(), headers=named)


def statuses(answer):
    return [int(s) for s in re.findall(r"^HTTP/1\.1 (\d+)", answer.text, re.MULTILINE)]


def create(name, **more):
    return part("POST", "/api/data/v9.2/accounts", {"name": name}, **more)


BAD = part("POST", "/api/data/v9.2/accounts", {"nothere": 1})


def test_a8_parts_are_answered_in_order(sales):
    answer = send(sales, create("a"), part("GET", "accounts?$select=name"), create("b"))
    assert answer.status_code == 200
    assert statuses(answer) == [204, 200, 204]
    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    assert boundary.startswith("batchresponse_")
    assert answer.text.rstrip().endswith(f"--{boundary}--")


def test_a8_urls_may_be_absolute_rooted_or_relative(sales):
    base = "http://sales.test/api/data/v9.2"
    urls = [f"{base}/accounts", "/api/data/v9.2/accounts", "accounts"]
    answer = send(sales, *(part("POST", url, {"name": "x"}) for url in urls))
    assert statuses(answer) == [204, 204, 204]
    assert sales.get("accounts/$count").text == "3"


def test_d6_stops_at_the_first_error_with_400(sales):
    answer = send(sales, create("a"), BAD, create("b"))
    assert answer.status_code == 400
    assert statuses(answer) == [204, 400]
    assert sales.get("accounts/$count").text == "1"


def test_d6_continue_on_error_answers_every_part_with_200(sales):
    answer = send(sales, create("a"), BAD, create("b"), Prefer="odata.continue-on-error")
    assert answer.status_code == 200
    assert statuses(answer) == [204, 400, 204]
    assert sales.get("accounts/$count").text == "2"


def test_d6_change_set_is_atomic_with_one_error_part(sales):
    answer = send(
        sales,
        change_set(create("a", content_id=1), BAD, create("b", content_id=3)),
        Prefer="odata.continue-on-error",
    )
    assert statuses(answer) == [400]
    assert "changesetresponse_" not in answer.text
    assert sales.get("accounts/$count").text == "0"


def test_a8_change_set_answers_carry_their_content_ids(sales):
    answer = send(sales, change_set(create("a", content_id="one"), create("b", content_id="two")))
    assert "changesetresponse_" in answer.text
    assert re.findall(r"Content-ID: (\w+)", answer.text) == ["one", "two"]
    assert sales.get("accounts/$count").text == "2"


def test_a8_reference_as_url_and_in_a_bind(sales):
    contact = part("POST", "/api/data/v9.2/contacts", {"lastname": "Lee"}, content_id=1)
    account = part(
        "POST",
        "/api/data/v9.2/accounts",
        {"name": "x", "primarycontactid@odata.bind": "$1"},
        content_id=2,
    )
    rename = part("PATCH", "$2", {"name": "y"}, content_id=3)
    answer = send(sales, change_set(contact, account, rename))
    assert statuses(answer) == [204, 204, 204]
    row = sales.read("accounts?$expand=primarycontactid($select=lastname)")["value"][0]
    assert (row["name"], row["primarycontactid"]["lastname"]) == ("y", "Lee")


def test_a8_reference_to_an_unknown_id_gives_400(sales):
    answer = send(sales, change_set(create("x", content_id=1), part("PATCH", "$9", {"name": "y"})))
    assert statuses(answer) == [400]
    assert "$9" in answer.text
    assert sales.get("accounts/$count").text == "0"


def test_a8_no_get_in_a_change_set(sales):
    answer = send(sales, change_set(part("GET", "/api/data/v9.2/accounts")))
    assert statuses(answer) == [400]


def test_a8_conditional_headers_belong_to_inner_requests(sales):
    row_id = sales.create("accounts", name="x")
    stale = part(
        "PATCH", f"/api/data/v9.2/accounts({row_id})", {"name": "y"}, headers=['If-Match: W/"1"']
    )
    assert statuses(send(sales, stale)) == [412]


def test_d6_limit_of_1000_parts(sales):
    answer = send(sales, *(part("GET", "WhoAmI") for _ in range(1001)))
    assert refusal(answer)[0] == 400
    assert len(statuses(send(sales, *(part("GET", "WhoAmI") for _ in range(1000))))) == 1000


def test_a8_no_batch_in_a_batch(sales):
    answer = send(sales, part("POST", "/api/data/v9.2/$batch", {}))
    assert statuses(answer) == [400]


def test_a8_json_batch_is_not_offered(sales):
    assert refusal(sales.request("POST", "$batch", {"requests": []}))[0] == 501


def test_a8_umlauts_and_quotes_survive(sales):
    assert statuses(send(sales, create('Würth\'s "Großhandel" 株式会社'))) == [204]
    assert sales.read("accounts")["value"][0]["name"] == 'Würth\'s "Großhandel" 株式会社'
