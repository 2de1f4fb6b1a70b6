"""K3: a plan shows first contacts apart, by column, and drift and conflicts with what is done."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from p2c.screen.differences_text import differences_text

ACCOUNTS = {"flow": "accounts", "target": "finops.CustomersV2", "first_contact": 1_200}
PRODUCTS = {"flow": "products", "target": "sales.products", "first_contact": 0}


def row(column: str, kind: str, action: str, records: int, **more: Any) -> dict[str, Any]:
    names = {"flow": "accounts", "target": "finops.CustomersV2"}
    return {**names, "column": column, "kind": kind, "action": action, "records": records, **more}


def shown(rows: list[dict[str, Any]], width: int = 80) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width)
    for part in differences_text(rows, [ACCOUNTS, PRODUCTS]):
        console.print(part)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


def test_k3_first_contacts_are_a_table_of_what_becomes_of_each_column() -> None:
    lines = shown(
        [
            row("SalesMemo", "first_contact", "fill", 900),
            row("SalesMemo", "first_contact", "keep", 300),
            row("OrganizationName", "first_contact", "overwrite", 1_100),
            row("OrganizationName", "first_contact", "hold", 100),
        ]
    )
    assert " ".join(lines[:2]).startswith("First contact: accounts (finops.CustomersV2), 1,200")
    cells = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("S", "O"))}
    assert cells == {
        "SalesMemo": ["900", "·", "300", "·"],
        "OrganizationName": ["·", "1,100", "·", "100"],
    }
    assert max(len(line) for line in lines) <= 80


def test_drift_and_conflicts_are_a_line_for_each_target() -> None:
    here = {"flow": "products", "target": "sales.products"}
    lines = shown(
        [
            row("CreditLimit", "drift", "keep", 2),
            row("SalesMemo", "drift", "overwrite", 1),
            row("name", "conflict", "hold", 4, **here),
            row("SalesMemo", "kept", "keep", 7),
            row("price", "kept", "keep", 3, **here),
        ],
        width=200,
    )
    assert lines == [
        "Changed in the target alone (drift): accounts to finops.CustomersV2: "
        "CreditLimit 2 kept, SalesMemo 1 overwritten.",
        "Changed on both sides (conflict): products to sales.products: name 4 held.",
        "10 values stay as they are since first contact: see quality.drift.",
    ]


def test_nothing_is_said_where_nothing_differs() -> None:
    assert shown([]) == []
