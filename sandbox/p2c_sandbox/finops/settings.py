"""Where nobody knows what the real service does (protocols part E), both ways can be had."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from p2c_sandbox.odata.limits import LimitSettings


def _names(value: object) -> object:
    """`CustomersV2,CustomersV3` on a command line."""
    return value.split(",") if isinstance(value, str) else value


Names = Annotated[frozenset[str], BeforeValidator(_names)]


class FinopsSettings(LimitSettings):
    """Switches of the F&O service; the defaults are the careful guess.

    User-based limits are off: the service does not have them any more (protocols B9).
    """

    limit_requests: int = 0
    limit_seconds: float = 0
    limit_concurrent: int = 0
    default_company: str = "usmf"  # of the calling user (protocols B1)
    # Protocols B3: collation.
    text_comparison: Literal["with_accents", "without_accents"] = "with_accents"
    ieee754: Literal["honoured", "ignored"] = "honoured"  # protocols B3: IEEE754Compatible=true
    # If-Match with an old ETag (protocols E7).
    stale_etag: Literal["refused", "ignored"] = "refused"
    # The preference odata.maxpagesize (protocols E8).
    page_size_preference: Literal["ignored", "honoured"] = "ignored"
    null_value: Literal["clears", "ignored"] = "clears"  # for texts and enums (protocols E9)
    other_null: Literal["refused", "clears"] = "refused"  # for dates and numbers (protocols E9)
    failed_part: Literal[400, 500] = 400  # status of a refused request in a batch (protocols E10)
    batch_order: Literal["as_sent", "reversed"] = "as_sent"  # of independent parts (protocols E12)
    long_text: Literal["cut", "refused"] = "cut"  # field-mapping 11, line 29
    manual_numbers: Literal["allowed", "refused"] = "allowed"  # number sequences (protocols B6)
    # What a tenant may lack: entities by set, fields as CustomersV2.SiteId, and
    # entities that the user's roles do not show.
    entities_missing: Names = frozenset()
    columns_missing: Names = frozenset()
    entities_forbidden: Names = frozenset()
    # The package API (protocols B8): how often a new job is not found yet, is still "Executing",
    # and how often an ended one has no address for its file yet.
    package_unseen: int = 0
    package_polls: int = 1
    package_url_polls: int = 0
    package_runs: Literal["asynchronous", "synchronous"] = "asynchronous"
    package_unknown: Literal["refused", "unknown"] = "refused"  # a job that nobody knows
    package_value: Literal["plain", "nested"] = "plain"  # answer of the two export calls
    package_no_changes: Literal["header", "no_file"] = "header"  # an export without rows
    package_header: Literal["upper", "as_named"] = "upper"
    package_company: Literal["left_out", "included"] = "left_out"  # column of the company
    package_url_seconds: float = 3600  # how long the address of a file is good
    package_named: Literal["all", "half", "none"] = "all"  # refused rows that an import tells of
    package_untracked: str = ""  # sets without change tracking, with commas between
    page_ceiling: int = 10_000
    batch_limit: int = 5_000
