"""Chains of records that wait: each with the record at its upper end, and why that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from p2c.lookup import waiting
from p2c.warehouse import Reader, Row

Parents = Mapping[str, Sequence[str]]


def chains(warehouse: Reader, refused: Iterable[Row]) -> list[dict[str, Any]]:
    """One entry for each record that others wait for, the one with most of them first.

    `root` is `<system>.<set>/<record key>`, null for those that wait for no record (but for a
    decision, as `why` says); `reasons` are the messages of `refused` about it (empty where none is
    known). `waiting` has each record that waits with `why`, as the build says it, and `way`: the
    records between it and the root, its own parent first.
    """
    held = [row for row in waiting.held(warehouse) if row["code"] == "blocked"]
    parents = {_name(row): _listed(row) for row in [*waiting.family(warehouse), *held]}
    reasons: dict[str, list[str]] = {}
    for row in refused:
        reasons.setdefault(_name(row), []).append(str(row["message"]))
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in held:
        way = path(_name(row), parents, reasons)
        root = way.pop() if way else None
        one = {"flow": row["flow"], "record": _name(row), "way": way, "why": row["message"]}
        found.setdefault(root, []).append(one)
    entries = [
        {"root": root, "reasons": list(dict.fromkeys(reasons.get(root or "", ()))), "waiting": rows}
        for root, rows in found.items()
    ]
    return sorted(entries, key=lambda entry: (-len(entry["waiting"]), str(entry["root"])))


def path(record: str, parents: Parents, reasons: Mapping[str, Any]) -> list[str]:
    """The way up from a record, without itself, to the nearest ancestor that has a reason.

    To the farthest ancestor where none has one; empty where it has no parent.
    """
    ways: list[list[str]] = [[parent] for parent in parents.get(record, ())]
    seen: set[str] = {record}
    longest: list[str] = []
    while ways:
        way = ways.pop(0)
        if way[-1] in reasons:
            return way
        if way[-1] in seen:
            continue
        seen.add(way[-1])
        longest = max(longest, way, key=len)
        ways += [[*way, parent] for parent in parents.get(way[-1], ())]
    return longest


def _name(row: Row) -> str:
    """By its number where it has one: parents are named so."""
    return f"{row['target']}/{row['record_key'] or row['source_key']}"


def _listed(row: Row) -> list[str]:
    return [str(parent) for parent in json.loads(row["parents"] or "[]")]
