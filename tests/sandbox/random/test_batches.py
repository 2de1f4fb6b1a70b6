"""Random batches of both services against a dictionary: what is done, and what is said.

Sales stops at the first failing part unless told to go on (protocols A8); F&O goes on
(protocols B4). A change set is done as a whole or not at all, in both.
"""

import json
import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from p2c_sandbox.demo.seeding import Size, seed_finops
from p2c_sandbox.finops.service import Finops, finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Headers, Request
from p2c_sandbox.odata.model import load_service
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.base import METADATA, open_store
from p2c_sandbox.sales.service import SalesService

SALES_ROOT = "http://sales.test/api/data/v9.2"
FINOPS_ROOT = "http://finops.test/data"
KEYS = range(4)


@dataclass(frozen=True)
class Step:
    """One request of a batch: it concerns the row `key` and writes the text `value`."""

    verb: str
    key: int
    value: str


@dataclass(frozen=True)
class Dialect:
    """How a service is asked, and what it says when all is well and when the row is (not) there."""

    root: str
    missing: int
    there: int

    def part(self, step: Step) -> str:
        raise NotImplementedError


class Sales(Dialect):
    """Accounts with guids of our choice; If-Match keeps PATCH from inserting."""

    def part(self, step: Step) -> str:
        guid = f"{step.key:08x}-0000-4000-8000-000000000000"
        row = f"{self.root}/accounts({guid})"
        if step.verb == "POST":
            body = {"accountid": guid, "name": step.value}
            return http("POST", f"{self.root}/accounts", body)
        changed = {"name": step.value} if step.verb == "PATCH" else None
        return http(step.verb, row, changed, "If-Match: *" if step.verb == "PATCH" else "")


class Finance(Dialect):
    """Customer groups of the default company."""

    def part(self, step: Step) -> str:
        name = f"G{step.key}"
        row = f"{self.root}/CustomerGroups(dataAreaId='usmf',CustomerGroupId='{name}')"
        if step.verb == "POST":
            body = {"dataAreaId": "usmf", "CustomerGroupId": name, "Description": step.value}
            return http("POST", f"{self.root}/CustomerGroups", body)
        return http(step.verb, row, {"Description": step.value} if step.verb == "PATCH" else None)


SALES = Sales(SALES_ROOT, missing=404, there=412)
FINOPS = Finance(FINOPS_ROOT, missing=400, there=400)
steps = st.builds(
    Step,
    st.sampled_from(["POST", "PATCH", "DELETE"]),
    st.sampled_from(KEYS),
    st.sampled_from(["a", "Ö'x", "z"]),
)
batches = st.lists(st.one_of(steps, st.lists(steps, min_size=1, max_size=4)), max_size=8)


def http(verb: str, url: str, body: object = None, header: str = "") -> str:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
    lines += [f"{verb} {url} HTTP/1.1", *([header] if header else [])]
    lines += ["Content-Type: application/json", "", "" if body is None else json.dumps(body)]
    return "\r\n".join(lines)


def multipart(name: str, parts: list[str]) -> str:
    return "".join(f"--{name}\r\n{part}\r\n" for part in parts) + f"--{name}--\r\n"


def text_of(dialect: Dialect, batch: list[Step | list[Step]]) -> str:
    parts = []
    for number, item in enumerate(batch):
        if isinstance(item, Step):
            parts.append(dialect.part(item))
        else:
            name = f"changeset_{number}"
            inner = multipart(name, [dialect.part(step) for step in item])
            parts.append(f"Content-Type: multipart/mixed; boundary={name}\r\n\r\n{inner}")
    return multipart("batch_1", parts)


def send(service, dialect: Dialect, batch: list[Step | list[Step]], prefer: str) -> tuple:
    """Outer status, and the status of each inner answer."""
    head = {"content-type": "multipart/mixed; boundary=batch_1", "prefer": prefer}
    body = text_of(dialect, batch).encode()
    answer = service.handle(Request("POST", dialect.root, "$batch", "", Headers.of(head), body))
    found = re.findall(rb"^HTTP/1\.1 (\d+)", answer.body, re.MULTILINE)
    return answer.status, [int(status) for status in found]


def do(dialect: Dialect, rows: dict[int, str], step: Step) -> int:
    """Do one step in the model; the status it has."""
    if (step.verb == "POST") == (step.key in rows):
        return dialect.there if step.verb == "POST" else dialect.missing
    if step.verb == "DELETE":
        del rows[step.key]
    else:
        rows[step.key] = step.value
    return 201 if dialect is FINOPS and step.verb == "POST" else 204


def expected(dialect: Dialect, rows: dict[int, str], batch, *, goes_on: bool) -> list[int]:
    """Do a batch in the model; the statuses of its answers."""
    message: list[int] = []
    for item in batch:
        trial = dict(rows)
        inner = [item] if isinstance(item, Step) else item
        statuses = []
        for step in inner:
            statuses.append(do(dialect, trial, step))
            if statuses[-1] >= 400:
                break
        failed = statuses[-1] >= 400
        message += statuses[-1:] if failed else statuses
        if not failed:
            rows.clear()
            rows.update(trial)
        elif not goes_on:
            break
    return message


@pytest.fixture(scope="module")
def sales():
    store = open_store(service=load_service(METADATA))
    yield SalesService(store)
    store.close()


@pytest.fixture(scope="module")
def finops():
    store = Store(finops_model())
    seed_finops(store, "base", Size(0, 0), 7)
    yield Finops(store, FinopsSettings())
    store.close()


@settings(max_examples=80, deadline=None)
@given(before=st.sets(st.sampled_from(KEYS)), batch=batches.filter(bool), goes_on=st.booleans())
def test_batches_of_sales(sales, before, batch, goes_on):
    model = dict.fromkeys(before, "there")
    rows = [{"accountid": f"{k:08x}-0000-4000-8000-000000000000", "name": "there"} for k in before]
    with sales.store.transaction():  # the caller keeps its role
        for row in sales.store.find("accounts", {}):
            sales.store.delete("accounts", row)
        sales.store.insert("accounts", rows)
    status, message = send(sales, SALES, batch, "odata.continue-on-error" if goes_on else "")
    wanted = expected(SALES, model, batch, goes_on=goes_on)
    assert message == wanted
    assert status == (400 if max(wanted) >= 400 and not goes_on else 200)
    found = sales.store.find("accounts", {})
    assert {int(row["accountid"][:8], 16): row["name"] for row in found} == model


@settings(max_examples=80, deadline=None)
@given(before=st.sets(st.sampled_from(KEYS)), batch=batches.filter(bool))
def test_batches_of_finops(finops, before, batch):
    model = dict.fromkeys(before, "there")
    with finops.store.transaction():
        for row in finops.store.find("CustomerGroups", {}):
            finops.store.delete("CustomerGroups", row)
        finops.store.insert("CustomerGroups", [_group(finops, key) for key in before])
    status, message = send(finops, FINOPS, batch, "")
    assert message == expected(FINOPS, model, batch, goes_on=True)
    assert status == 200
    found = finops.store.find("CustomerGroups", {})
    assert {int(row["CustomerGroupId"][1:]): row["Description"] for row in found} == model


def _group(finops: Finops, key: int) -> dict[str, str]:
    named = {"dataAreaId": "usmf", "CustomerGroupId": f"G{key}", "Description": "there"}
    columns = finops.store.service.table("CustomerGroups").columns.values()
    return {column.name: "" for column in columns if column.is_text} | named
