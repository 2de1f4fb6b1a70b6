"""Data projects and their entities: protocols B8."""

from __future__ import annotations

from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.labels import labelled
from p2c_sandbox.finops.rules.base import Change, Relation, Rules


def names_an_entity(change: Change) -> None:
    """By its label."""
    name = str(change.row["EntityName"])
    if labelled(change.store.service, name) is None:
        raise FinopsError(f"Entity {name} does not exist in the target environment")


def is_staged(change: Change) -> None:
    """These entities have a staging table and go through it."""
    if change.row["SkipStaging"] == "Yes":
        change.refuse("Staging cannot be skipped.")


def takes_its_entities_along(change: Change) -> None:
    """A project that is deleted leaves no lines."""
    where = {"DefinitionGroupId": change.row["Name"]}
    for row in change.store.find("DataManagementDefinitionGroupDetails", where):
        change.store.delete("DataManagementDefinitionGroupDetails", row)


PROJECTS = Rules(after_delete=(takes_its_entities_along,))
DETAILS = Rules(
    hooks=(names_an_entity, is_staged),
    relations=(
        Relation(
            "DefinitionGroupId",
            "DataManagementDefinitionGroups",
            "Name",
            "Data projects",
            per_company=False,
        ),
    ),
)
