"""The privileges as a file: a table for people (.md), rows for spreadsheets (.csv), or .json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from p2c.errors import P2CError
from p2c.tenant.names import ACCESSES
from p2c.tenant.privileges import EntityAccess, Privilege

# As Power Platform's role editor heads its columns.
HEADINGS = {"AppendTo": "Append To"}
COLUMNS = ("privilege", "table", "access", "depth", "needed_by", "optional")


def write_role_file(path: Path, privileges: Sequence[Privilege]) -> None:
    """Write the file whole or not at all. Raises P2CError for a suffix that means nothing here."""
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise P2CError(f"{path}: give the file a name that ends in {', '.join(FORMS)}.")
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(form(privileges), encoding="utf-8", newline="")
    draft.replace(path)


def markdown(privileges: Sequence[Privilege]) -> str:
    """A row for each table; a cell says yes, or what alone needs it."""
    accesses = [one for one in ACCESSES if any(p.access == one for p in privileges)]
    head = ["table", "privileges", *(HEADINGS.get(one, one) for one in accesses)]
    rows = [[f"`{table}`", _named(found), *(_cell(found, one) for one in accesses)]
            for table, found in _by_table(privileges).items()]  # fmt: skip
    return _table(head, rows)


def entities_markdown(entities: Sequence[EntityAccess]) -> str:
    """The same of F&O: a row for each entity set."""
    rows = [
        [
            f"`{one.entity_set}`",
            *("yes" if found else "" for found in (one.read, one.create, one.update)),
            ("undo" if one.delete_for_undo else "yes") if one.delete else "",
        ]
        for one in entities
    ]
    return _table(["entity set", "read", "create", "update", "delete"], rows)


def csv_text(privileges: Sequence[Privilege]) -> str:
    """A row for each privilege of each table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(one) for one in privileges)
    return text.getvalue()


def json_text(privileges: Sequence[Privilege]) -> str:
    """The same as a list of objects."""
    return json.dumps([_row(one) for one in privileges], indent=2) + "\n"


FORMS: Mapping[str, Callable[[Sequence[Privilege]], str]] = {
    ".md": markdown,
    ".csv": csv_text,
    ".json": json_text,
}


def _row(one: Privilege) -> dict[str, str]:
    return {
        "privilege": one.name,
        "table": one.table,
        "access": one.access,
        "depth": "Organization",
        "needed_by": " ".join(word.replace("p2c ", "") for word in one.why),
        "optional": "yes" if one.optional else "no",
    }


def _by_table(privileges: Sequence[Privilege]) -> dict[str, dict[str, Privilege]]:
    tables: dict[str, dict[str, Privilege]] = {}
    for one in privileges:
        tables.setdefault(one.table, {})[one.access] = one
    return tables


def _named(found: Mapping[str, Privilege]) -> str:
    """`prv…Order`: what the table's privileges are called."""
    access, one = next(iter(found.items()))
    return f"`prv…{one.name.removeprefix(f'prv{access}')}`"


def _cell(found: Mapping[str, Privilege], access: str) -> str:
    one = found.get(access)
    if one is None:
        return ""
    return ", ".join(why.removeprefix("p2c ") for why in one.why) if one.optional else "yes"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return (
        "".join(f"| {' | '.join(line)} |\n" for line in lines)
        .replace("| --- ", "|---")
        .replace("--- |", "---|")
    )
