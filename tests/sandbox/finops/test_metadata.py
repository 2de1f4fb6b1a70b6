"""The F&O tables as data: field-mapping 1.1, 1.4, 1.7 and 10; protocols B2 `$metadata`."""

import xml.etree.ElementTree as ET

import pytest
from p2c_sandbox.finops.service import finops_model

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
INVOICE_KEY = ["dataAreaId", "InvoiceNumber", "InvoiceDate"]
MODEL = finops_model()


@pytest.mark.parametrize(
    ("entity_set", "key", "fields"),
    [
        ("CustomersV2", ["dataAreaId", "CustomerAccount"], 257),
        ("CustomersV3", ["dataAreaId", "CustomerAccount"], 305),
        (
            "CDSContactPersons",
            ["dataAreaId", "ContactPersonPartyNumber", "AssociatedPartyNumber"],
            39,
        ),
        ("SellableReleasedProducts", ["dataAreaId", "ProductNumber"], 15),
        ("CDSSalesQuotationHeaders", ["dataAreaId", "SalesQuotationNumber"], 82),
        (
            "CDSSalesQuotationLines",
            ["dataAreaId", "LineCreationSequenceNumber", "SalesQuotationNumber"],
            60,
        ),
        ("CDSSalesOrderHeaders", ["dataAreaId", "SalesOrderNumber"], 92),
        (
            "CDSSalesOrderLines",
            ["dataAreaId", "SalesOrderNumber", "LineCreationSequenceNumber"],
            71,
        ),
        (
            "CDSSalesOrderLinesV2",
            ["dataAreaId", "SalesOrderNumber", "LineCreationSequenceNumber"],
            74,
        ),
        (
            "ExternallyMaintainedCustomerSalesInvoiceHeaders",
            [*INVOICE_KEY, "LedgerVoucher"],
            27,
        ),
        (
            "ExternallyMaintainedCustomerSalesInvoiceLines",
            [*INVOICE_KEY, "LineCreationSequenceNumber", "LedgerVoucher"],
            17,
        ),
        ("UnitsOfMeasure", ["UnitSymbol"], 6),
        ("Currencies", ["CurrencyCode"], 5),
        (
            "CDSCustomerContactPersons",
            ["dataAreaId", "ContactPersonPartyNumber", "CustomerAccountNumber"],
            4,
        ),
    ],
)
def test_keys_in_order_and_all_fields(entity_set, key, fields):
    table = MODEL.table(entity_set)
    assert table.key == key
    assert len(table.by_wire) == fields


@pytest.mark.parametrize(
    ("entity_set", "field", "length"),
    [
        ("CustomersV2", "dataAreaId", 4),
        ("CustomersV2", "CustomerAccount", 20),
        ("CustomersV2", "OrganizationName", 100),
        ("CustomersV2", "AddressDescription", 60),
        ("CustomersV2", "AddressStreet", 250),
        ("CustomersV2", "AddressZipCode", 10),
        ("CustomersV2", "PrimaryContactEmail", 255),
        ("CustomersV2", "SalesMemo", None),
        ("CustomersV3", "PartyNumber", 40),
        ("SellableReleasedProducts", "ProductNumber", 70),
        ("SellableReleasedProducts", "ProductName", 60),
        ("CDSContactPersons", "LastName", 50),
        ("CDSSalesOrderHeaders", "SalesOrderNumber", 20),
        ("CDSSalesOrderHeaders", "CustomersOrderReference", 60),
        ("CDSSalesOrderLines", "LineDescription", 1000),
    ],
)
def test_lengths(entity_set, field, length):
    assert MODEL.table(entity_set).columns[field].length == length


@pytest.mark.parametrize(
    ("entity_set", "field", "edm"),
    [
        ("CustomersV2", "CreditLimit", "Edm.Decimal"),
        ("CustomersV2", "OrganizationNumberOfEmployees", "Edm.Int32"),
        ("CustomersV2", "IsExternallyMaintained", "Microsoft.Dynamics.DataEntities.NoYes"),
        ("CDSSalesOrderHeaders", "OrderCreationDateTime", "Edm.DateTimeOffset"),
        ("ExternallyMaintainedCustomerSalesInvoiceHeaders", "InvoiceDate", "Edm.DateTimeOffset"),
        (
            "ExternallyMaintainedCustomerSalesInvoiceHeaders",
            "TotalDiscountCustomerGroupCode",
            "Edm.Decimal",
        ),
    ],
)
def test_b2_metadata_types(api, entity_set, field, edm):
    answer = api.get("$metadata")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml")
    root = ET.fromstring(answer.body)
    types = {item.get("Name"): item for item in root.iter(f"{EDM}EntityType")}
    sets = {item.get("Name"): item.get("EntityType") for item in root.iter(f"{EDM}EntitySet")}
    item = types[sets[entity_set].rpartition(".")[2]]
    properties = {one.get("Name"): one.get("Type") for one in item.iter(f"{EDM}Property")}
    assert properties[field] == edm
    keys = [one.get("Name") for one in item.iter(f"{EDM}PropertyRef")]
    assert keys == MODEL.table(entity_set).key


def test_b2_metadata_enum_members_have_their_numbers(api):
    root = ET.fromstring(api.get("$metadata").body)
    members = {
        item.get("Name"): {one.get("Name"): one.get("Value") for one in item}
        for item in root.iter(f"{EDM}EnumType")
    }
    assert members["NoYes"] == {"No": "0", "Yes": "1"}
    assert members["EcoResProductType"] == {"Item": "1", "Service": "2"}
    assert members["SalesOrderProcessingStatus"]["DeliveredPartiallyInvoiced"] == "8"
