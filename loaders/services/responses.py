"""What a service's answer means for one row: the two error dialects, sorted by consequence.

acknowledged: written. rejected: permanent for this row. stale: the record moved or is gone, the
next run judges again. exists, retry and doubtful are interim (`Outcome`). Only the service's own
error body is taken for its word: a gateway's page, or a body that was cut off, says nothing about
the row.
"""

from __future__ import annotations

import re
from typing import Any

from loaders.exact_json import loads
from loaders.models import Change, Interim, Outcome, Status
from loaders.services.answer import own_error, request_id
from loaders.services.multipart import PartAnswer
from loaders.services.payload import EncodeError

Verdict = Status | Interim
# protocols A10, A11: throttling, deadlock, SQL time-out; nothing was committed
SALES_RETRY = frozenset(
    ("0x80072322", "0x80072321", "0x80072326", "0x8005f103", "0x80044150", "0x80044151")
)
SALES_MOVED, SALES_EXISTS, SALES_GONE = "0x80060882", "0x80040237", "0x80040217"
UNAUTHORIZED, CONFLICT, TIMED_OUT, NEEDS_VERSION, MOVED, GONE = 401, 409, 408, 428, 412, 404
# Locked, too early, throttled: refused before any work
NOT_NOW = (UNAUTHORIZED, 423, 425, 429)
NOT_AVAILABLE = (502, 503, 504)
EXISTS = re.compile(r"already exists", re.I)
# protocols B4, B5: the inner status says little, the text decides
FINOPS_RETRY = re.compile(r"update conflict|deadlock|high resource utilization", re.I)
FINOPS_GONE = re.compile(r"no resources were found when selecting for update", re.I)
FINOPS_JUDGED = re.compile(r"infolog:|write failed for|validation failed", re.I)
INFOLOG_ITEM = re.compile(r"(?:^|;)\s*(Info|Warning|Error):\s*")
FIELDS = re.compile(r"for the following fields: ([^.]+)\.")


def unencodable(row: Change, error: EncodeError) -> Outcome:
    """A row that does not fit its declared types never leaves."""
    return Outcome(
        row.write_id,
        "rejected",
        error_code="encoding",
        error_message=str(error),
        named=row.write_id,
    )


def sales_outcome(row: Change, answer: PartAnswer | None) -> Outcome:
    """One inner answer of Sales (protocols A2, A7, A11); None: the batch ended before its part."""
    if answer is None:
        return _not_reached(row)
    code, message = sales_error(answer.body)
    verdict = _sales_verdict(row, answer, (code or "").lower(), message or "")
    return _outcome(row, verdict, answer, code, message)


def sales_error(body: bytes) -> tuple[str | None, str | None]:
    """(code, message) of Sales' error body; (None, its text) when it is not one."""
    error = _object(body).get("error")
    if not isinstance(error, dict):
        return None, _excerpt(body)
    return (str(error.get("code") or "") or None), str(error.get("message") or "") or None


def _sales_verdict(row: Change, answer: PartAnswer, code: str, message: str) -> Verdict:
    status = answer.status
    if 200 <= status < 300:
        return "acknowledged"
    is_own = own_error(answer.body)
    may_pass = is_own and status in (TIMED_OUT, *NOT_AVAILABLE)
    if code in SALES_RETRY or status in NOT_NOW or may_pass:
        return "retry"
    if status == MOVED:
        return _sales_precondition(row, code)
    if not is_own:
        return "doubtful"
    if status == GONE or code == SALES_GONE:
        return _sales_gone(row, message)
    return _verdict_of_any(row, status, message)


def _verdict_of_any(row: Change, status: int, message: str) -> Verdict:
    """What other OData services say in their own words: it is there; which version do you mean."""
    if row.operation == "create":
        return "exists" if status == CONFLICT or EXISTS.search(message) else "rejected"
    return "doubtful" if status == NEEDS_VERSION else "rejected"


def _sales_precondition(row: Change, code: str) -> Verdict:
    """412 stands for three things: a moved row, a row that is there, another row in its way."""
    if code == SALES_MOVED:
        return "stale"
    if row.operation == "create":
        return "exists" if code in (SALES_EXISTS, "") else "rejected"
    return "rejected" if code else "stale"


def _sales_gone(row: Change, message: str) -> Verdict:
    """Either this row is gone, or a row it points to; the message has the id of the missing one."""
    if row.operation == "delete":
        return "acknowledged"
    about_another = "Id" in message and (row.record_id or "").lower() not in message.lower()
    return "rejected" if row.operation == "create" or about_another else "stale"


def finops_outcome(row: Change, answer: PartAnswer | None) -> Outcome:
    """One inner answer of F&O (protocols B4, B5); None: the batch ended before its part."""
    if answer is None:
        return _not_reached(row)
    if 200 <= answer.status < 300:
        return _outcome(row, "acknowledged", answer, None, None)
    code, message = finops_error(answer.body)
    return _outcome(row, _finops_verdict(row, answer), answer, code, message)


def _finops_verdict(row: Change, answer: PartAnswer) -> Verdict:
    """A failure inside of F&O has no infolog: it may pass, and what it left behind is unknown."""
    text = answer.body.decode("utf-8", "replace")
    if answer.status in NOT_NOW or FINOPS_RETRY.search(text):
        return "retry"
    if answer.status == MOVED:
        return "stale"
    if not own_error(answer.body) or answer.status in (TIMED_OUT, *NOT_AVAILABLE):
        return "doubtful"
    if FINOPS_GONE.search(text):
        return "acknowledged" if row.operation == "delete" else "stale"
    verdict = _verdict_of_any(row, answer.status, text)
    failed = answer.status >= 500 and not FINOPS_JUDGED.search(text)
    return "doubtful" if verdict == "rejected" and failed else verdict


def finops_error(body: bytes) -> tuple[str | None, str | None]:
    """(type of the exception, the sentence a person needs) from F&O's nested error."""
    document = _object(body)
    error = document.get("error")
    if not isinstance(error, dict):
        return None, str(document.get("Message") or "") or _excerpt(body)
    deepest, name = error, None
    for key in ("innererror", "internalexception", "internalexception"):
        inner = deepest.get(key)
        if not isinstance(inner, dict) or not inner.get("message"):
            break
        deepest, name = inner, inner.get("type")
    return name and str(name).rpartition(".")[2], infolog(str(deepest.get("message") or ""))


def infolog(text: str) -> str:
    """The errors of an infolog, or else its warnings, as one sentence; other text as it is."""
    head, found, tail = text.partition("Infolog:")
    if not found:
        return text.strip()
    pieces = INFOLOG_ITEM.split(tail)
    items = list(zip(pieces[1::2], (piece.strip(" ;") for piece in pieces[2::2]), strict=True))
    chosen = [item for kind, item in items if kind == "Error"] or [
        item for kind, item in items if kind == "Warning"
    ]
    message = " ".join(dict.fromkeys(chosen)) or tail.strip()
    fields = FIELDS.search(head)
    return f"{fields.group(1)}: {message}" if fields else message


def _outcome(
    row: Change, verdict: Verdict, answer: PartAnswer, code: str | None, message: str | None
) -> Outcome:
    written = verdict == "acknowledged"
    return Outcome(
        write_id=row.write_id,
        status=verdict,
        http_status=answer.status or None,
        error_code=None if written else code,
        error_message=None if written else message or _silent(answer.status),
        request_id=request_id(answer.headers),
        named=answer.content_id,
    )


def _not_reached(row: Change) -> Outcome:
    return Outcome(row.write_id, "retry", error_message="The batch stopped before this row.")


def _silent(status: int) -> str:
    return f"The service answered {status}." if status else "The answer to this row was cut off."


def _object(body: bytes) -> dict[str, Any]:
    try:
        return loads(body)
    except (ValueError, TypeError):
        return {}


def _excerpt(body: bytes) -> str | None:
    return " ".join(body.decode("utf-8", "replace").split())[:300] or None
