"""`$select`, `$filter` and `$expand` over definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from p2c_sandbox.odata.errors import NotOffered, UnknownProperty
from p2c_sandbox.odata.http import Json, Request, query_pairs
from p2c_sandbox.odata.options import Expand, Options, parse_options
from p2c_sandbox.sales.definitions.filters import test_of
from p2c_sandbox.sales.definitions.items import PREFIX, Item
from p2c_sandbox.sales.definitions.keys import MEMBERS
from p2c_sandbox.sales.elsewhere import ELSEWHERE

_SUPPORTED = frozenset(("$select", "$filter", "$expand", "$count"))


def options_of(request: Request) -> Options:
    """The service answers definitions in one piece, without order and pages."""
    return parse_options(query_pairs(request.query), _SUPPORTED)


class Shape:
    """What a query may name: the members of a type, of a base type without a cast.

    `items` are those the query is about; of a type without any only its documented names are known.
    """

    def __init__(self, type_name: str, items: Sequence[Item], *, cast: bool) -> None:
        self.type_name = type_name
        self.cast = cast
        self.known = {name for item in items for name in (item.members if cast else item.values)}
        self.beyond = {name for item in items for name in (*item.members, *item.own_links)}
        self.known |= MEMBERS if type_name == "EntityKeyMetadata" else frozenset()
        self.links = {name for item in items for name in item.links}
        self.own_links = {name for item in items for name in item.own_links}

    def check(self, name: str) -> None:
        """Raises NotOffered for a member that only the service shows, UnknownProperty."""
        if name not in self.known | self.links:
            raise self._unknown(name)

    def check_link(self, name: str) -> None:
        """The same for a name in `$expand`."""
        if name not in (self.links | self.own_links if self.cast else self.links):
            raise self._unknown(name)

    def _unknown(self, name: str) -> Exception:
        documented = name in self.beyond or ELSEWHERE.describes(self.type_name, name)
        if documented or name.startswith(PREFIX):
            return NotOffered(f"The sandbox does not show '{name}' of {self.type_name} here.")
        return UnknownProperty(name, f"{PREFIX}{self.type_name}")


def filtered(items: list[Item], options: Options, shape: Shape) -> list[Item]:
    """The items that meet `$filter`."""
    if options.filter is None:
        return items
    test = test_of(options.filter, shape.check)
    return [item for item in items if test(item.members)]


def shown(items: list[Item], options: Options, shape: Shape) -> list[Json]:
    """The items as JSON, with what is selected and expanded."""
    for name in options.select or ():
        shape.check(name)
    for expand in options.expand:
        shape.check_link(expand.navigation)
    return [_shown(item, options) for item in items]


def _shown(item: Item, options: Options) -> Json:
    members = item.members
    chosen = [name for name in options.select or members if name in members]
    typed = item.type != "EntityMetadata"
    found: Json = {"@odata.type": f"#{PREFIX}{item.type}"} if typed else {}
    found |= {name: members[name] for name in dict.fromkeys((*chosen, "MetadataId"))}
    for expand in options.expand:
        found[expand.navigation] = _expanded(item, expand)
    return found


def _expanded(item: Item, expand: Expand) -> list[Json] | Json | None:
    if expand.navigation in item.links:
        items = item.links[expand.navigation]()
        return _inner(items, expand, LINKED_TYPES[expand.navigation])
    one: Callable[[], Item | None] | None = item.own_links.get(expand.navigation)
    found = one() if one else None
    return _inner([found], expand, found.type)[0] if found else None


def _inner(items: list[Item], expand: Expand, type_name: str) -> list[Json]:
    shape = Shape(type_name, items, cast=type_name not in BASES)
    return shown(filtered(items, expand.options, shape), expand.options, shape)


# Navigation property -> the declared type of what it leads to.
LINKED_TYPES = {
    "Attributes": "AttributeMetadata",
    "Keys": "EntityKeyMetadata",
    "ManyToOneRelationships": "OneToManyRelationshipMetadata",
    "OneToManyRelationships": "OneToManyRelationshipMetadata",
    "ManyToManyRelationships": "ManyToManyRelationshipMetadata",
}
BASES = frozenset({"AttributeMetadata", "RelationshipMetadataBase"})
