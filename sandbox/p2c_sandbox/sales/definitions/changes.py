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
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal

from p2c_sandbox.odata.errors import BadRequest, NotOffered
from p2c_sandbox.odata.http import Json
from p2c_sandbox.odata.model import Service
from p2c_sandbox.sales.definitions.items import PREFIX, Item
from p2c_sandbox.sales.definitions.tables import tables
from p2c_sandbox.sales.elsewhere import ELSEWHERE

_OFFERED = frozenset({"Properties", "Criteria", "AttributeQuery"})
_STAMP = "1!00000000"


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True, frozen=True)


class _Properties(_Part):
    """Which members are shown."""

    all_properties: bool = False
    property_names: tuple[str, ...] = ()

    def names(self, name: str) -> bool:
        return self.all_properties or name in self.property_names


class _Wanted(_Part):
    type: str | None = None
    value: Any = None


class _Condition(_Part):
    property_name: str
    condition_operator: str
    value: _Wanted = _Wanted()


class _Criteria(_Part):
    """Which items are shown; without conditions all of them."""

    filter_operator: Literal["And", "Or"] = "And"
    conditions: tuple[_Condition, ...] = ()
    filters: tuple[_Criteria, ...] = ()


class _Columns(_Part):
    properties: _Properties = _Properties()
    criteria: _Criteria = _Criteria()


class _Query(_Columns):
    attribute_query: _Columns = _Columns(properties=_Properties(all_properties=True))


def retrieve(service: Service, arguments: Mapping[str, str]) -> Json:
    """Members of the answer. Raises BadRequest, NotOffered."""
    if other := sorted(arguments.keys() - {"Query"}):
        raise NotOffered(f"The sandbox does not offer {other[0]} of RetrieveMetadataChanges.")
    text = arguments.get("Query", "")
    query = _read(text)
    found = [item for item in tables(service) if _meets(item, query.criteria)]
    if not found and (lacking := [name for name in ELSEWHERE.tables if f'"{name}"' in text]):
        raise NotOffered(f"The table '{lacking[0]}' is not offered by the sandbox.")
    return {
        "ServerVersionStamp": _STAMP,
        "EntityMetadata": [_table(item, query) for item in found],
        "DeletedMetadata": None,
    }


def _read(text: str) -> _Query:
    try:
        query = json.loads(text)
        if isinstance(query, dict) and (other := sorted(query.keys() - _OFFERED)):
            raise NotOffered(f"The sandbox does not offer '{other[0]}' of a query for definitions.")
        return _Query.model_validate(query)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"The parameter 'Query' is wrong at '{where}': {first['msg']}.") from error
    except ValueError as error:
        raise BadRequest(f"The parameter 'Query' is not JSON: {error}") from error


def _table(item: Item, query: _Query) -> Json:
    shown = _shown(item, query.properties)
    if not query.properties.names("Attributes"):
        return shown
    wanted = query.attribute_query
    columns = [one for one in item.links["Attributes"]() if _meets(one, wanted.criteria)]
    return {**shown, "Attributes": [_shown(one, wanted.properties) for one in columns]}


def _shown(item: Item, properties: _Properties) -> Json:
    """What is asked for and there; a member that this type does not have is left out."""
    members = item.members
    kept = {name: value for name, value in members.items() if properties.names(name)}
    identity = {"MetadataId": members["MetadataId"], "HasChanged": None}
    return {"@odata.type": f"#{PREFIX}Complex{item.type}", **kept, **identity}


def _meets(item: Item, criteria: _Criteria) -> bool:
    results = [_holds(item, condition) for condition in criteria.conditions]
    results += [_meets(item, inner) for inner in criteria.filters]
    return any(results) if criteria.filter_operator == "Or" and results else all(results)


def _holds(item: Item, condition: _Condition) -> bool:
    kind, name = condition.condition_operator, condition.property_name
    if kind not in ("Equals", "NotEquals"):
        raise NotOffered(f"The sandbox does not offer the operator '{kind}' on definitions.")
    if name not in item.members:
        raise NotOffered(f"The sandbox does not compare '{name}' of {item.type}.")
    same = _plain(item.members[name]) == _plain(condition.value.value)
    return same if kind == "Equals" else not same


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A value as text: managed properties by their value, booleans and guids without case."""
    found = value.get("Value") if isinstance(value, dict) else value
    return "" if found is None else str(found).lower()
