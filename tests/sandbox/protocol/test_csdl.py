"""`$metadata` of both services read by a parser of CSDL 4.0 that others wrote (odata-csdl)."""

import json
from typing import Any

import pytest
from p2c_sandbox.finops.service import finops_model
from p2c_sandbox.odata.csdl import metadata
from p2c_sandbox.odata.model import Service, load_service
from p2c_sandbox.sales.base import METADATA

from tests.sandbox.clients.node import node, require_node

TRACKING = "@Org.OData.Capabilities.V1.ChangeTracking"


def parsed(service: Service, *, annotations: bool = False) -> Any:
    """The document as CSDL JSON; the parser refuses what is no CSDL."""
    require_node()
    done = node("csdl.mjs", stdin=metadata(service, annotations=annotations))
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def sales() -> Any:
    return parsed(load_service(METADATA), annotations=True)


@pytest.fixture(scope="module")
def finops() -> Any:
    return parsed(finops_model())


@pytest.fixture(scope="module", params=["sales", "finops"])
def either(request) -> tuple[Service, Any]:
    model = load_service(METADATA) if request.param == "sales" else finops_model()
    return model, request.getfixturevalue(request.param)


def test_every_set_has_its_type_with_its_key(either):
    model, document = either
    schema, container = document[model.namespace], document[model.namespace][model.container]
    assert document["$Version"] == "4.0"
    for table in model.tables.values():
        assert container[table.set]["$Type"] == f"{model.namespace}.{table.entity}"
        assert schema[table.entity]["$Key"] == [table.columns[name].wire for name in table.key]


def test_every_property_has_a_type_that_exists(either):
    model, document = either
    schema = document[model.namespace]
    for table in model.tables.values():
        for column in table.by_wire.values():
            kind = schema[table.entity][column.wire].get("$Type", "Edm.String")
            named = kind.removeprefix(f"{model.namespace}.")
            assert kind.startswith("Edm.") or schema[named]["$Kind"] == "EnumType"


def test_navigation_leads_to_types_and_sets_that_exist(sales):
    schema = sales["Microsoft.Dynamics.CRM"]
    container = schema["System"]
    for entity_set in (s for s in container.values() if isinstance(s, dict)):
        entity = schema[entity_set["$Type"].rpartition(".")[2]]
        for path, target in entity_set.get("$NavigationPropertyBinding", {}).items():
            assert entity[path]["$Kind"] == "NavigationProperty"
            assert entity[path]["$Type"] == container[target]["$Type"]


def test_lookups_name_the_property_that_holds_the_guid(sales):
    order = sales["Microsoft.Dynamics.CRM"]["salesorder"]
    account = order["customerid_account"]
    assert account["$ReferentialConstraint"] == {"_customerid_value": "accountid"}
    lines = order["order_details"]
    assert (lines["$Collection"], lines["$Type"]) == (
        True,
        "Microsoft.Dynamics.CRM.salesorderdetail",
    )


def test_a4_change_tracking_is_annotated(sales):
    sets = sales["Microsoft.Dynamics.CRM"]["System"]
    assert sets["accounts"][TRACKING] == {"Supported": True}
    plain = parsed(load_service(METADATA))["Microsoft.Dynamics.CRM"]["System"]
    assert TRACKING not in plain["accounts"]


def test_b6_enum_types_have_their_members(finops):
    enum = finops["Microsoft.Dynamics.DataEntities"]["NoYes"]
    assert (enum["$Kind"], enum["No"], enum["Yes"]) == ("EnumType", 0, 1)
