"""What an import tells about the rows that it refused: a list, and two files (protocols B8).

Microsoft documents no columns: the staging file has those of the input, the target file the keys.
`package_named` says how many of the rows they name.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence

from p2c_sandbox.finops.packages.importing import Outcome, Refusal
from p2c_sandbox.finops.settings import FinopsSettings


def named(outcome: Outcome | None, settings: FinopsSettings) -> list[Refusal]:
    """The refused rows that are told: all of them, every other one, or none."""
    refused = outcome.refused if outcome else []
    return {"all": refused, "half": refused[::2], "none": []}[settings.package_named]


def listed(refusals: Sequence[Refusal]) -> list[dict[str, str]]:
    """Items of GetExecutionErrors."""
    return [{"RecordId": one.key, "Field": "", "ErrorMessage": one.why} for one in refusals]


def staging_file(refusals: Sequence[Refusal], entity: str) -> bytes | None:
    """The lines that did not get into the staging table, as they came; None without any."""
    found = [one for one in of_entity(refusals, entity) if one.staging]
    if not found:
        return None
    lines = [[*found[0].cells, "ERRORMESSAGE"], *([*one.cells.values(), one.why] for one in found)]
    return _unicode(lines)


def keys_file(refusals: Sequence[Refusal], entity: str) -> bytes | None:
    """The keys of rows that the target refused; None without any."""
    found = [one for one in of_entity(refusals, entity) if not one.staging]
    if not found:
        return None
    text = io.StringIO()
    csv.writer(text).writerows([("Entity", "Key"), *((one.set, one.key) for one in found)])
    return text.getvalue().encode()


def of_entity(refusals: Sequence[Refusal], entity: str) -> list[Refusal]:
    """Those of one entity, by its label or its set; of all where none is named."""
    wanted = entity.strip().lower()
    return [one for one in refusals if wanted in ("", one.label.lower(), one.set.lower())]


def _unicode(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return codecs.BOM_UTF16_LE + text.getvalue().encode("utf-16-le")
