"""Protocols B4: `$batch` with independent parts and change sets."""

import email
import json
from typing import Any

import pytest
from p2c_sandbox.odata.http import Headers, Request

from .conftest import CUSTOMER, ROOT, Shop


def part(method: str, path: str, body: Any = None, *headers: str) -> str:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *headers]
    lines += ["", f"{method} {ROOT}/{path} HTTP/1.1", "Content-Type: application/json", ""]
    return "\r\n".join([*lines, json.dumps(body) if body is not None else "", ""])


def joined(boundary: str, parts: list[str]) -> str:
    return "".join(f"--{boundary}\r\n{one}\r\n" for one in parts) + f"--{boundary}--\r\n"


def change_set(*parts: str) -> str:
    return f"Content-Type: multipart/mixed; boundary=set\r\n\r\n{joined('set', list(parts))}"


def send(api, *parts: str):
    head = Headers.of({"Content-Type": "multipart/mixed; boundary=batch"})
    body = joined("batch", list(parts)).encode()
    return api.answer(Request("POST", ROOT, "$batch", "", head, body))


def parts_of(content_type: str, body: bytes) -> Any:
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return message.get_payload()


def statuses(answer) -> list[Any]:
    """Status of each part; a change set that went in is a list."""
    found: list[Any] = []
    for one in parts_of(answer.headers["Content-Type"], answer.body):
        if one.is_multipart():
            found.append([_status(inner) for inner in one.get_payload()])
        else:
            found.append(_status(one))
    return found


def _status(one) -> int:
    return int(one.get_payload().split(" ")[1])


def customer(number: int, **more) -> dict:
    return {**CUSTOMER, "CustomerAccount": f"C-{number}", **more}


def test_independent_parts_have_a_status_each_and_the_outer_one_is_200(api):
    answer = send(
        api,
        part("POST", "CustomersV2", customer(1)),
        part("POST", "CustomersV2", customer(2, CustomerGroupId="77")),
        part("POST", "CustomersV2", customer(3)),
        part("GET", "CustomersV2?$select=CustomerAccount"),
    )
    assert answer.status == 200
    assert statuses(answer) == [201, 400, 201, 200]
    assert len(api.rows("CustomersV2")) == 2


def test_the_error_of_a_part_is_the_one_it_has_alone(api):
    answer = send(api, part("POST", "CustomersV2", customer(1, CustomerGroupId="77")))
    body = parts_of(answer.headers["Content-Type"], answer.body)[0].get_payload()
    alone = api.post("CustomersV2", customer(1, CustomerGroupId="77"))
    assert json.loads(body.split("\r\n\r\n", 1)[1]) == alone.json


@pytest.mark.parametrize("status", [400, 500])
def test_e10_the_status_of_a_failed_part(make_api, status):
    api = make_api(failed_part=status)
    answer = send(api, part("POST", "CustomersV2", customer(1, CustomerGroupId="77")))
    assert (answer.status, statuses(answer)) == (200, [status])
    assert api.post("CustomersV2", customer(1, CustomerGroupId="77")).status == 400


def test_a_change_set_is_all_or_nothing(api):
    answer = send(
        api,
        change_set(
            part("POST", "CustomersV2", customer(1), "Content-ID: 1"),
            part("POST", "CustomersV2", customer(2, CustomerGroupId="77"), "Content-ID: 2"),
        ),
        change_set(
            part("POST", "CustomersV2", customer(3), "Content-ID: 1"),
            part("POST", "CustomersV2", customer(4), "Content-ID: 2"),
        ),
    )
    assert answer.status == 200
    assert statuses(answer) == [400, [201, 201]]
    found = [row["CustomerAccount"] for row in api.rows("CustomersV2")]
    assert found == ["C-3", "C-4"]


def order_unit(*lines: dict) -> str:
    """A header and its lines, each in another entity, as one change set."""
    header = {"SalesOrderNumber": "ORD-1", "OrderingCustomerAccountNumber": "C-1"}
    parts = [part("POST", "CDSSalesOrderHeaders", header, "Content-ID: 1")]
    for number, line in enumerate(lines, 1):
        body = {"SalesOrderNumber": "ORD-1", "LineCreationSequenceNumber": number, **line}
        parts.append(part("POST", "CDSSalesOrderLines", body, f"Content-ID: {number + 1}"))
    return change_set(*parts)


PLACED = {"ProductNumber": "P-1", "OrderedSalesQuantity": 1, "ShippingWarehouseId": "13"}
UNPLACED = {"ProductNumber": "P-1", "OrderedSalesQuantity": 1}


@pytest.fixture
def nowhere(shop) -> Shop:
    """The customer has no site: a stocked product needs one from its line or header (O1)."""
    key = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
    assert shop.api.patch(key, {"SiteId": "", "WarehouseId": ""}).status == 204
    return shop


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_change_set_over_entities_leaves_no_header_without_lines(nowhere, at):
    """Whichever line is refused, neither header, nor line, nor number is spent."""
    lines = [PLACED, PLACED, PLACED]
    lines[at] = UNPLACED
    answer = send(nowhere.api, order_unit(*lines))
    assert (answer.status, statuses(answer)) == (200, [400])
    assert f"Content-ID: {at + 2}".encode() in answer.body
    assert b"Inventory dimension Site is mandatory" in answer.body
    for entity in ("CDSSalesOrderHeaders", "CDSSalesOrderLines", "CDSSalesOrderLinesV2"):
        assert nowhere.api.rows(entity) == []
    assert statuses(send(nowhere.api, order_unit(*[PLACED] * 3))) == [[201] * 4]
    lots = [row["InventoryLotId"] for row in nowhere.api.rows("CDSSalesOrderLinesV2")]
    assert lots == [f"LOT{number:09d}" for number in (1, 2, 3)]


def test_a_change_set_that_edits_a_document_is_all_or_nothing(nowhere):
    """Header changed, a line changed, one deleted, one added and refused: all as it was."""
    send(nowhere.api, order_unit(PLACED, PLACED))
    before = (nowhere.header(), nowhere.lines())
    key = "dataAreaId='usmf',SalesOrderNumber='ORD-1'"
    line = f"CDSSalesOrderLines({key},LineCreationSequenceNumber=%d)"
    third = {**UNPLACED, "SalesOrderNumber": "ORD-1", "LineCreationSequenceNumber": 3}
    answer = send(
        nowhere.api,
        change_set(
            part("PATCH", f"CDSSalesOrderHeaders({key})", {"CustomersOrderReference": "PO 2"}),
            part("PATCH", line % 1, {"OrderedSalesQuantity": 7}),
            part("DELETE", line % 2),
            part("POST", "CDSSalesOrderLines", third),
        ),
    )
    assert statuses(answer) == [400]
    assert (nowhere.header(), nowhere.lines()) == before


def test_a_stocked_product_needs_a_place_on_a_quotation_too(nowhere):
    """The header's site and warehouse are enough for its lines."""
    header = {
        "SalesQuotationNumber": "QUO-1",
        "RequestingCustomerAccountNumber": "C-1",
        "RequestedShippingDate": "2026-05-04T00:00:00Z",
    }
    line = {
        "SalesQuotationNumber": "QUO-1",
        "LineCreationSequenceNumber": 1,
        "ProductNumber": "P-1",
        "RequestedSalesQuantity": 1,
    }
    lines = part("POST", "CDSSalesQuotationLines", line)
    refused = send(nowhere.api, change_set(part("POST", "CDSSalesQuotationHeaders", header), lines))
    assert b"Inventory dimension Site is mandatory" in refused.body
    assert nowhere.api.rows("CDSSalesQuotationHeaders") == []
    placed = {**header, "DefaultShippingSiteId": "1", "DefaultShippingWarehouseId": "13"}
    taken = send(nowhere.api, change_set(part("POST", "CDSSalesQuotationHeaders", placed), lines))
    assert statuses(taken) == [[201, 201]]


def test_parts_change_and_delete_rows_of_other_companies(api):
    api.post("CustomersV2", customer(1, dataAreaId="demf"))
    key = "CustomersV2(dataAreaId='demf',CustomerAccount='C-1')"
    answer = send(
        api,
        part("PATCH", key, {"SalesMemo": "a"}),
        part("PATCH", f"{key}?cross-company=true", {"SalesMemo": "b"}),
        part("DELETE", f"{key}?cross-company=true"),
    )
    assert statuses(answer) == [400, 204, 204]


def test_5000_operations_are_the_limit(make_api):
    assert make_api().service.settings.batch_limit == 5000
    api = make_api(batch_limit=2)
    answer = send(api, *(part("GET", "Currencies") for _ in range(3)))
    assert answer.status == 400
    assert "3 operations; at most 2" in answer.reason


@pytest.mark.parametrize(("switch", "output"), [("as_sent", [201, 204]), ("reversed", [201, 400])])
def test_e12_the_order_of_independent_parts(make_api, switch, output):
    """Answers stay in the order of the parts; a part may run before the one it builds on."""
    api = make_api(batch_order=switch)
    row = "CustomersV3(dataAreaId='usmf',CustomerAccount='C-1')"
    change = part("PATCH", row, {"OrganizationName": "B"})
    assert statuses(send(api, part("POST", "CustomersV3", customer(1)), change)) == output
