"""Why a connection failed, in words."""

from __future__ import annotations

import ssl


def cause(error: BaseException) -> str:
    """The innermost reason of a connection failure, such as `Connection refused`."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", None) or str(error.reason or "").replace("_", " ")
        return f"no TLS connection: {reason.lower() or 'no reason given'}"
    if isinstance(error, ValueError):
        return "its answer is not JSON"
    return getattr(error, "strerror", None) or type(error).__name__
