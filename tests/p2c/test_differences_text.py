"""K3: a plan shows first contacts apart, by column, and drift and conflicts with what is done."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, RenderableType

from p2c.screen.differences_text import by_column, kept_since
from p2c.screen.plan_text import heading
from p2c.screen.plan_view import NOTHING_BESIDE, sections

ACCOUNTS = {"flow": "accounts", "target": "finops.CustomersV2", "first_contact": 1_200}
PRODUCTS = {"flow": "products", "target": "sales.products", "first_contact": 0}


def row(column: str, kind: str, action: str, records: int, **more: Any) -> dict[str, Any]:
    names = {"flow": "accounts", "target": "finops.CustomersV2"}
    return {**names, "column": column, "kind": kind, "action": action, "records": records, **more}


def shown(*parts: RenderableType) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=80)
    for part in parts:
        console.print(part)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


def test_k3_first_contacts_are_a_table_of_what_becomes_of_each_column() -> None:
    lines = shown(
        by_column(
            [
                row("SalesMemo", "first_contact", "fill", 900),
                row("SalesMemo", "first_contact", "keep", 300),
                row("OrganizationName", "first_contact", "overwrite", 1_100),
                row("OrganizationName", "first_contact", "hold", 100),
            ]
        )
    )
    cells = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("S", "O"))}
    assert cells == {
        "SalesMemo": ["900", "·", "300", "·"],
        "OrganizationName": ["·", "1,100", "·", "100"],
    }
    assert max(len(line) for line in lines) <= 80


def test_each_target_has_drift_conflicts_and_first_contacts_apart() -> None:
    here = {"flow": "products", "target": "sales.products"}
    rows = [
        row("CreditLimit", "drift", "keep", 2),
        row("SalesMemo", "drift", "overwrite", 1),
        row("name", "conflict", "hold", 4, **here),
        row("SalesMemo", "first_contact", "fill", 900),
    ]
    report = {"flows": [ACCOUNTS, PRODUCTS]}
    found = sections([], report, {**NOTHING_BESIDE, "differences": rows})
    assert [heading(section) for section in found] == [
        "First contact: accounts (finops.CustomersV2), "
        "1,200 linked records that never agreed on anything",
        "Changed in the target alone (drift): accounts (finops.CustomersV2): "
        "CreditLimit 2 kept, SalesMemo 1 overwritten",
        "Changed on both sides (conflict): products (sales.products): name 4 held",
    ]


def test_values_that_stay_since_first_contact_are_counted() -> None:
    here = {"flow": "products", "target": "sales.products"}
    rows = [row("SalesMemo", "kept", "keep", 7), row("price", "kept", "keep", 3, **here)]
    assert kept_since(rows) == (
        "10 values stay as they are since first contact: see quality.drift."
    )


def test_nothing_is_said_where_nothing_differs() -> None:
    assert kept_since([]) == ""
    assert sections([], {"flows": [ACCOUNTS | {"first_contact": 0}]}, NOTHING_BESIDE) == []
