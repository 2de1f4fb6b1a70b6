"""Switches of the Sales service. The defaults are the careful guess where a fact is open."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator

from p2c_sandbox.odata.limits import LimitSettings


def _guid(value: object) -> object:
    """As the service writes it; what is no guid is refused."""
    return str(UUID(value)) if isinstance(value, str) else value


def _names(value: object) -> object:
    """`accounts,contacts` on a command line."""
    return value.split(",") if isinstance(value, str) else value


TableNames = Annotated[frozenset[str], BeforeValidator(_names)]


class SalesSettings(LimitSettings):
    """Behaviour that protocols part E leaves open, and numbers of the service (protocols A10)."""

    organization_id: Annotated[str | None, BeforeValidator(_guid)] = (
        None  # None: the same in every sandbox
    )
    # Protocols A3: collation.
    text_comparison: Literal["without_accents", "with_accents"] = "without_accents"
    # Protocols A3: rows without a value, and NotIn.
    not_in_null: Literal["dropped", "kept"] = "dropped"
    ieee754: Literal["honoured", "ignored"] = "honoured"  # protocols A2: IEEE754Compatible=true
    delta_token_at: Literal["last", "first"] = "last"  # protocols E1
    delta_with_annotations: bool = True  # protocols E2
    extra_decimals: Literal["round", "refuse"] = "round"  # protocols E3
    expired_delta_status: int = 400  # protocols E4
    duplicate_key_status: int = 412  # protocols E4
    duplicate_price_status: int = 400  # protocols E4
    tables_without_bulk: TableNames = frozenset()  # protocols E5: bulk messages taken away
    # What a tenant may lack: columns as accounts.creditlimit, tables, keys and teams by name.
    columns_missing: TableNames = frozenset()
    tables_untracked: TableNames = frozenset()
    keys_inactive: TableNames = frozenset()
    teams_without_role: TableNames = frozenset()  # by name; not enforced
    solution_version: str = "15.0.0.1"  # of Prospect to cash; empty: it is not installed
    dual_write_version: str = ""  # of the solution DualWriteCore; empty: it is not installed
    base_unit_with_schedule: bool = True  # protocols E6
    order_on_hold: bool = True  # protocols E11: orders have the status 690970000
    solution_keeps_price_items: bool = True  # field-mapping 4.1: the solution's plug-in
    solution_price_list: Literal["added", "moved", "first"] = "added"  # what pricelevelid does (P3)
    solution_makes_freight_tax_line: bool = True  # O6
    invoice_sets_processing_status: bool = False  # I2 against O3
    # Protocols A13: .NET's Math.Round.
    amount_rounding: Literal["half_even", "half_up"] = "half_even"
    page_ceiling: int = 5000
    batch_limit: int = 1000
    dop_hint: int = 4
