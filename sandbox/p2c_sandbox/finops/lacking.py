"""What a tenant may lack: data entities, fields, rights, number sequences that allow numbers."""

from __future__ import annotations

from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.sequences import SALES_ORDERS, SALES_QUOTATIONS
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.model import Service, Table
from p2c_sandbox.odata.store import Store

SEQUENCES, REFERENCES = "SequenceV2Tables", "NumberSequencesV2References"
SECURITY_EXCEPTION = "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataSecurityException"
_TYPES = {"SalesId": SALES_ORDERS.code, "QuotationId": SALES_QUOTATIONS.code}


def lacking(service: Service, settings: FinopsSettings) -> Service:
    """The entities as the switches leave them. Their rows stay in the store."""
    for table in service.tables.values():
        for name, column in list(table.columns.items()):
            if f"{table.set}.{name}" in settings.columns_missing:
                table.columns[name] = column.model_copy(update={"hidden": True})
    return service


def check(table: Table, settings: FinopsSettings) -> None:
    """Refuse what the user has no role for, in the words that were recorded (protocols B5)."""
    if table.set in settings.entities_forbidden:
        raise FinopsError(
            f"User is not authorized to read view {table.label or table.entity}. Request denied.",
            SECURITY_EXCEPTION,
            status=403,
        )


def list_sequences(store: Store, settings: FinopsSettings) -> None:
    """Make the number sequences of orders and quotations fit the switch `manual_numbers`."""
    companies = [str(row["LegalEntityId"]) for row in store.find("LegalEntities", {})]
    manual = "Yes" if settings.manual_numbers == "allowed" else "No"
    with store.transaction():
        for name in (SEQUENCES, REFERENCES):
            for row in store.find(name, {}):
                store.delete(name, row)
        for company in companies:
            for data_type, code in _TYPES.items():
                place = {"NumberSequenceCode": code, "ScopeValue": company}
                store.insert(REFERENCES, [{**place, "DataTypeName": data_type}])
                kept = {"ScopeType": "Company", "Manual": manual, "Stopped": "No"}
                store.insert(SEQUENCES, [{**place, **kept}])
