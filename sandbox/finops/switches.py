"""Where nobody knows what the real service does (protocols part E), both ways can be had."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Switches:
    """The first word of each is the careful guess.

    stale_etag: what If-Match with an old ETag does (E7).
    page_size_preference: is `Prefer: odata.maxpagesize` honoured (E8).
    null_value: what null does to a text, an enum or a lookup (E9); numbers and dates refuse it.
    failed_part: status of a failed request inside `$batch`, 400 or 500 (E10).
    long_text: text longer than its field (field-mapping 11, line 29).
    manual_numbers: may a client choose customer and document numbers (B6).
    """

    stale_etag: Literal["refused", "ignored"] = "refused"
    page_size_preference: Literal["ignored", "honoured"] = "ignored"
    null_value: Literal["clears", "ignored"] = "clears"
    failed_part: Literal[400, 500] = 400
    long_text: Literal["cut", "refused"] = "cut"
    manual_numbers: Literal["allowed", "refused"] = "allowed"
