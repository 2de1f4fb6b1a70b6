"""What the service documents and the sandbox does not have: 501 instead of 404."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import yaml

from p2c_sandbox.odata.errors import NotOffered, ServiceError, UnknownProperty
from p2c_sandbox.odata.model import Strict
from p2c_sandbox.sales.errors import no_resource

FILE = Path(__file__).parent.parent / "metadata" / "sales" / "_elsewhere.yml"
PREFIX = "Microsoft.Dynamics.CRM."
_OF_ALL_TABLES = "any"


class Elsewhere(Strict):
    """Names, as the file has them."""

    sets_of_definitions: frozenset[str]
    tables: dict[str, str]
    functions: frozenset[str]
    actions: frozenset[str]
    query_functions: frozenset[str]
    columns: dict[str, frozenset[str]]
    definitions: dict[str, frozenset[str]]
    types: dict[str, frozenset[str]]

    @cached_property
    def _sets(self) -> frozenset[str]:
        return frozenset(self.tables.values()) | self.sets_of_definitions

    def has_operation(self, name: str) -> bool:
        """Whether the service has a function or an action of this name, with or without prefix."""
        return name.removeprefix(PREFIX) in self.functions | self.actions

    def has_resource(self, segment: str) -> bool:
        """Whether a path below the root may begin with this."""
        return segment in self._sets or self.has_operation(segment)

    def has_column(self, entity_type: str, name: str) -> bool:
        """Whether a table of the sandbox has this column or navigation property in the service."""
        entity = entity_type.removeprefix(PREFIX)
        wire = name.removeprefix("_").removesuffix("_value") if name.startswith("_") else name
        known = self.columns.get(entity, frozenset()) | self.columns[_OF_ALL_TABLES]
        return name in known or wire in known

    def describes(self, type_name: str, member: str) -> bool:
        """Whether the service's definitions have this member."""
        base = next((b for b, types in self.types.items() if type_name in types), type_name)
        return member in self.definitions.get(base, frozenset())

    def instead_of(self, error: UnknownProperty) -> NotOffered | None:
        """501 for a name that only the service has; None when it has no such name either."""
        if not self.has_column(error.entity, error.name):
            return None
        table = error.entity.removeprefix(PREFIX)
        return NotOffered(f"The sandbox does not offer '{error.name}' of the table '{table}'.")

    def unknown_part(self, entity_type: str, name: str) -> ServiceError:
        """The error for a part of a row's address that the sandbox does not have."""
        return self.instead_of(UnknownProperty(name, entity_type)) or no_resource(name)


def _load() -> Elsewhere:
    return Elsewhere.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


ELSEWHERE = _load()
