"""What the service answers when it refuses, in its own words (protocols B4, B5)."""

from __future__ import annotations

from collections.abc import Sequence

from p2c_sandbox.odata.errors import NotFound, NotOffered, PreconditionFailed, ServiceError
from p2c_sandbox.odata.http import Response, json_response
from p2c_sandbox.odata.limits import Limit, LimitSettings

_NAMESPACE = "Microsoft.Dynamics.Platform.Integration.Services.OData"
ODATA_EXCEPTION = "Microsoft.OData.ODataException"
WRITE_EXCEPTION = f"{_NAMESPACE}.AxODataWriteException"
FIELD_EXCEPTION = f"{_NAMESPACE}.AxODataFieldValidationException"

Body = dict[str, object]


class FinopsError(ServiceError):
    """A refused request; `kind` is the exception type that stands in `innererror`."""

    def __init__(self, message: str, kind: str = ODATA_EXCEPTION, *, status: int = 400) -> None:
        super().__init__(message, status=status)
        self.kind = kind


class NoSuchResource(NotFound):
    """404 without an `error` object: unknown set, or a key that is not one (protocols B2)."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"No HTTP resource was found that matches the request URI '{uri}'.")


def body_of(error: ServiceError) -> Body:
    """The outer code and message say nothing; the cause sits inside (protocols B5)."""
    if isinstance(error, NoSuchResource):
        return {"Message": error.message}
    if isinstance(error, NotOffered):
        return {"error": {"code": "", "message": error.message}}
    kind = error.kind if isinstance(error, FinopsError) else ODATA_EXCEPTION
    cause = {"message": error.message, "type": kind, "stacktrace": ""}
    inner = cause | {"internalexception": cause}
    return {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}


def changed_since() -> PreconditionFailed:
    """412: the row changed since the ETag was read (protocols E7)."""
    return PreconditionFailed(
        "The precondition given in one of the request headers evaluated to false: "
        "the row was changed since this ETag was read."
    )


def throttled(_: Limit, __: LimitSettings, retry_after: int | None) -> Response:
    """429, whatever the reason (protocols B9); `retry_after` None leaves the header out."""
    error = FinopsError(
        "This request could not be processed at this time due to system experiencing high "
        "resource utilization.",
        status=429,
    )
    waits = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return json_response(body_of(error), error.status, waits)


def write_failed(entity: str, lines: Sequence[str]) -> FinopsError:
    """Business validation said no; each line becomes a warning of the infolog."""
    return FinopsError(
        f"Write failed for table row of type '{entity}'. {_infolog(lines)}", WRITE_EXCEPTION
    )


def field_invalid(entity: str, fields: Sequence[str], lines: Sequence[str]) -> FinopsError:
    """A value that its field refuses."""
    named = ", ".join(fields)
    return FinopsError(
        f"Field validation failed on table of type '{entity}' for the following fields: {named}. "
        f"{_infolog(lines)}",
        FIELD_EXCEPTION,
    )


def no_row() -> FinopsError:
    """400 for a row that is not there, or is in another company without cross-company
    (protocols B4)."""
    return FinopsError("No resources were found when selecting for update.", WRITE_EXCEPTION)


def already_there(entity: str, named: str) -> FinopsError:
    """A second row with the same key (protocols B4)."""
    return write_failed(
        entity, [f"Cannot create a record in {entity}. {named} The record already exists."]
    )


def unrelated(value: object, label: str, related: str) -> str:
    """Infolog line: a reference that leads nowhere (protocols B5)."""
    return f"The value '{value}' in field '{label}' is not found in the related table '{related}'."


def _infolog(lines: Sequence[str]) -> str:
    return "Infolog: " + "; ".join(f"Warning: {line}" for line in lines)
