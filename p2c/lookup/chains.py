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

    `root` is `<system>.<set>/<record key>`, `reasons` are the messages of `refused` about it (empty
    where none is known), `waiting` has each record that waits with `why`, as the build says it, and
    `way`: the records between it and the root, its own parent first.
    """
    held = [row for row in waiting.held(warehouse) if row["code"] == "blocked"]
    parents = {_name(row): _listed(row) for row in [*waiting.family(warehouse), *held]}
    reasons: dict[str, list[str]] = {}
    for row in refused:
        reasons.setdefault(_name(row), []).append(str(row["message"]))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in held:
        *way, root = path(_name(row), parents, reasons)
        one = {"flow": row["flow"], "record": _name(row), "way": way, "why": row["message"]}
        found.setdefault(root, []).append(one)
    entries = [
        {"root": root, "reasons": list(dict.fromkeys(reasons.get(root, ()))), "waiting": rows}
        for root, rows in found.items()
    ]
    return sorted(entries, key=lambda entry: (-len(entry["waiting"]), entry["root"]))


def path(record: str, parents: Parents, reasons: Mapping[str, Any]) -> list[str]:
    """The way up from a record, without itself, to the nearest ancestor that has a reason.

    To the last of its first parents where none has one; to itself where it has no parent.
    """
    ways: list[list[str]] = [[parent] for parent in parents.get(record, ())]
    seen, longest = {record}, [record]
    while ways:
        way = ways.pop(0)
        if way[-1] in reasons:
            return way
        if way[-1] in seen:
            continue
        seen.add(way[-1])
        longest = way if longest == [record] or len(way) > len(longest) else longest
        ways += [[*way, parent] for parent in parents.get(way[-1], ())]
    return longest


def _name(row: Row) -> str:
    return f"{row['target']}/{row['record_key']}"


def _listed(row: Row) -> list[str]:
    return [str(parent) for parent in json.loads(row["parents"] or "[]")]
