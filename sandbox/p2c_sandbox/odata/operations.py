"""Actions and functions in `$metadata`, with the types that only they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.etree.ElementTree import Element, SubElement


@dataclass(frozen=True)
class Operation:
    """One action or function. `parameters` are name -> type; types without `Edm.` are those of the
    service's namespace, without it. `bound_to` is the type of the first parameter."""

    name: str
    kind: Literal["Action", "Function"]
    parameters: Mapping[str, str] = field(default_factory=dict)
    returns: str | None = None
    bound_to: str | None = None


@dataclass(frozen=True)
class Operations:
    """The operations of a service; `types` are complex types (name -> property -> type), `bases`
    abstract entity types that parameters name."""

    operations: Sequence[Operation] = ()
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bases: Sequence[str] = ()

    def declare(self, schema: Element, namespace: str) -> None:
        """Add types, actions and functions to a schema."""
        for name in self.bases:
            SubElement(schema, "EntityType", {"Name": name, "Abstract": "true"})
        for name, properties in self.types.items():
            element = SubElement(schema, "ComplexType", {"Name": name})
            for member, kind in properties.items():
                named = {"Name": member, "Type": _qualified(kind, namespace)}
                SubElement(element, "Property", named)
        for operation in self.operations:
            _declare(schema, namespace, operation)

    def offer(self, container: Element, namespace: str) -> None:
        """Add the imports of those that belong to no table to the entity container."""
        for one in self.operations:
            if one.bound_to is None:
                imported = {"Name": one.name, one.kind: f"{namespace}.{one.name}"}
                SubElement(container, f"{one.kind}Import", imported)


def _declare(schema: Element, namespace: str, operation: Operation) -> None:
    bound = {"IsBound": "true"} if operation.bound_to else {}
    element = SubElement(schema, operation.kind, {"Name": operation.name, **bound})
    parameters = dict(operation.parameters)
    if operation.bound_to:
        name = "entityset" if operation.bound_to.startswith("Collection(") else "entity"
        parameters = {name: operation.bound_to, **parameters}
    for name, kind in parameters.items():
        SubElement(element, "Parameter", {"Name": name, "Type": _qualified(kind, namespace)})
    if operation.returns:
        SubElement(element, "ReturnType", {"Type": _qualified(operation.returns, namespace)})


def _qualified(kind: str, namespace: str) -> str:
    if kind.startswith("Collection("):
        return f"Collection({_qualified(kind[len('Collection(') : -1], namespace)})"
    return kind if kind.startswith("Edm.") else f"{namespace}.{kind}"
