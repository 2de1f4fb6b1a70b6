"""Functions and actions that belong to no table, as far as the sandbox offers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.odata.errors import BadRequest, NotOffered
from sandbox.odata.http import Json, Request, query_pairs
from sandbox.odata.paths import Segment
from sandbox.sales.call import Call
from sandbox.sales.errors import no_resource

VERSION = "9.2.24112.00186"
_NAMES = re.compile(r"'((?:[^']|'')*)'|\"([^\"]*)\"")
_KNOWN = frozenset(
    {
        "FulfillSalesOrder", "ConvertSalesOrderToInvoice", "GenerateSalesOrderFromOpportunity",
        "LockSalesOrderPricing", "UnlockSalesOrderPricing", "PublishProductHierarchy",
        "RevertProduct", "BulkDelete", "RetrieveCurrentOrganization", "InitializeFrom",
        "RetrieveMetadataChanges", "Merge", "CalculatePrice",
    }
)  # fmt: skip


def run(call: Call, segment: Segment, request: Request) -> Json:
    """Answer of an unbound function. Raises NotOffered, NotFound."""
    functions: dict[str, Callable[[Call, Mapping[str, str]], Json]] = {
        "WhoAmI": _who_am_i,
        "RetrieveVersion": _version,
        "RetrieveTotalRecordCount": _total_record_count,
    }
    name = segment.name.removeprefix("Microsoft.Dynamics.CRM.")
    if name in _KNOWN:
        raise NotOffered(f"'{name}' is not offered by the sandbox.")
    if name not in functions:
        raise no_resource(segment.name)
    aliases = dict(query_pairs(request.query))
    given = {n: aliases.get(v, v) for n, v in (segment.key or {}).items()}
    context = f"{request.root}/$metadata#Microsoft.Dynamics.CRM.{name}Response"
    return {"@odata.context": context, **functions[name](call, given)}


def _who_am_i(call: Call, given: Mapping[str, str]) -> Json:
    user = call.row("systemusers", call.user_id)
    return {
        "BusinessUnitId": user["businessunitid"] if user else None,
        "UserId": call.user_id,
        "OrganizationId": call.organization["organizationid"],
    }


def _version(call: Call, given: Mapping[str, str]) -> Json:
    return {"Version": VERSION}


def _total_record_count(call: Call, given: Mapping[str, str]) -> Json:
    """Counts by logical name; here they are exact, in the service up to a day old (A3)."""
    names = [single or double for single, double in _NAMES.findall(given.get("EntityNames", ""))]
    unknown = [name for name in names if name not in call.service.by_entity]
    if not names or unknown:
        raise BadRequest(f"The entity with a name = '{(unknown or [''])[0]}' was not found.")
    values = [call.store.count(call.service.by_entity[name].set) for name in names]
    counts = {"Count": len(names), "IsReadOnly": False, "Keys": names, "Values": values}
    return {"EntityRecordCountCollection": counts}
