"""Sales quotations of F&O (flows Q, field-mapping 5 and 9)."""

DATED = {"RequestedShippingDate": "2026-05-04T00:00:00Z"}
KEY = "CDSSalesQuotationHeaders(dataAreaId='usmf',SalesQuotationNumber='QUO-1')"
LINE = (
    "CDSSalesQuotationLines(dataAreaId='usmf',LineCreationSequenceNumber=1,"
    "SalesQuotationNumber='QUO-1')"
)


def quotation(shop, **more):
    body = {"SalesQuotationNumber": "QUO-1", "RequestingCustomerAccountNumber": "C-1"}
    return shop.api.post("CDSSalesQuotationHeaders", {**body, **DATED, **more})


def line(shop, quantity, **more):
    body = {
        "SalesQuotationNumber": "QUO-1", "LineCreationSequenceNumber": 1, "ProductNumber": "P-1",
        "RequestedSalesQuantity": quantity,
    }  # fmt: skip
    return shop.api.post("CDSSalesQuotationLines", {**body, **more})


def test_q2_a_quotation_needs_a_requested_date(shop):
    message = quotation(shop, RequestedShippingDate="1900-01-01T12:00:00Z").reason
    assert "Field 'Requested ship date' must be filled in." in message
    row = quotation(shop).json
    assert row["RequestedShippingDate"] == row["ReceiptDateRequested"] == "2026-05-04T12:00:00Z"


def test_a_quotation_takes_over_what_its_customer_knows(shop):
    row = quotation(shop, SalesQuotationName="Spring offer").json
    assert (row["CurrencyCode"], row["LanguageId"]) == ("USD", "en-us")
    assert (row["InvoiceCustomerAccountNumber"], row["DefaultShippingSiteId"]) == ("C-1", "1")
    assert (row["SalesQuotationName"], row["SalesQuotationStatus"]) == ("Spring offer", "Created")
    assert "Customers" in quotation(shop, RequestingCustomerAccountNumber="C-9").reason


def test_q3_a_line_has_the_whole_discount_and_its_parts(taxed):
    quotation(taxed)
    row = line(taxed, 3, SalesPrice=100, TotalDiscountAmount=10).json
    assert (row["TotalDiscountAmount"], row["LineDiscountAmount"]) == (10, 3.33)
    assert (row["FixedPriceCharges"], row["LineAmount"]) == (-0.01, 290.01)
    assert (row["ShippingSiteId"], row["RequestedShippingDate"]) == ("1", "2026-05-04T12:00:00Z")


def test_a_quotation_has_its_totals_at_once(taxed):
    assert quotation(taxed, QuotationTotalAmount=999).json["QuotationTotalAmount"] == 0
    line(taxed, 3, SalesPrice=100, TotalDiscountAmount=10)
    row = taxed.api.get(KEY).json
    # 290 and 6.5 % of it
    assert (row["QuotationTotalAmount"], row["QuotationTotalTaxAmount"]) == (308.85, 18.85)
    assert row["QuotationTotalDiscountAmount"] == 10
    assert taxed.api.patch(LINE, {"RequestedSalesQuantity": 1}).status == 204
    assert taxed.api.get(KEY).json["QuotationTotalAmount"] == 95.85
    assert taxed.api.delete(LINE).status == 204
    assert taxed.api.get(KEY).json["QuotationTotalAmount"] == 0


def test_q4_a_line_needs_its_quotation_and_a_released_product(shop):
    assert "related table 'Quotations'" in line(shop, 1).reason
    quotation(shop)
    assert "Released products" in line(shop, 1, ProductNumber="P-9").reason
    assert "Units" in line(shop, 1, SalesUnitSymbol="zz").reason
    assert line(shop, 1).status == 201
    assert shop.api.delete(KEY).status == 204
    assert shop.api.rows("CDSSalesQuotationLines") == []
