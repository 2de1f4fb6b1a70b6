"""Reads the sync graph from dbt's manifest: what is written where, in which order.

The loaders hold no list of entities. A model is a write target because its `config.meta` says
`writes`; the order follows from the graph: a target model that refers to another's keys is written
after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from loaders.declarations import ChangesMeta, ColumnMeta, problems
from loaders.documents import UndeclaredDocument, whole_documents
from loaders.errors import ManifestError
from loaders.models import Column, SyncGraph, WriteTarget

Node = Mapping[str, Any]
CHANGES = "changes_"
UNPUBLISHED = "unpublished"


def read_targets(manifest_path: Path) -> SyncGraph:
    """The write targets of a dbt project in writing order.

    Raises ManifestError when the file is missing or not dbt's, no model declares `writes`, or one
    declares it wrongly; the message names the model and the key.
    """
    manifest = _load(manifest_path)
    reader = _Reader(manifest_path, manifest)
    targets = [reader.write_target(node) for node in reader.changes_models()]
    if not targets:
        raise ManifestError(manifest_path, "no model declares `meta.writes`: nothing to write.")
    try:
        return SyncGraph(tuple(_ordered(whole_documents(targets))), reader.version())
    except UndeclaredDocument as error:
        raise ManifestError(manifest_path, str(error), error.model) from error


def published_models(manifest_path: Path) -> list[tuple[str, str]]:
    """(schema, name) of each model that people may read: all but those tagged `unpublished`.

    Raises ManifestError.
    """
    models = (n for n in _load(manifest_path)["nodes"].values() if n["resource_type"] == "model")
    return sorted(
        (str(node["schema"]), str(node.get("alias") or node["name"]))
        for node in models
        if UNPUBLISHED not in node.get("tags", ())
    )


def _load(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise ManifestError(path, "dbt's manifest is not there; run `p2c build` first.")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ManifestError(path, f"not valid JSON ({error}); run `dbt build` again.") from error
    if not isinstance(manifest, dict) or "nodes" not in manifest:
        raise ManifestError(path, "has no `nodes`, so it is not dbt's manifest.")
    return manifest


def _ordered(targets: Iterable[WriteTarget]) -> list[WriteTarget]:
    """Topological order; equals by name, so that plans are reproducible."""
    by_model = {target.model: target for target in sorted(targets, key=lambda t: t.model)}
    sorter = TopologicalSorter({model: target.needs for model, target in by_model.items()})
    sorter.prepare()
    order: list[WriteTarget] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += [by_model[model] for model in ready]
        sorter.done(*ready)
    return order


class _Reader:
    """One manifest, with the look-ups its parts need."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self._path = path
        self._nodes: Mapping[str, Node] = manifest["nodes"]
        self._sources: Mapping[str, Node] = manifest.get("sources", {})
        self._macros: Mapping[str, Node] = manifest.get("macros", {})
        self._project = manifest.get("metadata", {}).get("project_name")
        self._closures: dict[str, frozenset[str]] = {}

    def changes_models(self) -> list[Node]:
        """The models that write, in no particular order."""
        models = (n for n in self._nodes.values() if n.get("resource_type") == "model")
        return [n for n in models if n["name"].startswith(CHANGES) or "writes" in _meta(n)]

    def version(self) -> str:
        """A hash of everything that decides what a target holds: models, seeds, own macros."""
        digest = hashlib.sha256()
        used = frozenset().union(*(self._ancestors(_id(n)) for n in self.changes_models()))
        for name in sorted(used & self._nodes.keys()):
            digest.update(f"{name}:{self._nodes[name]['checksum']['checksum']}\n".encode())
        for name, macro in sorted(self._macros.items()):
            if macro.get("package_name") == self._project:
                digest.update(f"{name}:{macro.get('macro_sql', '')}\n".encode())
        return digest.hexdigest()[:16]

    def write_target(self, node: Node) -> WriteTarget:
        """One changes model as a typed target."""
        meta, model = self._declared(node), node["name"]
        writes, target = meta.writes, self._sibling(node)
        columns = {name: self._column(target["name"], c) for name, c in target["columns"].items()}
        if unknown := [name for name in writes.key if name not in columns]:
            problem = f"`writes.key` has {unknown[0]!r}, no column of {target['name']}."
            raise self._wrong(model, problem)
        return WriteTarget(
            model=model,
            relation=f'"{node["schema"]}"."{node.get("alias") or model}"',
            flow=meta.flow,
            system=writes.system,
            entity_set=writes.entity_set,
            key=tuple(writes.key),
            operations=frozenset(writes.operations),
            columns=columns,
            on_drift=writes.on_drift,
            on_conflict=writes.on_conflict,
            on_delete=writes.on_delete,
            sources=self._raw_tables(_id(node)),
            needs=self._needs(node),
            part_of=writes.part_of,
            whole=writes.whole,
            advice=writes.advice,
            logical_name=writes.logical_name,
            on_demand=writes.on_demand,
            deactivate=writes.deactivate,
            undo=writes.undo,
            undo_reason=writes.undo_reason,
            package=writes.package,
        )

    def _declared(self, node: Node) -> ChangesMeta:
        try:
            return ChangesMeta.model_validate(_meta(node))
        except ValidationError as error:
            raise self._wrong(node["name"], problems(error, ChangesMeta, "meta")) from None

    def _column(self, model: str, column: Node) -> Column:
        name = str(column["name"])
        try:
            meta = ColumnMeta.model_validate(_meta(column))
        except ValidationError as error:
            raise self._wrong(model, problems(error, ColumnMeta, f"{name}.meta")) from None
        return Column(
            name=name,
            data_type=str(column.get("data_type") or "varchar").lower(),
            lookup=meta.lookup,
            navigation=meta.navigation,
            read_as=meta.read_as,
            compare=meta.compare,
            empty=meta.empty,
        )

    def _sibling(self, node: Node) -> Node:
        model, name = node["name"], self._declared(node).target
        for other in self._nodes.values():
            if other.get("resource_type") == "model" and other["name"] == name:
                if not other.get("columns"):
                    raise self._wrong(model, f"its target model {name} declares no columns.")
                return other
        raise self._wrong(model, f"`meta.target` names {name!r}, which is no model.")

    def _needs(self, node: Node) -> frozenset[str]:
        """Changes models whose target model is an ancestor of this one or of its target model."""
        mine = _id(self._sibling(node))
        others = (other for other in self.changes_models() if other is not node)
        return frozenset(
            other["name"]
            for other in others
            if (sibling := _id(self._sibling(other))) != mine
            and sibling in self._ancestors(_id(node))
        )

    def _ancestors(self, unique_id: str) -> frozenset[str]:
        """The node itself and all it depends on, near and far."""
        if unique_id not in self._closures:
            parents = self._nodes.get(unique_id, {}).get("depends_on", {}).get("nodes", [])
            above = (self._ancestors(parent) for parent in parents)
            self._closures[unique_id] = frozenset({unique_id}).union(*above)
        return self._closures[unique_id]

    def _raw_tables(self, unique_id: str) -> tuple[str, ...]:
        """Source tables it is computed from: the systems' own, in schemas named `raw_<system>`."""
        used = self._ancestors(unique_id) & self._sources.keys()
        tables = {f"{s['schema']}.{s['identifier']}" for s in (self._sources[u] for u in used)}
        return tuple(sorted(t for t in tables if t.startswith("raw_") and not t.endswith(".reads")))

    def _wrong(self, model: str, problem: str) -> ManifestError:
        return ManifestError(self._path, problem, model)


def _id(node: Node) -> str:
    return str(node["unique_id"])


def _meta(node: Node) -> Mapping[str, Any]:
    """`config.meta`, where dbt 1.10 and later keep it; `meta` of the node itself before."""
    return node.get("config", {}).get("meta") or node.get("meta") or {}
