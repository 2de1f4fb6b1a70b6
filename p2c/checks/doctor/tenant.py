"""What the checks go by: the project as it is declared, and both services, each asked once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

import yaml

from loaders import SyncGraph
from loaders.models import WriteTarget
from p2c.checks.doctor.check import Probe, Refused, System
from p2c.config.context import Context
from p2c.config.flow_sides import LABELS
from pipelines.common.tables import Table

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Declared:
    """The project: tables that are read of each system, and the write targets in dbt's graph."""

    tables: Mapping[System, Sequence[Table]]
    graph: SyncGraph

    def needed_by(self, table: Table) -> str:
        """The flows that read a table or write to it, as a sentence needs them."""
        raw = f"raw_{table.system}.{table.name}"
        flows = [
            target.flow
            for target in self.graph.targets
            if raw in target.sources or target.name == f"{table.system}.{table.entity_set}"
        ]
        needed = dict.fromkeys(flows)
        if len(needed) > 1 and set(needed) == set(self.graph.flows):
            return "every flow"
        return ", ".join(needed) or "no flow"

    def targets(self, system: System) -> list[WriteTarget]:
        """The targets in a system, those that run only when asked for included."""
        return [target for target in self.graph.targets if target.system == system]


@dataclass
class Tenant:
    """Both services and the project. A question that was asked is not asked again."""

    context: Context
    declared: Declared
    probe: Probe
    seeds: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    _answers: dict[tuple[System, str], Future[Mapping[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, system: System, path: str) -> Mapping[str, Any]:
        """The answer at a path; raises what the probe raises, each time the same."""
        with self._lock:
            is_new = (system, path) not in self._answers
            answer = self._answers.setdefault((system, path), Future())
        if is_new:
            try:
                answer.set_result(self.probe(system, path))
            except Exception as error:  # noqa: BLE001 - whoever asks for it gets it
                answer.set_exception(error)
        return answer.result()

    def rows(self, system: System, entity_set: str, columns: Sequence[str], **query: str) -> Rows:
        """Rows of a table with some columns; `filter` and `expand` as OData has them."""
        options = {"select": ",".join(columns), **query}
        text = "&".join(f"${name}={quote(value, safe=SAFE)}" for name, value in options.items())
        company = "cross-company=true&" if system == "finops" else ""
        found: Rows = self.ask(system, f"{entity_set}?{company}{text}").get("value", [])
        return found

    @cached_property
    def vars(self) -> Mapping[str, Any]:
        """The settings of the mapping, as dbt_project.yml has them."""
        text = (self.context.project_dir / "dbt_project.yml").read_text(encoding="utf-8")
        return (yaml.safe_load(text) or {}).get("vars") or {}

    def var(self, name: str) -> str:
        """One of them as text, '' where the project has none."""
        value = self.vars.get(name)
        return "" if value is None else str(value)


SAFE = "(),;$='/"


def unread(system: System, error: Refused) -> str:
    """What a check says that the service did not let it make."""
    return f"{LABELS[system]} did not say: {error.message} (HTTP {error.status})"
