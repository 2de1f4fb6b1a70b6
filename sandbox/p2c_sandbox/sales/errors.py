"""Error codes and texts of Dataverse (protocols A11) and the body that carries them."""

from __future__ import annotations

from dataclasses import replace

from p2c_sandbox.odata.errors import BadRequest, NotFound, PreconditionFailed, ServiceError
from p2c_sandbox.odata.http import Json, Request, Response, json_response
from p2c_sandbox.odata.limits import Limit, LimitSettings

ODATA_ERROR = "0x80060888"
NOT_IMPLEMENTED = "0x80060893"
RESOURCE_NOT_FOUND = "0x8006088a"
HELP = "https://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException"


def refused(code: str, message: str, status: int = 400) -> ServiceError:
    """A rule of the service says no."""
    return ServiceError(message, code=code, status=status)


def does_not_exist(entity: str, row_id: str) -> NotFound:
    """ObjectDoesNotExist."""
    return NotFound(f"{entity} With Id = {row_id} Does Not Exist", code="0x80040217")


def no_row_for_key(entity: str) -> NotFound:
    """RecordNotFoundByEntityKey."""
    text = f"A record with the specified key values does not exist in {entity} entity"
    return NotFound(text, code="0x80060891")


def no_resource(segment: str) -> NotFound:
    """No table, function or action of this name."""
    text = f"Resource not found for the segment '{segment}'."
    return NotFound(text, code=RESOURCE_NOT_FOUND)


def not_allowed(request: Request) -> BadRequest:
    """A2: PATCH or DELETE of a collection, GET of an action, and the like."""
    text = f"The requested resource does not support http method '{request.method}'."
    return BadRequest(text, status=405)


def duplicate() -> PreconditionFailed:
    """DuplicateRecord."""
    text = "A record with matching key values already exists."
    return PreconditionFailed(text, code="0x80040237")


def duplicate_alternate_key(entity: str, names: list[str]) -> PreconditionFailed:
    """DuplicateRecordEntityKey; the status 412 is a guess (protocols part E line 4)."""
    text = (
        f"A record that has the attribute values {', '.join(names)} already exists. "
        f"The entity key requires that this set of attributes contains unique values: {entity}."
    )
    return PreconditionFailed(text, code="0x80060892")


def stale() -> PreconditionFailed:
    """ConcurrencyVersionMismatch."""
    text = "The version of the existing record doesn't match the RowVersion property provided."
    return PreconditionFailed(text, code="0x80060882")


def wrong_key(entity_type: str) -> BadRequest:
    """EntityKeyNotDefined: the names are no active key of the table (A5)."""
    return BadRequest(
        f"The key in the request URI is not valid for resource '{entity_type}'. Ensure that the "
        "names and number of key properties match the declared or alternate key properties for "
        f"the resource '{entity_type}'.",
        code="0x80060890",
    )


def error_body(error: ServiceError, *, details: bool) -> Json:
    """The error object; `details` adds the members that annotations ask for (protocols A11)."""
    code = error.code or (NOT_IMPLEMENTED if error.status == 501 else ODATA_ERROR)
    body: Json = {"code": code, "message": error.message}
    if details:
        body["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] = "0"
        body["@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode"] = "2147746304"
        body["@Microsoft.PowerApps.CDS.HelpLink"] = f"{HELP}%3a{code}"
        body["@Microsoft.PowerApps.CDS.TraceText"] = ""
        body["@Microsoft.PowerApps.CDS.InnerError.Message"] = error.message
    return {"error": body}


def error_response(error: ServiceError, *, details: bool = False) -> Response:
    """Answer for a refused request."""
    return json_response(error_body(error, details=details), error.status)


def throttled(limit: Limit, numbers: LimitSettings, retry_after: int | None) -> Response:
    """429 of the service protection limits (protocols A10); `retry_after` None leaves the header
    out."""
    window = f"over time window of {numbers.limit_window:g} seconds."
    code, text = {
        "requests": (
            "0x80072322",
            f"Number of requests exceeded the limit of {numbers.limit_requests} {window}",
        ),
        "time": (
            "0x80072321",
            "Combined execution time of incoming requests exceeded limit of "
            f"{numbers.limit_seconds * 1000:,.0f} milliseconds {window} Decrease number of "
            "concurrent requests or reduce the duration of requests and try again later.",
        ),
        "concurrency": (
            "0x80072326",
            f"Number of concurrent requests exceeded the limit of {numbers.limit_concurrent}.",
        ),
    }[limit]
    response = error_response(ServiceError(text, code=code, status=429))
    waits = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return replace(response, headers={**response.headers, **waits})
