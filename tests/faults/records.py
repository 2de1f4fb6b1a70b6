"""What a case wants both systems to hold, and a plain comparison with what they hold.

It stands in for extract and build in the many short cases: the same answer as the models would
give, in milliseconds. The long cases run the real thing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from loaders.models import Change
from tests.loaders.loader_manifest import manifest
from tests.loaders.loader_world import World
from tests.loop.world import Api, Row

SETS = {"sales": "accounts", "finops": "CustomersV2"}
KEYS = {"sales": ("accountid",), "finops": ("dataAreaId", "CustomerAccount")}
PACKAGES = {"sales": None, "finops": "Customers V2"}
NUMBERS = {"sales": "accountnumber", "finops": "CustomerAccount"}
FLOWS = {"sales": "things", "finops": "gadgets"}
Held = dict[tuple[str, str], list[Row]]
NAMES = {"sales": "name", "finops": "OrganizationName"}


class PlainApi(Api):
    """The same without reading the machine's certificates for every request."""

    def _open(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(
            base_url=self.base, headers=headers, timeout=60, trust_env=False, verify=False
        )


@dataclass
class Wanted:
    """One record as its system should hold it. `bad`: the service will never take it."""

    system: str
    number: str
    values: Row
    key: Row
    parents: list[str] = field(default_factory=list)
    bad: bool = False

    @property
    def record_key(self) -> str:
        """What the ledger calls it."""
        return f"usmf/{self.number}" if self.system == "finops" else self.number


def account(number: str, place: int, name: str, **more: Any) -> Wanted:
    """An account whose id follows from its number, as ids are chosen before writing."""
    digest = hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()
    guid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"
    values = {"name": name, "accountnumber": number, "numberofemployees": place}
    return Wanted("sales", number, values, {"accountid": guid}, **more)


def customer(number: str, place: int, name: str, **more: Any) -> Wanted:
    """A customer of the company usmf."""
    values = {
        "OrganizationName": name,
        "CustomerGroupId": "10",
        "SalesCurrencyCode": "USD",
        "CreditLimit": place,
    }
    return Wanted(
        "finops", number, values, {"dataAreaId": "usmf", "CustomerAccount": number}, **more
    )


def held(apis: dict[str, Api], prefix: str) -> Held:
    """Every record of a case in both systems: {(system, number): the records that carry it}."""
    found: Held = {}
    for system, number in NUMBERS.items():
        query = f"$filter={number} ge '{prefix}' and {number} lt '{prefix}~'&cross-company=true"
        query = query if system == "finops" else query.removesuffix("&cross-company=true")
        for row in apis[system].rows(SETS[system], query):
            found.setdefault((system, row[number]), []).append(row)
    return found


def differs(wanted: Wanted, row: Row) -> Row:
    """The columns in which a record is not as wanted."""
    return {name: value for name, value in wanted.values.items() if row.get(name) != value}


def judge(records: Sequence[Wanted], rows: Held) -> dict[str, list[Change]]:
    """The changes to write, by flow: what the models of the project compute in SQL."""
    changes: dict[str, list[Change]] = {"things": [], "gadgets": []}
    for wanted in records:
        there = rows.get((wanted.system, wanted.number), [])
        if not there:
            changes[FLOWS[wanted.system]].append(_change(wanted, "create", wanted.values))
        elif after := differs(wanted, there[0]):
            before = {name: there[0][name] for name in after}
            etag = there[0]["@odata.etag"]
            change = _change(wanted, "update", after, before=before, etag=etag)
            changes[FLOWS[wanted.system]].append(change)
    return changes


def _change(
    wanted: Wanted, operation: Any, after: Row, before: Row | None = None, etag: str | None = None
) -> Change:
    text = json.dumps(after, default=float)
    digest = hashlib.md5(f"{wanted.number}{text}{etag}".encode(), usedforsecurity=False).hexdigest()
    return Change(
        write_id="",
        change_id=digest,
        model=f"changes_{wanted.system}__{FLOWS[wanted.system]}",
        flow=FLOWS[wanted.system],
        operation=operation,
        source_key=wanted.number,
        record_key=wanted.record_key,
        record_id=wanted.key.get("accountid"),
        key_values=json.dumps(wanted.key),
        etag=etag,
        changed_columns=json.dumps(list(before or ())),
        before=json.dumps(before, default=float) if before else None,
        after=text,
        parents=json.dumps(wanted.parents),
    )


def make_world(folder: Path) -> World:
    """A manifest and a warehouse whose changes go to accounts and customers."""
    world = World(folder)
    content = manifest()
    for system, flow in FLOWS.items():
        writes = content["nodes"][f"model.p.changes_{system}__{flow}"]["config"]["meta"]["writes"]
        writes.update(entity_set=SETS[system], key=list(KEYS[system]), package=PACKAGES[system])
        columns = content["nodes"][f"model.p.target_{system}__{flow}"]["columns"]
        for name in ("numberofemployees", "CreditLimit"):
            columns[name] = {"name": name, "data_type": "integer", "config": {"meta": {}}}
        for name in KEYS[system]:
            columns[name] = {"name": name, "data_type": "varchar", "config": {"meta": {}}}
    world.manifest_path.write_text(json.dumps(content))
    return world


def save(records: Sequence[Wanted], folder: Path) -> None:
    """Write down what is wanted, for the process that runs."""
    (folder / "wanted.json").write_text(json.dumps([asdict(wanted) for wanted in records]))


def load(folder: Path) -> list[Wanted]:
    """What `save` wrote."""
    return [Wanted(**row) for row in json.loads((folder / "wanted.json").read_text())]
