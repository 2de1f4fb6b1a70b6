"""What dbt would write of a project of three flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# the dbt project


def manifest(**changes: Any) -> dict[str, Any]:
    """Three flows in a row: owners (Sales), things (Sales, refers to owners), gadgets (F&O)."""
    nodes: dict[str, Any] = {}
    for name, system, entity_set, key, needs in (
        ("owners", "sales", "owners", ["ownerid"], ["source.p.raw_finops.gadgets"]),
        ("things", "sales", "widgets", ["widgetid"], ["model.p.target_sales__owners"]),
        ("gadgets", "finops", "Gadgets", ["dataAreaId", "Number"], ["source.p.raw_sales.widgets"]),
    ):
        sibling, model = f"target_{system}__{name}", f"changes_{system}__{name}"
        columns = {column: _column(column, "varchar") for column in [*key, "name"]}
        if name == "things":
            columns["ownerid"] = _column("ownerid", "varchar", lookup="owners")
        nodes[f"model.p.{sibling}"] = _model(sibling, "target", needs, columns=columns)
        staged = [f"model.p.{sibling}", f"source.p.raw_{system}.{entity_set.lower()}"]
        meta = {
            "flow": name,
            "target": sibling,
            "writes": {
                "system": system,
                "entity_set": entity_set,
                "key": key,
                "operations": ["create", "update"],
            },
        }
        nodes[f"model.p.{model}"] = _model(model, "changes", staged, meta=meta)
    sources = {
        f"source.p.raw_{system}.{table}": {"schema": f"raw_{system}", "identifier": table}
        for system, table in (("sales", "owners"), ("sales", "widgets"), ("finops", "gadgets"))
    }
    macro = {"package_name": "p", "macro_sql": "{% macro m() %}{% endmacro %}"}
    whole = {
        "metadata": {"project_name": "p"},
        "nodes": nodes,
        "sources": sources,
        "macros": {"macro.p.m": macro},
    }
    return {**whole, **changes}


def _model(name: str, schema: str, needs: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "unique_id": f"model.p.{name}",
        "name": name,
        "alias": name,
        "schema": schema,
        "resource_type": "model",
        "checksum": {"checksum": name},
        "depends_on": {"nodes": list(needs)},
        "columns": more.get("columns", {}),
        "config": {"meta": more.get("meta", {})},
    }


def _column(name: str, data_type: str, **meta: Any) -> dict[str, Any]:
    return {"name": name, "data_type": data_type, "config": {"meta": meta}}
