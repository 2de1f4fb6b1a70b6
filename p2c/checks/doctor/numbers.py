"""Number sequences of orders and quotations: numbers come from Sales (O9).

The entities are undocumented, and which data type is whose is seen once: nothing here is more than
a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, Refused, note, ok
from p2c.checks.doctor.tenant import Tenant, unread

REFERENCES = ("NumberSequencesV2References", ["DataTypeName", "NumberSequenceCode"])
SEQUENCES = ("SequenceV2Tables", ["NumberSequenceCode", "ScopeValue", "Manual"])
TYPES = {"SalesId": "sales orders", "QuotationId": "quotations"}
PLACE = (
    "F&O, Accounts receivable > Setup > Accounts receivable parameters > Number sequences: the "
    "sequence of {} allows manual numbers (Manual = Yes)"
)


def checks(tenant: Tenant) -> Iterator[Check]:
    """Sequences that give numbers themselves refuse each document that comes from Sales."""
    name = "manual numbers"
    try:
        references = tenant.rows("finops", *REFERENCES)
        codes = {row["NumberSequenceCode"]: TYPES.get(row["DataTypeName"]) for row in references}
        wanted = {code: what for code, what in codes.items() if what}
        condition = " or ".join(f"NumberSequenceCode eq '{code}'" for code in wanted)
        found = tenant.rows("finops", *SEQUENCES, filter=condition) if wanted else []
    except Refused as error:
        both = " and ".join(TYPES.values())
        yield note(name, unread("finops", error), f"look yourself: {PLACE.format(both)}")
        return
    refusing = [row for row in found if row["Manual"] != "Yes"]
    for row in refusing:
        what, company = wanted[row["NumberSequenceCode"]], row["ScopeValue"]
        shown = f"{row['NumberSequenceCode']} ({what}, {company or 'shared'}) does not allow them"
        yield note(name, shown, PLACE.format(what))
    if not refusing:
        seen = f"allowed by {len(found)} sequences of orders and quotations"
        yield ok(name, seen) if found else note(name, "no sequence is seen", PLACE.format("both"))
