"""Where the images of a record are: of each target its relations, key, columns and policies.

Read from dbt's manifest, as the comparison itself is made from the graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders import LoaderError, WriteTarget, read_targets
from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.warehouse import Row

Node = Mapping[str, Any]
CHANGES = "changes_"


@dataclass(frozen=True)
class ColumnRule:
    """A column of a target model, and what its meta says of comparing it."""

    name: str
    compare: str
    null_means: str


@dataclass(frozen=True)
class Compared:
    """One target: `desired` and `held` are relations, `agreed` a table of the schema ledger.

    `writes` is the meta of its changes model: key, operations, policies.
    """

    target: WriteTarget
    desired: str
    compare: str
    held: str | None
    agreed: str
    columns: Sequence[ColumnRule]
    writes: Mapping[str, Any]

    @property
    def compared(self) -> list[ColumnRule]:
        """Columns that are compared: no key, and none that the target computes itself."""
        key = self.writes["key"]
        return [c for c in self.columns if c.name not in key and c.compare != "never"]


Targets = Mapping[tuple[str, str], Compared]


def read(context: Context) -> Targets:
    """(flow, target) → where its images are; {} when dbt has left no manifest.

    Raises NothingStaged when the manifest cannot be read.
    """
    path = context.path("target_dir") / "manifest.json"
    if not path.is_file():
        return {}
    try:
        graph = read_targets(path)
        nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    except (LoaderError, ValueError) as error:
        raise NothingStaged(f"{error} `p2c build` makes it anew.") from None
    by_name = {node["name"]: node for node in nodes.values() if _is_model(node)}
    return {
        (target.flow, target.name): _compared(target, by_name, nodes)
        for target in graph.targets
        if target.model.startswith(CHANGES)
    }


def target_key(row: Row) -> tuple[str, str]:
    """(flow, target) of a row of quality or ledger."""
    return str(row["flow"]), str(row["target"])


def _compared(
    target: WriteTarget, by_name: Mapping[str, Node], nodes: Mapping[str, Node]
) -> Compared:
    name = target.model.removeprefix(CHANGES)
    compare, desired = by_name[f"compare_{name}"], by_name[f"target_{name}"]
    staged = [nodes[one] for one in compare["depends_on"]["nodes"] if ".stg_" in one]
    return Compared(
        target=target,
        desired=_relation(desired),
        compare=_relation(compare),
        held=_relation(staged[0]) if staged else None,
        agreed=f"agreed_{name}",
        columns=[_rule(column) for column in desired["columns"].values() if _is_theirs(column)],
        writes=by_name[target.model]["config"]["meta"]["writes"],
    )


def _rule(column: Node) -> ColumnRule:
    meta = (column.get("config") or {}).get("meta") or column.get("meta") or {}
    return ColumnRule(column["name"], meta.get("compare", "exact"), meta.get("null_means", "empty"))


def _is_theirs(column: Node) -> bool:
    return not column["name"].startswith("p2c_")


def _is_model(node: Node) -> bool:
    return bool(node.get("resource_type") == "model")


def _relation(node: Node) -> str:
    return f'"{node["schema"]}"."{node.get("alias") or node["name"]}"'
