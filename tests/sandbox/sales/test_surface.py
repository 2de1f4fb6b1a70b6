"""What the service documents is answered rightly or with 501; 404 is for the rest.

Each line of the tables is one address. A refusal of either kind has the service's error body.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from p2c_sandbox.odata.model import load_service
from p2c_sandbox.sales.base import METADATA
from p2c_sandbox.sales.call import USER_ID as USER
from p2c_sandbox.sales.elsewhere import ELSEWHERE

from .conftest import ABSENT, Sales, refusal

ACCOUNT = "EntityDefinitions(LogicalName='account')"
ORDER = "EntityDefinitions(LogicalName='salesorder')"
CAST = "Microsoft.Dynamics.CRM"

NOT_BUILT = [
    # members, expansions and parts of definitions
    ("GET", "EntityDefinitions?$select=LogicalName,IsAuditEnabled"),
    ("GET", "EntityDefinitions?$select=LogicalName,Description"),
    ("GET", "EntityDefinitions?$filter=IsManaged eq true"),
    ("GET", "EntityDefinitions?$filter=IsCustomizable/Value eq true"),
    ("GET", "EntityDefinitions?$expand=Settings"),
    ("GET", f"{ACCOUNT}?$select=PrimaryImageAttribute"),
    ("GET", f"{ACCOUNT}/Settings"),
    ("GET", f"{ACCOUNT}/Description"),
    ("GET", f"{ACCOUNT}/DisplayName/UserLocalizedLabel"),
    ("GET", f"{ACCOUNT}/Attributes?$select=LogicalName,ColumnNumber"),
    ("GET", f"{ACCOUNT}/Attributes?$select=LogicalName,MaxLength"),
    ("GET", f"{ACCOUNT}/Attributes?$filter=IsValidForGrid eq true"),
    ("GET", f"{ACCOUNT}/Attributes?$expand=OptionSet"),
    ("GET", f"{ACCOUNT}/Attributes(LogicalName='name')/YomiOf"),
    ("GET", f"{ACCOUNT}/Attributes(LogicalName='paymenttermscode')/OptionSet"),
    ("GET", f"{ACCOUNT}/Keys?$select=IsManaged"),
    ("GET", f"{ACCOUNT}/ManyToOneRelationships?$select=SchemaName,IsHierarchical"),
    ("GET", "RelationshipDefinitions?$select=SecurityTypes"),
    ("GET", "RelationshipDefinitions?$filter=ReferencedEntity eq 'account'"),
    ("GET", "GlobalOptionSetDefinitions"),
    ("GET", "GlobalOptionSetDefinitions(Name='budgetstatus')"),
    ("GET", "ManagedPropertyDefinitions"),
    # tables that the sandbox does not have
    ("GET", "EntityDefinitions(LogicalName='lead')"),
    ("GET", "EntityDefinitions?$filter=LogicalName eq 'opportunity'"),
    ("GET", "leads"),
    ("GET", f"opportunities({ABSENT})"),
    ("POST", "tasks"),
    ("GET", "annotations?$select=documentbody"),
    ("PATCH", f"incidents({ABSENT})"),
    ("GET", "userqueries"),
    # changes of definitions
    ("POST", "EntityDefinitions"),
    ("PUT", ACCOUNT),
    ("DELETE", ACCOUNT),
    ("POST", f"{ACCOUNT}/Attributes"),
    ("POST", f"{ACCOUNT}/Keys"),
    ("POST", "RelationshipDefinitions"),
    ("DELETE", f"RelationshipDefinitions({ABSENT})"),
    ("POST", "CreateEntities"),
    ("POST", "PublishXml"),
    ("POST", "InsertOptionValue"),
    # actions and functions of no table
    ("GET", "RetrieveCurrentOrganization(AccessType='Default')"),
    ("GET", 'RetrieveMetadataChanges(Query=@p1)?@p1={"LabelQuery":{}}'),
    (
        "GET",
        'RetrieveMetadataChanges(Query=@p1)?@p1={"Criteria":{"Conditions":[{"PropertyName":'
        '"LogicalName","ConditionOperator":"Equals","Value":{"Value":"lead"}}]}}',
    ),
    ("GET", "RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2)?@p1={}&@p2='1'"),
    ("GET", "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2)"),
    ("GET", "InitializeFrom(EntityMoniker=@p1,TargetEntityName='contact')"),
    ("GET", "FormatAddress(Line1='a')"),
    ("GET", "RetrieveAvailableLanguages()"),
    ("GET", "RetrieveProvisionedLanguages"),
    ("GET", f"{CAST}.RetrieveTimestamp()"),
    ("GET", "QueryExpressionToFetchXml(Query=@p1)"),
    ("POST", "Merge"),
    ("POST", "BulkDelete"),
    ("POST", "GrantAccess"),
    ("POST", "ExportSolution"),
    ("POST", "FulfillSalesOrder"),
    ("POST", "ConvertSalesOrderToInvoice"),
    ("POST", "LockSalesOrderPricing"),
    ("POST", "SetLocLabels"),
    # actions and functions of tables and rows
    ("GET", "accounts/{account}/Microsoft.Dynamics.CRM.CalculateRollupField(FieldName='x')"),
    ("GET", f"systemusers({ABSENT})/{CAST}.RetrieveUserQueues"),
    ("POST", f"accounts({ABSENT})/{CAST}.Merge"),
    ("POST", f"quotes({ABSENT})/{CAST}.LockInvoicePricing"),
    ("POST", f"accounts/{CAST}.DeleteMultiple"),
    ("GET", f"accounts({ABSENT})/ownerid/{CAST}.systemuser"),
    # search
    ("POST", "searchquery"),
    ("POST", "searchsuggest"),
    ("GET", "searchstatus"),
    # columns, files and images
    ("GET", "accounts?$select=name,preferredcontactmethodcode"),
    ("GET", "accounts?$filter=_territoryid_value ne null"),
    ("GET", "accounts?$orderby=marketcap"),
    ("GET", "accounts?$expand=Account_Tasks"),
    ("GET", "contacts?$expand=originatingleadid($select=fullname)"),
    ("GET", "accounts({account})/entityimage"),
    ("GET", "accounts({account})/entityimage/$value?size=full"),
    ("GET", "accounts({account})/Account_Annotation"),
    ("PUT", "accounts({account})/entityimage"),
    ("PATCH", "accounts({account})"),
    ("POST", "InitializeFileBlocksUpload"),
    ("POST", "DownloadBlock"),
    # queries
    ("GET", "accounts?$apply=groupby((name))"),
    ("GET", "accounts?fetchXml=<fetch/>"),
    ("GET", f"accounts?savedQuery={ABSENT}"),
    ("GET", f"accounts?$filter={CAST}.LastXDays(PropertyName='createdon',PropertyValue=7)"),
    ("GET", f"accounts?$filter={CAST}.Under(PropertyName='accountid',PropertyValue='{ABSENT}')"),
    ("GET", "accounts?$filter=tolower(name) eq 'a'"),
]
NOT_THERE = [
    ("GET", "nothere", 404),
    ("GET", "NotThere(A=1)", 404),
    ("POST", "NotThere", 404),
    ("GET", f"nothere({ABSENT})", 404),
    ("GET", "EntityDefinitions(LogicalName='nothere')", 404),
    ("GET", f"EntityDefinitions({ABSENT})", 404),
    ("GET", f"{ACCOUNT}/Nothere", 404),
    ("GET", f"{ACCOUNT}/Attributes(LogicalName='nothere')", 404),
    ("GET", f"{ACCOUNT}/Attributes/{CAST}.NothereAttributeMetadata", 404),
    ("GET", f"{ACCOUNT}?$select=Nothere", 400),
    ("GET", f"{ACCOUNT}/Attributes?$filter=Nothere eq 1", 400),
    ("GET", f"{ACCOUNT}?$expand=Nothere", 400),
    ("GET", "EntityDefinitions?$top=3", 400),
    ("GET", "accounts?$select=nothere", 400),
    ("GET", "accounts?$expand=nothere", 400),
    ("GET", "accounts({account})/nothere", 404),
    ("GET", "accounts({account})/name/nothere", 404),
    ("GET", "accounts({account})/contact_customer_accounts/nothere", 404),
    ("GET", f"accounts/{CAST}.Nothere", 404),
    ("POST", f"accounts/{CAST}.NothereMultiple", 404),
    ("GET", f"accounts?$filter={CAST}.Nothere(PropertyName='name')", 400),
    ("GET", "accounts?$filter=nothere(name) eq 1", 400),
    ("POST", "WhoAmI", 405),
    ("GET", "WinQuote", 405),
    ("GET", f"accounts/{CAST}.CreateMultiple", 405),
]
BUILT = [
    "EntityDefinitions?$filter=IsPrivate eq false",
    "EntityDefinitions?$select=LogicalName&$expand=Attributes($select=LogicalName),Keys",
    "EntityDefinitions?$filter=startswith(LogicalName,'sales') and not (IsCustomEntity eq true)",
    "EntityDefinitions/$count",
    f"{ACCOUNT}?$expand=ManyToOneRelationships($filter=ReferencedEntity eq 'contact')",
    f"{ACCOUNT}/SchemaName",
    f"{ACCOUNT}/Privileges",
    f"systemusers({USER})/{CAST}.RetrieveUserPrivileges()",
    "solutions?$select=version&$filter=uniquename eq 'nothere'",
    f"{ACCOUNT}/DisplayName",
    f"{ACCOUNT}/ManyToManyRelationships",
    f"{ACCOUNT}/Attributes?$filter=AttributeType eq 'Picklist'",
    f"{ACCOUNT}/Attributes?$filter=AttributeType eq {CAST}.AttributeTypeCode'Money'",
    f"{ACCOUNT}/Attributes/{CAST}.BooleanAttributeMetadata?$expand=OptionSet",
    f"{ACCOUNT}/Attributes/{CAST}.EnumAttributeMetadata?$expand=OptionSet,GlobalOptionSet",
    f"{ACCOUNT}/Attributes/{CAST}.FileAttributeMetadata",
    f"{ACCOUNT}/Attributes(LogicalName='name')/{CAST}.StringAttributeMetadata?$select=MaxLength",
    f"{ACCOUNT}/Attributes(LogicalName='statecode')/{CAST}.StateAttributeMetadata/OptionSet",
    "RelationshipDefinitions",
    f"RelationshipDefinitions/{CAST}.OneToManyRelationshipMetadata?$select=ReferencingEntity",
    f"RelationshipDefinitions/{CAST}.ManyToManyRelationshipMetadata",
    "RelationshipDefinitions(SchemaName='contact_customer_accounts')",
    "accounts({account})/primarycontactid/fullname",
    "accounts({account})/contact_customer_accounts({contact})",
    "accounts({account})/contact_customer_accounts({contact})/lastname",
    "RetrieveMetadataChanges(Query=@p1)?@p1={}",
    "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=['account']",
]


@pytest.fixture(scope="module")
def surface(model) -> Iterator[tuple[Sales, dict[str, str]]]:
    """One service for all addresses; none of them changes it. With the ids of two rows."""
    service = Sales(model)
    account = service.create("accounts", name="Contoso")
    bind = {"parentcustomerid_account__bind": f"/accounts({account})"}
    contact = service.create("contacts", lastname="Doe", **bind)
    service.patch(f"accounts({account})", {"primarycontactid@odata.bind": f"/contacts({contact})"})
    yield service, {"account": account, "contact": contact}
    service.close()


def put_in(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("accounts/" + ids["account"], f"accounts({ids['account']})")


@pytest.mark.parametrize(("method", "path"), NOT_BUILT, ids=lambda word: str(word)[:70])
def test_what_only_the_service_has_is_501(surface, method, path):
    service, ids = surface
    body = None if method in ("GET", "DELETE") else {"preferredcontactmethodcode": 1}
    status, code, message = refusal(service.request(method, put_in(path, ids), body))
    assert (status, code) == (501, "0x80060893")
    assert message


@pytest.mark.parametrize(("method", "path", "wanted"), NOT_THERE, ids=lambda word: str(word)[:70])
def test_what_the_service_does_not_have_either_is_refused_as_it_does(surface, method, path, wanted):
    service, ids = surface
    body = None if method == "GET" else {}
    status, code, _ = refusal(service.request(method, put_in(path, ids), body))
    assert (status, code[:2]) == (wanted, "0x")


@pytest.mark.parametrize("path", BUILT, ids=lambda word: word[:70])
def test_what_is_built_is_answered(surface, path):
    service, ids = surface
    answer = service.get(put_in(path, ids))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", ["/api/search/v1.0/query", "/api/search/v2.0/suggest"])
def test_search_has_an_address_of_its_own(surface, path):
    answer = surface[0].raw("POST", path, json={"search": "contoso"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "0x80060893")


def test_the_soap_endpoint_says_that_it_is_not_here(surface):
    answer = surface[0].raw("POST", "/XRMServices/2011/Organization.svc/web")
    assert refusal(answer)[0] == 501


def test_every_operation_is_offered_or_named_as_the_services_own():
    """The tables of names hold nothing that the sandbox has itself, and nothing twice."""
    here = load_service(METADATA)
    assert not here.tables.keys() & set(ELSEWHERE.tables.values())
    assert not here.by_entity.keys() & ELSEWHERE.tables.keys()
    assert not ELSEWHERE.functions & ELSEWHERE.actions
    assert ELSEWHERE.columns.keys() - {"any"} <= here.by_entity.keys()
    for table in here.tables.values():
        members = {*table.columns, *table.navigation, *table.children}
        assert not members & ELSEWHERE.columns.get(table.entity, frozenset())
