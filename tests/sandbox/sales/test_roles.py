"""Roles: made, filled, assigned; what a user who lacks a privilege is refused (protocols A11)."""

from __future__ import annotations

import pytest

from .conftest import ABSENT

USER = "00000001-0000-0000-0000-000000000000"
UNIT = "00000003-0000-0000-0000-000000000000"
ROLES = f"systemusers({USER})/systemuserroles_association"
CAST = "Microsoft.Dynamics.CRM"


@pytest.fixture
def role(sales):
    return sales.create("roles", name="Sync", businessunitid__bind=f"/businessunits({UNIT})")


def privilege(sales, name):
    [row] = sales.read(f"privileges?$select=privilegeid&$filter=name eq '{name}'")["value"]
    return row["privilegeid"]


def grant(sales, role, *names, depth="Global"):
    sent = [{"PrivilegeId": privilege(sales, name), "Depth": depth} for name in names]
    return sales.request("POST", f"roles({role})/{CAST}.AddPrivilegesRole", {"Privileges": sent})


def held(sales, role):
    found = sales.read(f"RetrieveRolePrivilegesRole(RoleId={role})")["RolePrivileges"]
    return {one["PrivilegeName"]: one["Depth"] for one in found}


def alone(sales, role):
    """The role becomes the application user's only one."""
    root = "http://sales.test/api/data/v9.2"
    sent = {"@odata.id": f"{root}/roles({role})"}
    assert sales.request("POST", f"{ROLES}/$ref", sent).status_code == 204
    for row in sales.read(f"{ROLES}?$select=roleid")["value"]:
        if row["roleid"] != role:
            gone = sales.request("DELETE", f"{ROLES}({row['roleid']})/$ref")
            assert gone.status_code == 204


def test_definitions_name_the_privileges_of_their_table(sales):
    found = sales.read("EntityDefinitions(LogicalName='salesorder')?$select=LogicalName,Privileges")
    types = {one["PrivilegeType"]: one["Name"] for one in found["Privileges"]}
    assert types["AppendTo"] == "prvAppendToOrder"
    assert types["Assign"] == "prvAssignOrder"
    products = sales.read("EntityDefinitions(LogicalName='uom')?$select=Privileges")["Privileges"]
    assert {one["Name"] for one in products if one["PrivilegeType"] == "Read"} == {"prvReadProduct"}
    assert not [one for one in products if one["PrivilegeType"] == "Assign" or one["CanBeBasic"]]


def test_privileges_are_added_and_none_is_taken_away(sales, role):
    assert held(sales, role) == {}
    assert grant(sales, role, "prvReadAccount", depth="Basic").status_code == 204
    assert grant(sales, role, "prvWriteAccount", "prvReadAccount", depth="3").status_code == 204
    assert held(sales, role) == {"prvReadAccount": "Global", "prvWriteAccount": "Global"}
    user = sales.read(f"roles({role})/roleprivileges_association?$select=name")["value"]
    assert {one["name"] for one in user} == {"prvReadAccount", "prvWriteAccount"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"Privileges": [{"PrivilegeId": ABSENT, "Depth": "Global"}]}, 404),
        ({"Privileges": [{"PrivilegeId": ABSENT, "Depth": 3}]}, 400),
    ],
)
def test_what_is_no_privilege_is_refused(sales, role, sent, status):
    answer = sales.request("POST", f"roles({role})/{CAST}.AddPrivilegesRole", sent)
    assert answer.status_code == status


def test_what_nobody_owns_is_granted_for_the_organization_only(sales, role):
    assert grant(sales, role, "prvReadProduct", depth="Basic").status_code == 400


def test_a_user_without_a_privilege_is_refused_in_the_services_words(sales, role):
    account = sales.accounts(1)[0]
    grant(sales, role, "prvReadAccount", "prvCreateContact", "prvAppendContact")
    alone(sales, role)
    assert sales.get(f"accounts({account})").status_code == 200
    refused = sales.patch(f"accounts({account})", {"name": "Other"})
    assert refused.status_code == 403
    error = refused.json()["error"]
    assert error["code"] == "0x80040220"
    assert "is missing prvWriteAccount privilege" in error["message"]
    assert "roleCount=1, privilegeCount=3" in error["message"]
    assert sales.get("quotes").status_code == 403
    assert sales.request("DELETE", f"accounts({account})").status_code == 403
    assert sales.create("contacts", lastname="Lee")
    bound = {"lastname": "Ray", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    lookup = sales.request("POST", "contacts", bound)
    assert "prvAppendToAccount" in lookup.json()["error"]["message"]


def test_what_a_user_holds_is_the_sum_of_the_roles(sales, role):
    grant(sales, role, "prvReadAccount")
    alone(sales, role)
    path = f"systemusers({USER})/{CAST}"
    held = sales.read(f"{path}.RetrieveUserPrivileges()")["RolePrivileges"]
    assert [(one["PrivilegeName"], one["Depth"]) for one in held] == [("prvReadAccount", "Global")]
    named = f"{path}.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='%s')"
    assert len(sales.read(named % "prvReadAccount")["RolePrivileges"]) == 1
    assert sales.read(named % "prvWriteAccount")["RolePrivileges"] == []
    assert sales.get(named % "prvNothere").status_code == 400


def test_a_role_is_assigned_once_and_in_its_business_unit(sales, role):
    unit = sales.create(
        "businessunits", name="East", parentbusinessunitid__bind=f"/businessunits({UNIT})"
    )
    top = sales.create("roles", name="All", businessunitid__bind=f"/businessunits({UNIT})")
    copies = sales.read(f"roles?$select=roleid&$filter=_parentrootroleid_value eq {top}")["value"]
    other = sales.read(f"roles?$filter=_businessunitid_value eq {unit}")["value"]
    assert copies == [{"@odata.etag": other[0]["@odata.etag"], "roleid": other[0]["roleid"]}]
    grant(sales, top, "prvReadAccount")
    assert held(sales, other[0]["roleid"]) == {"prvReadAccount": "Global"}
    for target, status in ((other[0]["roleid"], 400), (top, 204), (top, 412)):
        answer = sales.request("POST", f"{ROLES}/$ref", {"@odata.id": f"/roles({target})"})
        assert answer.status_code == status
