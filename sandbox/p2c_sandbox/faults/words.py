"""How each service says that it is busy, or that a row is refused."""

from __future__ import annotations

from p2c_sandbox.faults.requests import Words
from p2c_sandbox.finops import errors as finops
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.odata.errors import ServiceError
from p2c_sandbox.odata.http import Response, json_response
from p2c_sandbox.sales import errors as sales
from p2c_sandbox.sales.settings import SalesSettings

_RULE = "A business rule of this environment refuses the record."
_PLUG_IN = "0x80040265"  # IsvAborted
_DEADLOCK = "0x80044150"
_SALES_DEADLOCK = (
    "SQL Server error 1205: the transaction was deadlocked on lock resources with another process "
    "and has been chosen as the deadlock victim."
)
_FINOPS_DEADLOCK = (
    "Deadlock, where one or more users have simultaneously locked the whole table or part of it."
)


def sales_words() -> Words:
    """Dataverse: codes of protocols A10 and A11."""

    def refused(code: str, message: str) -> Response:
        return sales.error_response(ServiceError(message, code=code))

    return Words(
        lambda fault: sales.throttled(fault.limit, SalesSettings(), fault.retry_after),
        lambda fault, _: refused(_PLUG_IN, fault.message or _RULE),
        lambda fault, _: refused(_DEADLOCK, fault.message or _SALES_DEADLOCK),
    )


def finops_words() -> Words:
    """F&O: infologs of protocols B5."""

    def refused(entity_set: str, message: str) -> Response:
        error = finops.write_failed(entity_set, [message])
        return json_response(finops.body_of(error), error.status)

    return Words(
        lambda fault: finops.throttled(fault.limit, FinopsSettings(), fault.retry_after),
        lambda fault, entity_set: refused(entity_set, fault.message or _RULE),
        lambda fault, entity_set: refused(entity_set, fault.message or _FINOPS_DEADLOCK),
    )
