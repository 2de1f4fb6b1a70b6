"""The HTTP side of loading CSV files: types from `$metadata`, look-ups, rows in `$batch`."""

from __future__ import annotations

import email
import email.policy
import json
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import simplejson

LOOKUPS_AT_ONCE = 40
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@dataclass(frozen=True)
class Target:
    """Where a navigation property leads: an entity set and its key column."""

    entity_set: str
    key: str


@dataclass(frozen=True)
class SetType:
    """What `$metadata` says of an entity set: Edm type by property, target by navigation."""

    properties: Mapping[str, str]
    navigation: Mapping[str, Target] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceClient:
    """One service as its `$metadata` describes it; `base` ends in a slash."""

    http: httpx.Client
    base: str
    sets: Mapping[str, SetType]
    batch_size: int

    @classmethod
    def connect(
        cls,
        http: httpx.Client,
        url: str,
        path: str,
        token_url: str,
        secret: tuple[str, str],
        batch_size: int,
    ) -> ServiceClient:
        """Get a token and read `$metadata`. Raises httpx.HTTPError."""
        form = {
            "grant_type": "client_credentials",
            "client_id": secret[0],
            "client_secret": secret[1],
            "scope": f"{url}/.default",
        }
        token = http.post(token_url, data=form).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        base = f"{url}{path}"
        document = http.get(f"{base}$metadata").raise_for_status().text
        return cls(http, base, _read_metadata(document), batch_size)

    def ids(self, target: Target, column: str, values: Sequence[str]) -> dict[str, list[str]]:
        """Keys of the rows whose column holds a value, by value in lower case."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(values), LOOKUPS_AT_ONCE):
            some = values[start : start + LOOKUPS_AT_ONCE]
            terms = " or ".join(f"{column} eq {_literal(value)}" for value in some)
            options = {"$select": f"{target.key},{column}", "$filter": terms}
            answer = self.http.get(f"{self.base}{target.entity_set}", params=options)
            for row in answer.raise_for_status().json()["value"]:
                found.setdefault(str(row[column]).casefold(), []).append(row[target.key])
        return found

    def create(self, entity_set: str, bodies: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """POST rows in one `$batch`; for each what the service said against it, or None."""
        boundary = f"batch_{uuid.uuid4()}"
        parts = [self._part(entity_set, body) for body in bodies]
        content = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
        headers = {
            "Content-Type": f'multipart/mixed; boundary="{boundary}"',
            "Prefer": "odata.continue-on-error",
        }
        answer = self.http.post(f"{self.base}$batch", content=content.encode(), headers=headers)
        answer.raise_for_status()
        return list(_outcomes(answer))

    def _part(self, entity_set: str, body: Mapping[str, Any]) -> str:
        text = simplejson.dumps(body, use_decimal=True)
        return (
            "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            f"POST {self.base}{entity_set} HTTP/1.1\r\n"
            f"Content-Type: application/json\r\n\r\n{text}\r\n"
        )


def error_message(body: str) -> str:
    """The most telling message of an error body of either service."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return body.strip() or "The service gave no reason."
    inner = error.get("innererror") or {}
    deeper = inner.get("internalexception") or {}
    return str(deeper.get("message") or inner.get("message") or error.get("message"))


def _outcomes(answer: httpx.Response) -> Iterator[str | None]:
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + answer.content, policy=email.policy.HTTP)
    for part in cast(list[Any], message.get_payload()):
        text = part.get_payload(decode=True).decode()
        status = int(text.split(" ", 2)[1])
        yield None if status < 400 else error_message(text.partition("\r\n\r\n")[2])


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _read_metadata(document: str) -> dict[str, SetType]:
    root = ET.fromstring(document)  # noqa: S314 - the sandbox's own
    types = {item.get("Name", ""): item for item in root.iter(f"{_EDM}EntityType")}
    sets = {
        item.get("Name", ""): item.get("EntityType", "").rpartition(".")[2]
        for item in root.iter(f"{_EDM}EntitySet")
    }
    set_of = {name: entity_set for entity_set, name in sets.items()}
    return {
        entity_set: SetType(_properties(types[name]), _navigation(types[name], types, set_of))
        for entity_set, name in sets.items()
    }


def _properties(item: ET.Element) -> dict[str, str]:
    return {one.get("Name", ""): one.get("Type", "") for one in item.iter(f"{_EDM}Property")}


def _navigation(
    item: ET.Element, types: Mapping[str, ET.Element], set_of: Mapping[str, str]
) -> dict[str, Target]:
    found = {}
    for one in item.iter(f"{_EDM}NavigationProperty"):
        name = one.get("Type", "").rpartition(".")[2]
        key = types[name].find(f"{_EDM}Key/{_EDM}PropertyRef") if name in types else None
        if key is not None and name in set_of:
            found[one.get("Name", "")] = Target(set_of[name], key.get("Name", ""))
    return found
