"""A plan with every kind of record, saved in a ledger, and the view of it that people get."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console, RenderableType

from loaders import Ledger, Plan, RunReport, alike
from loaders.planning.rows import writes
from p2c.screen.plan_view import PlanView, sections

from .cli_world import PLAN

Row = dict[str, Any]
FLOW, TARGET, MODEL = "accounts", "finops.CustomersV2", "changes_finops__customers"
LINES = ("quotations", "finops.CDSSalesQuotationLines", "changes_finops__sales_quotation_lines")
FIRST = '{"first_contact":true,"kept":{"Memo":"what Sales has in this column"}}'
APART = ("drift", "conflict", "blocked", "rejected")
WAITS = "finops.CustomersV2/usmf/WAITS-FOR-THIS does not exist, and this plan does not create it."
MESSAGE = "The country Ruritania is not in the seed value_map_countries: add a row for it."


def key(kind: str, number: int) -> str:
    """Long, in three parts: nothing of it may be broken in two."""
    return f"usmf/CON-{number:05}-{kind.upper()}/ACC-{number:05}-DCAAXV"


def row(kind: str, number: int, operation: str, **more: Any) -> Row:
    """A planned write of one account."""
    images = {
        "create": (None, {"OrganizationName": f"Née {number} 東京", "Id": str(UUID(int=number))}),
        "update": ({"OrganizationName": f"Old {number}"}, {"OrganizationName": f"New {number}"}),
        "deactivate": (None, {"OnHoldStatus": "All"}),
        "delete": (None, None),
    }
    before, after = images[operation]
    about = {"flow": FLOW, "model": MODEL, "system": "finops", "entity_set": "CustomersV2"}
    return {
        "change_id": f"{kind}-{number}", **about, "operation": operation, "unit": None,
        "record_key": key(kind, number), "record_id": None, "source_key": f"source-{kind}-{number}",
        "key_values": "{}", "etag": None, "before": before and json.dumps(before),
        "after": after and json.dumps(after), "changed_columns": "[]", "parents": "[]",
        "agreement": None, **more,
    }  # fmt: skip


def line(number: int) -> Row:
    """A planned line of another flow."""
    flow, target, model = LINES
    system, entity_set = target.split(".")
    own = {"flow": flow, "model": model, "system": system, "entity_set": entity_set}
    return row("line", number, "create", **own)


def every_kind(each: int) -> list[Row]:
    """So many of each."""
    numbers = range(each)
    return [
        *(row("new", n, "create") for n in numbers),
        *(line(n) for n in numbers),
        *(row("changed", n, "update") for n in numbers),
        *(row("first", n, "update", agreement=FIRST) for n in numbers),
        *(row("gone", n, "deactivate") for n in numbers),
        *(row("deleted", n, "delete") for n in numbers),
        *(
            row("waits", n, "create", status="blocked", error_message=f"{WAITS} {n}")
            for n in numbers
        ),
    ]


def apart(each: int) -> Iterator[Row]:
    """Records beside the plan, as p2c.lookup.apart has them."""
    for kind in APART:
        for n in range(each):
            about = {"flow": FLOW, "target": TARGET, "kind": kind, "records": each}
            own: Row = {"columns": [["CreditLimit", f"{n}.10", f"{n}.20", "keep"]]}
            if kind in ("blocked", "rejected"):
                own = {"message": f"{MESSAGE} ({n})"}
            yield {**about, "key": key(kind, n), **own}


@dataclass(frozen=True)
class Planned:
    """A saved plan and the rows it was made of."""

    ledger: Ledger
    plan: Plan
    rows: Sequence[Row]

    def view(self, each: int | None, beside: Sequence[Row] = (), kind: str = "changes") -> PlanView:
        """As `p2c plan` has it, with the first `each` of a kind."""
        flow: Row = {"flow": FLOW, "target": TARGET, "source_rows": 900}
        flow["first_contact"] = self.count("first")
        flow |= {name: sum(row["kind"] == name for row in beside) for name in APART}
        flow |= {name: self.operation(name) for name in ("create", "update", "deactivate")}
        flows = (flow, {**dict.fromkeys(flow, 0), "flow": LINES[0], "target": LINES[1]})
        report = RunReport("run-1", "ok", 1.0, 0, flows, self.plan.plan_id, kind=kind).as_dict()
        kinds = alike(self.ledger, self.plan.plan_id, each)
        found = {"held_back": {}, "unmatched": {TARGET: 7}, "differences": list(_different(beside))}
        shown = [one for one in beside if each is None or _number(one["key"]) < each]
        return PlanView(self.plan, report, sections(kinds, report, found, shown), found)

    def count(self, kind: str) -> int:
        return sum(f"-{kind.upper()}/" in row["record_key"] for row in self.rows)

    def operation(self, name: str) -> int:
        return sum(row["operation"] == name and row["flow"] == FLOW for row in self.rows)


def planned(folder: Path, rows: Sequence[Row]) -> Planned:
    """Save rows as a plan; the ledger stays open until it is forgotten."""
    ledger = Ledger.open(folder)
    return Planned(ledger, ledger.add_plan(replace(PLAN, counts={}), writes(rows)), rows)


def terminal(width: int, *what: RenderableType) -> list[str]:
    """The lines that a terminal of that width gets."""
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    console.print(*what, sep="", crop=False)
    return file.getvalue().splitlines()


def texts(value: object) -> Iterator[str]:
    """Every text and number in what JSON holds, but for names of columns."""
    if isinstance(value, Mapping):
        for held in value.values():
            yield from texts(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from texts(held)
    elif value is not None:
        yield str(value)


def _number(record: str) -> int:
    return int(record.split("-")[1])


def _different(beside: Iterable[Row]) -> Iterator[Row]:
    counts: dict[str, int] = {}
    for one in beside:
        if "columns" in one:
            counts[one["kind"]] = counts.get(one["kind"], 0) + 1
    for kind, records in counts.items():
        about = {"flow": FLOW, "target": TARGET, "column": "CreditLimit"}
        yield {**about, "kind": kind, "action": "keep", "records": records}
