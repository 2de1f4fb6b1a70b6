"""Which rules run for which table, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from p2c_sandbox.sales.rules.activation import OrderActivation
from p2c_sandbox.sales.rules.base import Rule
from p2c_sandbox.sales.rules.customers import ActiveCustomers
from p2c_sandbox.sales.rules.documents import DocumentHeaders, DocumentLines
from p2c_sandbox.sales.rules.freight_tax import FreightTax, FreightTaxPlace
from p2c_sandbox.sales.rules.invoicing import InvoicedOrders
from p2c_sandbox.sales.rules.line_prices import LinePrices, Repricing
from p2c_sandbox.sales.rules.lines import LineProducts
from p2c_sandbox.sales.rules.locks import ExternalLocks
from p2c_sandbox.sales.rules.numbers import DocumentNumbers, PartyNumbers
from p2c_sandbox.sales.rules.people import ContactCompany, FullNames
from p2c_sandbox.sales.rules.prices import PriceListItems, PriceLists
from p2c_sandbox.sales.rules.products import ProductLife, ProductUnits
from p2c_sandbox.sales.rules.quote_states import QuoteMoves
from p2c_sandbox.sales.rules.recount import HeaderTotals, LineFlags
from p2c_sandbox.sales.rules.solution import ExternalPrices
from p2c_sandbox.sales.rules.states import StateLocks, StatePairs
from p2c_sandbox.sales.rules.units import UnitGroups, Units

RULES: tuple[Rule, ...] = (
    StateLocks(),
    ExternalLocks(),
    QuoteMoves(),
    OrderActivation(),
    ProductLife(),
    StatePairs(),
    PartyNumbers(),
    DocumentNumbers(),
    FullNames(),
    ContactCompany(),
    DocumentHeaders(),
    InvoicedOrders(),
    ActiveCustomers(),
    LineProducts(),
    DocumentLines(),
    LinePrices(),
    LineFlags(),
    Repricing(),
    HeaderTotals(),
    FreightTax(),
    FreightTaxPlace(),
    UnitGroups(),
    Units(),
    ProductUnits(),
    PriceLists(),
    PriceListItems(),
    ExternalPrices(),
)
HOOKS = (
    "before_create", "after_create", "before_update", "after_update", "before_delete",
    "after_delete",
)  # fmt: skip
Hook = Callable[..., Any]


@dataclass(frozen=True)
class Hooks:
    """The hooks that do something for one table."""

    by_name: Mapping[str, Sequence[Hook]]

    def run(self, name: str, *arguments: object) -> None:
        """Call every hook of this name in order."""
        for hook in self.by_name[name]:
            hook(*arguments)


def hooks_for(entity_set: str, rules: Sequence[Rule] = RULES) -> Hooks:
    """Hooks of the rules that watch a table; hooks nobody overrides are left out for speed."""
    watching = [rule for rule in rules if entity_set in rule.sets]
    return Hooks(
        {
            name: tuple(
                getattr(rule, name)
                for rule in watching
                if getattr(type(rule), name) is not getattr(Rule, name)
            )
            for name in HOOKS
        }
    )
