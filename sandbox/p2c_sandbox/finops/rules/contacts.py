"""Contact persons of a customer: field-mapping 3.1 and 9."""

from __future__ import annotations

from p2c_sandbox.finops.company import COMPANY
from p2c_sandbox.finops.errors import unrelated
from p2c_sandbox.finops.rules.base import Change, Rules
from p2c_sandbox.finops.rules.countries import follow


def belongs_to_a_party(change: Change) -> None:
    """The party the contact belongs to must be a customer of the company."""
    number = change.row["AssociatedPartyNumber"]
    where = {"PartyNumber": number, COMPANY: change.company}
    if change.is_new and change.store.get("CustomersV3", where) is None:
        change.refuse(unrelated(number, change.label("AssociatedPartyNumber"), "Parties"))


def has_a_name(change: Change) -> None:
    """A contact is a person and a person has a name."""
    if not (change.row["FirstName"] or change.row["LastName"]):
        change.must_fill("LastName")


RULES = Rules(
    defaults={"ContactPersonPartyType": "Person"},
    hooks=(belongs_to_a_party, has_a_name, follow("PrimaryAddress")),
)
