"""What follows from raw tables, in dbt's own grammar."""

from __future__ import annotations

import json
from collections.abc import Iterable

from p2c.config.context import Context
from p2c.run.dbt import FROM_TABLES, ONLY_THESE


def after(context: Context, tables: Iterable[str]) -> list[str]:
    """Models and gates after these tables (`raw_<system>.<table>`); none means everything.

    A table that no model reads has none; dbt's last manifest names the others.
    """
    wanted, path = set(tables), context.path("target_dir") / "manifest.json"
    if not wanted or not path.is_file():
        return []
    sources = json.loads(path.read_text(encoding="utf-8"))["sources"].values()
    names = sorted(
        f"{source['source_name']}.{source['name']}"
        for source in sources
        if f"{source['schema']}.{source['identifier']}" in wanted
    )
    return [f"source:{name}+,{kind}" for name in names for kind in FROM_TABLES] + (
        [*ONLY_THESE] if names else []
    )
