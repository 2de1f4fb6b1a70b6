"""The faults of a running sandbox, and how often each has happened."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from p2c_sandbox.faults.model import Fault, Service

OF_TOKENS = frozenset({"short_token"})  # strike the token endpoint and nothing else


@dataclass(frozen=True)
class Asked:
    """What a fault may look at. `path` is the URL's, decoded; `part` = inside of a batch."""

    service: Service
    method: str
    path: str
    part: bool = False


@dataclass
class _Armed:
    fault: Fault
    chance: random.Random = field(init=False)
    met: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.fault.seed)

    def strikes(self, asked: Asked) -> bool:
        if not self._concerns(asked):
            return False
        self.met += 1
        fault = self.fault
        used_up = fault.times is not None and self.struck >= fault.times
        if self.met <= fault.skip or used_up or self.chance.random() >= fault.probability:
            return False
        self.struck += 1
        return True

    def _concerns(self, asked: Asked) -> bool:
        """The token endpoint is another service in real life: only a path or a fault of tokens
        names it."""
        fault = self.fault
        token_endpoint = "/oauth2/" in asked.path
        return (
            fault.service in (None, asked.service)
            and fault.method in (None, asked.method)
            and (fault.kind != "truncated" or asked.method in ("GET", fault.method))
            and fault.scope in ("any", "part" if asked.part else "request")
            and re.search(fault.path, asked.path) is not None
            and (not token_endpoint or "oauth2" in fault.path or fault.kind in OF_TOKENS)
        )


class Faults:
    """Faults in order; a request meets the first one that strikes. Safe for several threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Put faults after those that are there."""
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def replace(self, faults: Iterable[Fault]) -> None:
        """Forget the ones that are there, with their counts."""
        with self._lock:
            self._armed = [_Armed(fault) for fault in faults]

    def struck(self) -> list[tuple[Fault, int]]:
        """Every fault with the number of times it has happened."""
        with self._lock:
            return [(armed.fault, armed.struck) for armed in self._armed]

    def take(self, kinds: Set[str], asked: Asked) -> Fault | None:
        """The fault of one of these kinds that strikes this request."""
        with self._lock:
            for armed in self._armed:
                if armed.fault.kind in kinds and armed.strikes(asked):
                    return armed.fault
        return None
