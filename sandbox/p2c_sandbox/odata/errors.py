"""Errors of the engine. A service puts them into its own body and fills in an empty `code`."""

from __future__ import annotations


class ServiceError(Exception):
    """A request that is refused: HTTP status, service error code, one sentence."""

    status = 400

    def __init__(self, message: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status or type(self).status


class BadRequest(ServiceError):
    """The request itself is wrong: syntax, unknown names, wrong types."""


class UnknownProperty(BadRequest):
    """A property that the entity type does not have."""

    def __init__(self, name: str, entity: str) -> None:
        super().__init__(f"Could not find a property named '{name}' on type '{entity}'.")
        self.name = name
        self.entity = entity


class NotFound(ServiceError):
    """The row or the resource is absent."""

    status = 404


class PreconditionFailed(ServiceError):
    """If-Match or If-None-Match does not hold."""

    status = 412


class NotOffered(ServiceError):
    """The real service can do this, the sandbox cannot; it says so instead of guessing."""

    status = 501
