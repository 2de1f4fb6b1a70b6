"""Before anything is read or written: do the services belong to what was staged of them?

Warehouse, extraction state and ledger each know their environments (decision 0011); `confirm`
asks the services who they are and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import stamina

from loaders.clock import Clock
from loaders.errors import AmbiguousAnswer, RetryLater
from loaders.ledger import store
from loaders.ledger.ledger import FILE_NAME
from loaders.models import Service, System
from loaders.services.answer import json_object
from loaders.services.batch import ODATA
from loaders.services.http import connect
from loaders.services.throttle import Throttle
from p2c.config.context import Context
from pipelines.common.address_errors import UnknownEnvironment
from pipelines.common.pins import (
    Environment,
    Keeper,
    Pins,
    StatePins,
    WarehousePins,
    check,
    check_alike,
    finops_environment,
    organisation,
    pin,
)

SECONDS = 60.0
ATTEMPTS = 5


@dataclass(frozen=True)
class LedgerPins:
    """The pins of a ledger, in its table `meta`."""

    path: Path

    @property
    def name(self) -> str:
        """For a message."""
        return f"The ledger {self.path}"

    def pins(self) -> Pins:
        """Nobody's, where there is no ledger yet."""
        if not self.path.exists():
            return {}
        with closing(store.connect(self.path)) as db:
            return store.environments(db)

    def evidence(self) -> Pins:
        """Nothing in it names its owner."""
        return {}

    def pin(self, pins: Pins) -> None:
        """A ledger that is not there is not created for that."""
        if self.path.exists():
            with closing(store.connect(self.path)) as db:
                store.keep_environments(db, pins)


def confirm(context: Context, services: Mapping[System, Service]) -> None:
    """Raise WrongEnvironment if the services are not those that were staged.

    From now on the ledger is theirs: what is asked for them is written into it. Raises the loaders'
    errors where Sales cannot be asked.
    """
    if "sales" not in context.answered:
        context.answered["sales"] = _who_am_i(services["sales"])
    pin(compare(context, context.answered["sales"]), [ledger_pins(context)])


def compare(context: Context, who_am_i: object) -> list[Environment]:
    """The environments of the settings, Sales by its own answer; WrongEnvironment as above."""
    sources = context.settings.sources
    found = [
        organisation(who_am_i, sources.sales.url or ""),
        finops_environment(sources.finops.environment, sources.finops.url or ""),
    ]
    check(found, _keepers(context))
    return found


def confirm_alike(context: Context) -> None:
    """Raise MixedState where warehouse, state and ledger are of different environments."""
    check_alike(_keepers(context))


def _keepers(context: Context) -> tuple[Keeper, ...]:
    state = StatePins(context.path("state_dir") / "dlt")
    return WarehousePins(context.warehouse), state, ledger_pins(context)


def ledger_pins(context: Context) -> LedgerPins:
    """What the ledger knows of its environments."""
    return LedgerPins(context.path("state_dir") / FILE_NAME)


def _who_am_i(service: Service) -> Mapping[str, Any]:
    clock = Clock()
    connection = connect(service, Throttle(1, clock, Event()), clock, timeout=SECONDS)
    url = f"{service.url}/api/data/{service.api_version}/WhoAmI"
    try:
        for attempt in stamina.retry_context(
            on=(RetryLater, AmbiguousAnswer), attempts=ATTEMPTS, timeout=None
        ):
            with attempt:
                answer = connection.request("GET", url, headers=ODATA)
    finally:
        connection.close()
    if not answer.is_success:
        raise UnknownEnvironment("sales", service.url, f"WhoAmI: HTTP {answer.status_code}")
    return json_object(answer)
