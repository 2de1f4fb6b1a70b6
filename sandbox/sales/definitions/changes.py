"""`RetrieveMetadataChanges`: definitions of tables and columns by a query in JSON.

    {"Properties": {"PropertyNames": ["LogicalName", "Attributes"]},
     "Criteria": {"FilterOperator": "And", "Conditions": [
         {"PropertyName": "LogicalName", "ConditionOperator": "Equals",
          "Value": {"Type": "System.String", "Value": "account"}}]},
     "AttributeQuery": {"Properties": …, "Criteria": …}}

Changes since an earlier stamp, labels, keys and relationships are not offered this way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.odata.errors import BadRequest, NotOffered
from sandbox.odata.http import Json
from sandbox.odata.model import Service
from sandbox.sales.definitions.items import PREFIX, Item
from sandbox.sales.definitions.tables import tables
from sandbox.sales.elsewhere import ELSEWHERE

_OFFERED = frozenset({"Properties", "Criteria", "AttributeQuery"})
_STAMP = "1!00000000"


def retrieve(service: Service, given: Mapping[str, str]) -> Json:
    """Members of the answer. Raises BadRequest, NotOffered."""
    if other := sorted(given.keys() - {"Query"}):
        raise NotOffered(f"The sandbox does not offer {other[0]} of RetrieveMetadataChanges.")
    query = _read(given.get("Query", ""))
    found = [item for item in tables(service) if _meets(item, query.get("Criteria"))]
    if not found and (
        other := [name for name in ELSEWHERE.tables if f'"{name}"' in given["Query"]]
    ):
        raise NotOffered(f"The table '{other[0]}' is not offered by the sandbox.")
    return {
        "ServerVersionStamp": _STAMP,
        "EntityMetadata": [_table(item, query) for item in found],
        "DeletedMetadata": None,
    }


def _read(text: str) -> Json:
    try:
        query = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"The parameter 'Query' is not JSON: {error}") from error
    if not isinstance(query, dict):
        raise BadRequest("The parameter 'Query' must be an EntityQueryExpression.")
    if other := sorted(query.keys() - _OFFERED):
        raise NotOffered(f"The sandbox does not offer '{other[0]}' of a query for definitions.")
    return query


def _table(item: Item, query: Json) -> Json:
    shown = _shown(item, query.get("Properties"))
    if not _names(query.get("Properties"), "Attributes"):
        return shown
    wanted = query.get("AttributeQuery") or {"Properties": {"AllProperties": True}}
    columns = [one for one in item.links["Attributes"]() if _meets(one, wanted.get("Criteria"))]
    return {**shown, "Attributes": [_shown(one, wanted.get("Properties")) for one in columns]}


def _shown(item: Item, properties: Json | None) -> Json:
    """What is asked for and there; a member that this type does not have is left out."""
    members = item.members
    kept = {name: value for name, value in members.items() if _names(properties, name)}
    identity = {"MetadataId": members["MetadataId"], "HasChanged": None}
    return {"@odata.type": f"#{PREFIX}Complex{item.type}", **kept, **identity}


def _names(properties: Json | None, name: str) -> bool:
    asked = properties or {}
    return bool(asked.get("AllProperties")) or name in (asked.get("PropertyNames") or ())


def _meets(item: Item, criteria: Json | None) -> bool:
    if not criteria:
        return True
    results = [_holds(item, condition) for condition in criteria.get("Conditions") or ()]
    results += [_meets(item, inner) for inner in criteria.get("Filters") or ()]
    return any(results) if criteria.get("FilterOperator") == "Or" else all(results)


def _holds(item: Item, condition: Json) -> bool:
    kind = condition.get("ConditionOperator")
    if kind not in ("Equals", "NotEquals"):
        raise NotOffered(f"The sandbox does not offer the operator '{kind}' on definitions.")
    name = condition.get("PropertyName")
    if name not in item.members:
        raise NotOffered(f"The sandbox does not compare '{name}' of {item.type}.")
    same = _plain(item.members[name]) == _plain((condition.get("Value") or {}).get("Value"))
    return same if kind == "Equals" else not same


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A value as text: managed properties by their value, booleans and guids without case."""
    found = value.get("Value") if isinstance(value, dict) else value
    return "" if found is None else str(found).lower()
