"""What a build has to make anew, in dbt's own grammar."""

from __future__ import annotations

import json
from collections.abc import Iterable

from loaders import Standing
from p2c.config.context import Context
from p2c.run.dbt import FROM_TABLES, ONLY_THESE

# By the same mapping they would be the same; tables that are built anew have the same columns.
BUT_VIEWS = ("--exclude", "config.materialized:view")


def after(context: Context, standing: Standing | None) -> list[str]:
    """Models and gates that a build has to make where one stands; none means everything.

    What follows from its changed tables, or all tables, and no view. A raw table that no model
    reads has none; dbt's last manifest names the others.
    """
    if standing is None:
        return []
    if standing.all_tables:
        return [*FROM_TABLES, *ONLY_THESE, *BUT_VIEWS]
    names = _sources(context, standing.changed)
    chosen = [f"source:{name}+,{kind}" for name in names for kind in FROM_TABLES]
    return [*chosen, *ONLY_THESE, *BUT_VIEWS] if names else []


def _sources(context: Context, tables: Iterable[str]) -> list[str]:
    wanted, path = set(tables), context.path("target_dir") / "manifest.json"
    if not wanted or not path.is_file():
        return []
    sources = json.loads(path.read_text(encoding="utf-8"))["sources"].values()
    return sorted(
        f"{source['source_name']}.{source['name']}"
        for source in sources
        if f"{source['schema']}.{source['identifier']}" in wanted
    )
