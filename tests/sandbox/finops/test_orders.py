"""Sales orders of F&O: what they need, what they take over, what stays closed (flows O)."""

import pytest

from .conftest import CUSTOMER

KEY = "CDSSalesOrderHeaders(dataAreaId='usmf',SalesOrderNumber='ORD-1')"
LINE_1 = (
    "CDSSalesOrderLines(dataAreaId='usmf',SalesOrderNumber='ORD-1',LineCreationSequenceNumber=1)"
)


def test_o9_a_number_may_be_chosen_and_otherwise_comes_from_the_sequence(shop):
    assert shop.order("ORD-1").json["SalesOrderNumber"] == "ORD-1"
    assert shop.order("").json["SalesOrderNumber"] == "SO000000001"
    assert "already exists" in shop.order("ORD-1").reason


def test_o9_numbers_of_another_company_are_others(shop):
    german = {**CUSTOMER, "dataAreaId": "demf", "CustomerAccount": "C-1"}
    shop.api.post("CustomersV2", german)
    assert shop.order("", dataAreaId="demf").json["SalesOrderNumber"] == "SO500000001"
    assert shop.order("ORD-1").status == shop.order("ORD-1", dataAreaId="demf").status == 201


def test_o9_a_sequence_that_refuses_manual_numbers(make_api):
    api = make_api(manual_numbers="refused")
    api.post("CustomersV2", CUSTOMER)
    body = {"SalesOrderNumber": "ORD-1", "OrderingCustomerAccountNumber": "C000000001"}
    assert "does not allow editing" in api.post("CDSSalesOrderHeaders", body).reason
    del body["SalesOrderNumber"]
    assert api.post("CDSSalesOrderHeaders", body).status == 201


def test_the_customer_is_one_of_the_company(shop):
    message = shop.order(OrderingCustomerAccountNumber="C-9").reason
    assert "The value 'C-9' in field 'Customer account' is not found" in message
    assert "related table 'Customers'" in shop.order(dataAreaId="demf").reason
    assert "must be filled in" in shop.order(OrderingCustomerAccountNumber="").reason
    assert "Invoice account" in shop.order(InvoiceCustomerAccountNumber="C-9").reason


def test_an_order_takes_over_what_its_customer_knows(api):
    address = {
        "AddressStreet": "1 Main Street", "AddressCity": "Seattle", "AddressState": "WA",
        "AddressZipCode": "98101", "AddressCountryRegionId": "USA",
        "DeliveryAddressCity": "Tacoma", "DeliveryAddressCountryRegionId": "USA",
    }  # fmt: skip
    more = {"CustomerAccount": "C-1", "LanguageId": "de", "SiteId": "2", "WarehouseId": "24"}
    api.post("CustomersV2", {**CUSTOMER, **address, **more})
    row = api.post("CDSSalesOrderHeaders", {"OrderingCustomerAccountNumber": "c-1"}).json
    assert (row["OrderingCustomerAccountNumber"], row["InvoiceCustomerAccountNumber"]) == (
        "C-1",
        "C-1",
    )
    assert (row["CurrencyCode"], row["LanguageId"]) == ("USD", "de")
    assert (row["DefaultShippingSiteId"], row["DefaultShippingWarehouseId"]) == ("2", "24")
    assert row["SalesOrderName"] == CUSTOMER["OrganizationName"]
    assert (row["DeliveryAddressCity"], row["DeliveryAddressStreet"]) == ("Tacoma", "")
    assert (row["InvoiceAddressStreet"], row["InvoiceAddressStateId"]) == ("1 Main Street", "WA")
    assert row["InvoiceAddressCountryRegionISOCode"] == "US"
    assert row["RequestedShippingDate"] == row["RequestedReceiptDate"] != "1900-01-01T12:00:00Z"
    assert (row["SalesOrderProcessingStatus"], row["SalesOrderStatus"]) == ("Active", "Backorder")


def test_what_is_sent_wins_over_the_customer(shop):
    row = shop.order(
        CurrencyCode="EUR", DeliveryAddressCity="Rome", DeliveryAddressCountryRegionISOCode="IT"
    ).json
    assert (row["CurrencyCode"], row["DeliveryAddressCity"]) == ("EUR", "Rome")
    assert row["DeliveryAddressCountryRegionId"] == "ITA"
    assert "Currencies" in shop.order("ORD-2", CurrencyCode="XXX").reason


def test_the_invoice_goes_to_the_customers_invoice_account(shop):
    payer = {**CUSTOMER, "CustomerAccount": "C-2", "OrganizationName": "Payer"}
    shop.api.post("CustomersV2", payer)
    shop.api.patch(
        "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')", {"InvoiceAccount": "C-2"}
    )
    row = shop.order().json
    assert row["InvoiceCustomerAccountNumber"] == "C-2"
    assert row["OrderingCustomerIsExternallyMaintained"] == "Yes"
    assert row["InvoiceCustomerIsExternallyMaintained"] == "No"


def test_o2_who_keeps_the_customers_shows_on_orders_and_follows(shop):
    body = {"OrderingCustomerIsExternallyMaintained": "No"}  # ignored: it is derived
    assert shop.order(**body).json["OrderingCustomerIsExternallyMaintained"] == "Yes"
    shop.line(1)
    customer = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
    shop.api.patch(customer, {"IsExternallyMaintained": "No"})
    for row in (shop.header(), *shop.lines()):
        assert row["OrderingCustomerIsExternallyMaintained"] == "No"
        assert row["InvoiceCustomerIsExternallyMaintained"] == "No"


def test_totals_that_a_client_sends_are_accepted_and_ignored(shop):
    row = shop.order(OrderTotalAmount=99, AreTotalsUpdated="Yes").json
    assert (row["OrderTotalAmount"], row["AreTotalsUpdated"]) == (0, "No")
    shop.api.patch(KEY, {"OrderTotalAmount": 99, "SalesOrderProcessingStatus": "Invoiced"})
    row = shop.header()
    assert (row["OrderTotalAmount"], row["SalesOrderProcessingStatus"]) == (0, "Active")


def test_a_line_needs_an_order_a_released_product_and_a_known_unit(shop):
    assert "related table 'Sales orders'" in shop.line(1).reason
    shop.order()
    assert "related table 'Released products'" in shop.line(1, ProductNumber="P-9").reason
    assert "related table 'Units'" in shop.line(1, SalesUnitSymbol="zz").reason
    body = {"SalesOrderNumber": "ORD-1", "ProductNumber": "P-1"}
    assert "Quantity" in shop.api.post("CDSSalesOrderLines", body).reason


def test_a_product_released_elsewhere_is_not_sold_here(shop):
    shop.release("P-2", "Item", 1, company="demf")
    shop.order()
    assert "Released products" in shop.line(1, ProductNumber="P-2").reason


def test_a_product_stopped_for_sales_is_refused(shop):
    key = "SellableReleasedProducts(dataAreaId='usmf',ProductNumber='P-1')"
    shop.api.patch(key, {"IsSalesStopped": "Yes"})
    shop.order()
    assert "stopped" in shop.line(1).reason


def test_a_line_takes_over_name_unit_price_place_and_address(shop):
    shop.order(DeliveryAddressCity="Rome")
    row = shop.line(2).json
    assert (row["ProductName"], row["SalesUnitSymbol"]) == ("Product P-1", "ea")
    assert (row["SalesPrice"], row["LineAmount"], row["CurrencyCode"]) == (10, 20, "USD")
    assert (row["ShippingSiteId"], row["ShippingWarehouseId"]) == ("1", "13")
    assert (row["DeliveryAddressCity"], row["SalesOrderNumberHeader"]) == ("Rome", "ORD-1")
    assert shop.line(2, SalesPrice=0).json["LineAmount"] == 0


def test_b6_a_stocked_product_needs_site_and_warehouse(shop):
    key = "CustomersV2(dataAreaId='usmf',CustomerAccount='C-1')"
    shop.api.patch(key, {"SiteId": "", "WarehouseId": ""})
    shop.order()
    message = shop.line(1).reason
    assert "Inventory dimension Site is mandatory and must consequently be specified." in message
    assert "Inventory dimension Warehouse is mandatory" in message
    assert shop.line(1, ProductNumber="S-1").status == 201
    # The warehouse knows its site.
    assert shop.line(1, ShippingWarehouseId="24").json["ShippingSiteId"] == "2"
    assert "related table 'Warehouses'" in shop.line(1, ShippingWarehouseId="99").reason


def test_o8_line_numbers_stay_and_new_lines_get_the_next(shop):
    shop.order()
    for number in (1, 2, 5):
        shop.line(1, number=number)
    assert shop.line(1).json["LineCreationSequenceNumber"] == 6
    shop.do("remove-line", order="ORD-1", line=2)
    assert [line["LineCreationSequenceNumber"] for line in shop.lines()] == [1, 5, 6]
    assert "already exists" in shop.line(1, number=5).reason
    assert "cannot be edited" in shop.api.patch(LINE_1, {"LineCreationSequenceNumber": 9}).reason


@pytest.mark.parametrize("closing", ["invoice", "cancel-order"])
def test_an_invoiced_or_cancelled_order_is_closed(shop, closing):
    shop.order()
    shop.line(1, number=1)
    shop.do(closing, order="ORD-1", **({"whole": True} if closing == "invoice" else {}))
    assert "cannot be changed" in shop.api.patch(KEY, {"SalesOrderName": "New"}).reason
    assert "cannot be changed" in shop.api.patch(LINE_1, {"OrderedSalesQuantity": 2}).reason
    assert "cannot be changed" in shop.line(1).reason
    assert "cannot be changed" in shop.api.delete(LINE_1).reason
    assert "cannot be deleted" in shop.api.delete(KEY).reason
    assert "is closed" in shop.try_to("confirm-order", order="ORD-1").reason


def test_an_order_goes_with_its_lines(shop):
    shop.order()
    shop.line(1)
    assert shop.api.delete(KEY).status == 204
    assert shop.lines() == []


def test_o8_both_line_entities_show_the_same_lines(shop):
    shop.order()
    shop.line(4, number=1)
    [second] = shop.api.rows("CDSSalesOrderLinesV2")
    assert (second["OrderedSalesQuantity"], second["InventoryLotId"]) == (4, "LOT000000001")
    path = LINE_1.replace("CDSSalesOrderLines", "CDSSalesOrderLinesV2")
    assert shop.api.patch(path, {"OrderedSalesQuantity": 5}).status == 204
    assert shop.lines()[0]["LineAmount"] == 50
