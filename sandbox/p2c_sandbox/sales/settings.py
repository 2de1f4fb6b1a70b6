"""Switches of the Sales service. The defaults are the careful guess where a fact is open."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator

from p2c_sandbox.limits import LimitSettings


def _guid(given: object) -> object:
    """As the service writes it; what is no guid is refused."""
    return str(UUID(given)) if isinstance(given, str) else given


def _names(given: object) -> object:
    """`accounts,contacts` on a command line."""
    return given.split(",") if isinstance(given, str) else given


TableNames = Annotated[frozenset[str], BeforeValidator(_names)]


class SalesSettings(LimitSettings):
    """Behaviour that protocols part E leaves open, and numbers of the service (limits: A10)."""

    organization_id: Annotated[str | None, BeforeValidator(_guid)] = (
        None  # None: the same in every sandbox
    )
    text_comparison: Literal["without_accents", "with_accents"] = "without_accents"  # A3: collation
    not_in_null: Literal["dropped", "kept"] = "dropped"  # A3: rows without a value, and NotIn
    ieee754: Literal["honoured", "ignored"] = "honoured"  # A2: IEEE754Compatible=true
    delta_token_at: Literal["last", "first"] = "last"  # E1
    delta_with_annotations: bool = True  # E2
    extra_decimals: Literal["round", "refuse"] = "round"  # E3
    expired_delta_status: int = 400  # E4
    duplicate_key_status: int = 412  # E4
    duplicate_price_status: int = 400  # E4
    tables_without_bulk: TableNames = frozenset()  # E5: bulk messages taken away
    base_unit_with_schedule: bool = True  # E6
    order_on_hold: bool = True  # E11: orders have the status 690970000
    solution_keeps_price_items: bool = True  # field-mapping 4.1: the solution's plug-in
    solution_price_list: Literal["added", "moved", "first"] = "added"  # what pricelevelid does (P3)
    solution_makes_freight_tax_line: bool = True  # O6
    invoice_sets_processing_status: bool = False  # I2 against O3
    amount_rounding: Literal["half_even", "half_up"] = "half_even"  # A13: .NET's Math.Round
    page_ceiling: int = 5000
    batch_limit: int = 1000
    dop_hint: int = 4
