"""Who a request is made for: the application user, or a person it acts for (protocols A2)."""

from __future__ import annotations

from p2c_sandbox.odata.http import Request
from p2c_sandbox.odata.store import Store
from p2c_sandbox.sales.call import USER_ID
from p2c_sandbox.sales.errors import refused

_HEADERS = {"callerobjectid": "azureactivedirectoryobjectid", "mscrmcallerid": "systemuserid"}


def caller(store: Store, request: Request) -> str:
    """Id of the user. `CallerObjectId` names a person by Entra object id, the older
    `MSCRMCallerID` by user id. Raises ServiceError for somebody unknown or disabled."""
    for header, column in _HEADERS.items():
        named = request.headers.get(header)
        if named is None:
            continue
        user = store.get("systemusers", {column: named.lower()})
        if user is None or user["isdisabled"]:
            raise refused(
                "0x80040204", f"The user '{named}' to act for is unknown or disabled.", 403
            )
        return str(user["systemuserid"])
    return USER_ID
