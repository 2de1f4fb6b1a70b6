"""What definitions are made of: items with members, and members that lead to other items."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from p2c_sandbox.odata.http import Json

PREFIX = "Microsoft.Dynamics.CRM."
LANGUAGE = 1033
_NAMESPACE = uuid.UUID("6f1d7a4e-52c9-4f53-9b0e-3c1f5e0a7c12")


@dataclass(frozen=True)
class Item:
    """One definition. `type` is its own type without namespace; `values` are members that its
    base type has too, `more` those of its own type alone, which a query sees after a cast."""

    type: str
    values: Json
    more: Json = field(default_factory=dict)
    links: Mapping[str, Callable[[], list[Item]]] = field(default_factory=dict)
    own_links: Mapping[str, Callable[[], Item | None]] = field(default_factory=dict)

    @property
    def members(self) -> Json:
        """All of them."""
        return {**self.values, **self.more}


def item_id(*names: str) -> str:
    """The guid of a definition: the same in every sandbox."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def label(text: str) -> Json:
    """A text in the one language that there is."""
    found = {"Label": text, "LanguageCode": LANGUAGE, "IsManaged": True, "MetadataId": None}
    return {"LocalizedLabels": [found], "UserLocalizedLabel": found}


def managed(value: object, name: str) -> Json:
    """A managed property that nobody may change here."""
    return {"Value": value, "CanBeChanged": False, "ManagedPropertyLogicalName": name}
