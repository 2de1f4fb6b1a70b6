"""Where nobody knows what the real service does (protocols part E), both ways can be had."""

from __future__ import annotations

from typing import Literal

from p2c_sandbox.limits import LimitSettings


class FinopsSettings(LimitSettings):
    """Switches of the F&O service; the defaults are the careful guess.

    User-based limits are off: the service does not have them any more (B9).
    """

    limit_requests: int = 0
    limit_seconds: float = 0
    limit_concurrent: int = 0
    default_company: str = "usmf"  # of the calling user (B1)
    text_comparison: Literal["with_accents", "without_accents"] = "with_accents"  # B3: collation
    ieee754: Literal["honoured", "ignored"] = "honoured"  # B3: IEEE754Compatible=true
    stale_etag: Literal["refused", "ignored"] = "refused"  # If-Match with an old ETag (E7)
    page_size_preference: Literal["ignored", "honoured"] = "ignored"  # odata.maxpagesize (E8)
    null_value: Literal["clears", "ignored"] = "clears"  # for texts and enums (E9)
    other_null: Literal["refused", "clears"] = "refused"  # for dates and numbers (E9)
    failed_part: Literal[400, 500] = 400  # status of a refused request in a batch (E10)
    batch_order: Literal["as_sent", "reversed"] = "as_sent"  # of independent parts (E12)
    long_text: Literal["cut", "refused"] = "cut"  # field-mapping 11, line 29
    manual_numbers: Literal["allowed", "refused"] = "allowed"  # number sequences (B6)
    package_polls: int = 1  # how often a job of the package API is still "Executing" (B8)
    page_ceiling: int = 10_000
    batch_limit: int = 5_000
