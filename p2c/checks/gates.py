"""Gates that failed in the last build: which record, which flows, and where to look.

A gate is a data test tagged `gate`. The build goes on when one fails; its rows are in
`quality.failed_gates` (macros/tests/remember_gates.sql), and the flows that come after what was
tested, in dbt's graph, are held back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from p2c.config.context import Context
from p2c.errors import NothingStaged
from p2c.warehouse import reading

Node = Mapping[str, Any]
FAILED = """
select test, failed_row, count(*) over (partition by test) as failed_rows
from quality.failed_gates
qualify row_number() over (partition by test, failed_row like '%"flow":%' order by failed_row) <= 3
order by test, failed_row
"""
# What the rows of a test say beside the values that failed, by the name of the test.
COUNTS = frozenset(("n", "n_records", "num_rows"))
VALUES = frozenset(("unique_field", "value_field"))
SHOWN = 4  # values of a row in a message


@dataclass
class Gate:
    """A failed gate. `flows`: those it concerns; `message` names records, seeds and remedy."""

    message: str
    flows: set[str] = field(default_factory=set)


def failed_gates(context: Context) -> list[Gate]:
    """The gates that failed in the last build; none where nothing was built."""
    try:
        with reading(context.warehouse) as warehouse:
            built = "failed_gates" in warehouse.columns("quality")
            rows = warehouse.rows(FAILED) if built else []
    except NothingStaged:
        return []
    manifest = _manifest(context.path("target_dir") / "manifest.json") if rows else {}
    tests: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        tests.setdefault(row["test"], []).append(row)
    return [_gate(manifest, test, found) for test, found in tests.items()]


def _gate(manifest: Mapping[str, Any], test: str, rows: Sequence[Mapping[str, Any]]) -> Gate:
    nodes: Mapping[str, Node] = manifest["nodes"]
    node = nodes.get(test, {})
    tested = _tested(node)
    values = [json.loads(row["failed_row"]) for row in rows]
    examples = "; ".join(_example(node, row) for row in values)
    more = int(rows[0]["failed_rows"]) - len(rows)
    rest = f"; and {more:,} more" if more > 0 else ""
    message = f"{_rule(node, tested)}: {examples}{rest}. {_remedy(nodes, tested, values)}"
    named = {str(row["flow"]) for row in values if row.get("flow")}
    return Gate(message, named or _flows_after(manifest, node))


def _rule(node: Node, tested: str) -> str:
    """What must hold, in words; a test without a kind of its own is named after itself."""
    kind = (node.get("test_metadata") or {}).get("name") or str(node.get("name", "a test"))
    model = tested.rpartition(".")[2] or "the warehouse"
    rules = {
        "key": "must have one row for each key",
        "unique_combination": "must have one row for each key",
        "unique": f"must have one row for each {node.get('column_name')}",
        "not_null": f"must have a {node.get('column_name')} in every row",
    }
    name = kind.removeprefix("assert_").replace("_", " ")
    return f"{model} {rules.get(kind, f'does not pass the check: {name}')}"


def _example(node: Node, row: Mapping[str, Any]) -> str:
    column = str(node.get("column_name") or "")
    cells = {column if name in VALUES else name: value for name, value in row.items()}
    counts = [value for name, value in cells.items() if name in COUNTS]
    named = {
        name: value for name, value in cells.items() if name not in COUNTS and value is not None
    }
    shown = ", ".join(f"{name} {value}" for name, value in list(named.items())[:SHOWN])
    return f"{shown or 'no value'}{f' ({counts[0]} rows)' if counts else ''}"


def _remedy(nodes: Mapping[str, Node], tested: str, rows: Sequence[Mapping[str, Any]]) -> str:
    values = [str(v) for row in rows for name, v in row.items() if v and name not in COUNTS]
    # A number says more than the company in front of it.
    value = max(reversed(values), key=len, default=None)
    look = (
        f"`p2c explain {value} --layers` shows where it comes from"
        if value
        else "Look at the table"
    )
    seeds = sorted(_seeds_of(nodes, tested))
    asked = (
        f"; it is made with the seed{'s' if len(seeds) > 1 else ''} {', '.join(seeds)}: look there"
    )
    return f"{look}{asked if seeds else ''}; mend it and build again."


def _seeds_of(nodes: Mapping[str, Node], model: str) -> set[str]:
    """Seeds that a model reads, through their views and one model between."""
    near = _models(nodes, model)
    read = [near, *(_models(nodes, parent) for parent in near if ".keys_" in parent)]
    views = {name for parents in read for name in parents if ".stg_seeds__" in name}
    return {name.rpartition("stg_seeds__")[2] for name in views}


def _models(nodes: Mapping[str, Node], model: str) -> list[str]:
    return list((nodes.get(model) or {}).get("depends_on", {}).get("nodes", []))


def _tested(node: Node) -> str:
    """The model a test judges: the one it is attached to, else the first it reads."""
    read = node.get("depends_on", {}).get("nodes", [])
    return str(node.get("attached_node") or (read[0] if read else ""))


def _flows_after(manifest: Mapping[str, Any], node: Node) -> set[str]:
    """Flows whose changes are made from what the test reads."""
    start = _tested(node)
    return {
        str(meta["flow"])
        for name in _after(manifest.get("child_map", {}), [start])
        if "flow" in (meta := _meta(manifest["nodes"].get(name)))
    }


def _meta(node: Node | None) -> Mapping[str, Any]:
    return ((node or {}).get("config") or {}).get("meta") or {}


def _after(children: Mapping[str, Sequence[str]], start: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    left = list(start)
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += children.get(name, ())
    return seen


def _manifest(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
