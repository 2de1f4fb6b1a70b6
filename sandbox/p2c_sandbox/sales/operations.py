"""The actions and functions of Sales as `$metadata` declares them."""

from __future__ import annotations

from collections.abc import Iterator

from p2c_sandbox.odata.model import Service
from p2c_sandbox.odata.operations import Operation, Operations

_BASE = "crmbaseentity"
_QUERY = {"QuoteId": "Edm.Guid", "ColumnSet": "ColumnSet"}
_UNBOUND = (
    Operation("WhoAmI", "Function", returns="WhoAmIResponse"),
    Operation("RetrieveVersion", "Function", returns="RetrieveVersionResponse"),
    Operation(
        "RetrieveTotalRecordCount",
        "Function",
        {"EntityNames": "Collection(Edm.String)"},
        "RetrieveTotalRecordCountResponse",
    ),
    Operation(
        "RetrieveMetadataChanges",
        "Function",
        {"Query": "EntityQueryExpression"},
        "RetrieveMetadataChangesResponse",
    ),
    Operation("WinQuote", "Action", {"Status": "Edm.Int32", "QuoteClose": _BASE}),
    Operation("CloseQuote", "Action", {"Status": "Edm.Int32", "QuoteClose": _BASE}),
    Operation("CancelSalesOrder", "Action", {"Status": "Edm.Int32", "OrderClose": _BASE}),
    Operation("ReviseQuote", "Action", _QUERY, "quote"),
    Operation(
        "ConvertQuoteToSalesOrder",
        "Action",
        {
            **_QUERY,
            "QuoteCloseDate": "Edm.DateTimeOffset",
            "QuoteCloseStatus": "Edm.Int32",
            "QuoteCloseSubject": "Edm.String",
        },
        "salesorder",
    ),
)
_SECURITY = (
    Operation(
        "RetrieveRolePrivilegesRole",
        "Function",
        {"RoleId": "Edm.Guid"},
        "RetrieveRolePrivilegesRoleResponse",
    ),
    Operation(
        "AddPrivilegesRole",
        "Action",
        {"Privileges": "Collection(RolePrivilege)"},
        bound_to="role",
    ),
    Operation(
        "RetrieveUserPrivileges",
        "Function",
        returns="RetrieveUserPrivilegesResponse",
        bound_to="systemuser",
    ),
    Operation(
        "RetrieveTeamPrivileges",
        "Function",
        returns="RetrieveTeamPrivilegesResponse",
        bound_to="team",
    ),
    Operation(
        "RetrieveUserPrivilegeByPrivilegeName",
        "Function",
        {"PrivilegeName": "Edm.String"},
        "RetrieveUserPrivilegeByPrivilegeNameResponse",
        "systemuser",
    ),
)
_HELD = {"RolePrivileges": "Collection(RolePrivilege)"}
_TYPES = {
    "RolePrivilege": {
        "Depth": "Edm.String",
        "PrivilegeId": "Edm.Guid",
        "BusinessUnitId": "Edm.Guid",
        "PrivilegeName": "Edm.String",
    },
    "RetrieveRolePrivilegesRoleResponse": _HELD,
    "RetrieveUserPrivilegesResponse": _HELD,
    "RetrieveTeamPrivilegesResponse": _HELD,
    "RetrieveUserPrivilegeByPrivilegeNameResponse": _HELD,
    "WhoAmIResponse": {
        "BusinessUnitId": "Edm.Guid",
        "UserId": "Edm.Guid",
        "OrganizationId": "Edm.Guid",
    },
    "RetrieveVersionResponse": {"Version": "Edm.String"},
    "RetrieveTotalRecordCountResponse": {
        "EntityRecordCountCollection": "EntityRecordCountCollection"
    },
    "EntityRecordCountCollection": {
        "Count": "Edm.Int32",
        "IsReadOnly": "Edm.Boolean",
        "Keys": "Collection(Edm.String)",
        "Values": "Collection(Edm.Int64)",
    },
    "RetrieveMetadataChangesResponse": {
        "ServerVersionStamp": "Edm.String",
        "EntityMetadata": "Collection(ComplexEntityMetadata)",
        "DeletedMetadata": "DeletedMetadataCollection",
    },
    "ComplexEntityMetadata": {"MetadataId": "Edm.Guid", "LogicalName": "Edm.String"},
    "DeletedMetadataCollection": {"Count": "Edm.Int32", "IsReadOnly": "Edm.Boolean"},
    "EntityQueryExpression": {
        "Properties": "MetadataPropertiesExpression",
        "Criteria": "MetadataFilterExpression",
        "AttributeQuery": "AttributeQueryExpression",
    },
    "AttributeQueryExpression": {
        "Properties": "MetadataPropertiesExpression",
        "Criteria": "MetadataFilterExpression",
    },
    "MetadataPropertiesExpression": {
        "AllProperties": "Edm.Boolean",
        "PropertyNames": "Collection(Edm.String)",
    },
    "MetadataFilterExpression": {
        "FilterOperator": "Edm.String",
        "Conditions": "Collection(MetadataConditionExpression)",
        "Filters": "Collection(MetadataFilterExpression)",
    },
    "MetadataConditionExpression": {
        "PropertyName": "Edm.String",
        "ConditionOperator": "Edm.String",
        "Value": "Object",
    },
    "Object": {"Type": "Edm.String", "Value": "Edm.String"},
    "ColumnSet": {"AllColumns": "Edm.Boolean", "Columns": "Collection(Edm.String)"},
    "CreateMultipleResponse": {"Ids": "Collection(Edm.Guid)"},
}


def operations(service: Service) -> Operations:
    """Those that belong to no table, and the bulk messages of each table that has them."""
    return Operations((*_UNBOUND, *_SECURITY, *_bulk(service)), _TYPES, (_BASE,))


def _bulk(service: Service) -> Iterator[Operation]:
    for table in service.tables.values():
        if table.bulk:
            rows = f"Collection({table.entity})"
            body = {"Targets": rows}
            yield Operation("CreateMultiple", "Action", body, "CreateMultipleResponse", rows)
            yield Operation("UpdateMultiple", "Action", body, bound_to=rows)
            yield Operation("UpsertMultiple", "Action", body, bound_to=rows)
