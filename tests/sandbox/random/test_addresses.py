"""Any address has an answer or an error of the service, and never an error of the sandbox."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from p2c_sandbox.demo.seeding import Size, seed_finops
from p2c_sandbox.finops.service import Finops, finops_model
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.http import Headers, Request
from p2c_sandbox.odata.model import load_service
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.base import METADATA, open_store
from p2c_sandbox.sales.service import SalesService

GUID = "00000005-0000-0000-0000-000000000000"
CRM = "Microsoft.Dynamics.CRM."
HEADS = {
    "sales": [
        "accounts", "contacts", "organizations", "EntityDefinitions", "RelationshipDefinitions",
        "GlobalOptionSetDefinitions", "leads", "WhoAmI", "WinQuote", "RetrieveVersion", "nothere",
        "RetrieveMetadataChanges", "RetrieveTotalRecordCount", "$metadata", "$batch", "",
        "transactioncurrencies", f"{CRM}WhoAmI",
    ],
    "finops": [
        "LegalEntities", "CustomersV3", "CDSSalesOrderHeaders", "CDSSalesOrderLines", "nothere",
        "ReleasedProductsV2", "$metadata", "$batch", "DataManagementDefinitionGroups", "",
    ],
}  # fmt: skip
KEYS = [
    "", "", "", "()", f"({GUID})", "('usmf')", "(LogicalName='account')", "(LogicalName=account)",
    "(x=1)", "(dataAreaId='usmf')", "(1)", "(null)", "('')", "(Query=@p1)", "(name='a',x='b')",
    "(SchemaName='contact_customer_accounts')", "(LogicalName='statecode')", "('a",
]  # fmt: skip
TAILS = [
    "Attributes", "Keys", "ManyToOneRelationships", "name", "primarycontactid", "$count", "$ref",
    "$value", "contact_customer_accounts", f"{CRM}StateAttributeMetadata", "OptionSet",
    f"{CRM}CreateMultiple", f"{CRM}Merge", f"{CRM}account", "DisplayName", "entityimage", "nothere",
    "Name", "Microsoft.Dynamics.DataEntities.nothere",
]  # fmt: skip
QUERIES = [
    "", "", "$select=name", "$select=LogicalName,Nothere", "$select=Name", "$top=2", "$count=true",
    "$filter=name eq 'a'", "$filter=AttributeType eq 'Money'", "$filter=not", "$filter=Name eq 'x'",
    "$filter=contains('a',name)", "$filter=contains(name,null)", "$filter=name eq name",
    "$filter=Name eq null or 1 eq 1", "$filter=LogicalName in ('a')", "$expand=Attributes",
    "$expand=Attributes($filter=IsPrimaryId eq true;$select=LogicalName)", "$expand=Nothere(",
    "$expand=primarycontactid($select=nothere)", "$orderby=name desc", "$orderby=Name,nothere",
    "$skiptoken=x", "@p1=[]", "@p1={}", "@p1={'a'", '@p1={"Criteria":[]}', '@p1={"Properties":1}',
    '@p1={"Criteria":{"Conditions":[1]}}', "$format=application/json;odata.metadata=none",
    "$apply=x", "$filter=name gt 'a' and createdon lt 2020-01-01", "$id=accounts(1)",
    f"$filter={CRM}NotIn(PropertyName='name',PropertyValues=['a'])",
    f"$filter={CRM}In(PropertyName='name')", "cross-company=true&$filter=dataAreaId eq 'usmf'",
]  # fmt: skip
BODIES = [
    b"", b"{}", b"[]", b"null", b"{", b'{"value": 1}', b'{"Targets": [1]}', b'{"name": 1}',
    b'{"@odata.id": "accounts(1)"}', b'{"QuoteId": 1}',
    b'{"QuoteClose": {"quoteid@odata.bind": 1}}',
]  # fmt: skip
METHODS = ["GET"] * 6 + ["POST", "PATCH", "PUT", "DELETE"]


def addresses(service: str, seed: int, count: int) -> Iterator[tuple[str, str, str, bytes]]:
    """Method, path, query and body, some sensible and most not."""
    pick = random.Random(seed).choice
    for _ in range(count):
        path = pick(HEADS[service]) + pick(KEYS)
        for _ in range(pick([0, 0, 1, 1, 2, 3])):
            path += f"/{pick(TAILS)}{pick(KEYS)}"
        method = pick(METHODS)
        yield method, path, pick(QUERIES), b"" if method == "GET" else pick(BODIES)


def checked(handle, asked: tuple[str, str, str, bytes]) -> int:
    """Status of the answer, after a look at its form."""
    method, path, query, body = asked
    answer = handle(Request(method, "http://x/data", path, query, Headers(), body))
    words = (asked, answer.body[:300])
    assert answer.status != 500, words
    if answer.status >= 400:
        assert b'"message"' in answer.body or b'"Message"' in answer.body, words
    return answer.status


@pytest.mark.parametrize("seed", range(4))
def test_sales_never_fails_of_itself(seed, caplog):
    store = open_store(service=load_service(METADATA))
    service = SalesService(store)
    found = [checked(service.handle, asked) for asked in addresses("sales", seed, 400)]
    store.close()
    assert {200, 400, 404, 501} <= set(found)
    assert not caplog.records


@pytest.mark.parametrize("seed", range(4))
def test_finops_never_fails_of_itself(seed):
    store = Store(finops_model())
    seed_finops(store, "base", Size(0, 4), 7)
    service = Finops(store, FinopsSettings())
    found = [checked(service.handle, asked) for asked in addresses("finops", seed, 400)]
    store.close()
    assert {200, 400, 404, 501} <= set(found)
