"""dbt, in a subprocess of its own: in this process it would keep DuckDB's lock for ever.

Its JSON log is read line by line: for progress, and for the nodes that failed and why.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from p2c.config.context import Context
from p2c.errors import BuildError
from p2c.run.child_process import child
from pipelines.common import memory

LOG_FILE = Path("logs") / "dbt.log"
PROCESS = "p2c.run.dbt_process"
# JSON is for this module, text for people; debug lines in the file take a tenth of a build.
# dbt keeps five files of this size beside the one it writes to.
LOG_BYTES = 1_000_000
LOGGING = (
    *("--log-format", "json", "--log-format-file", "text", "--log-level-file", "info"),
    *("--log-file-max-bytes", str(LOG_BYTES)),
)
RESULT_EVENTS = frozenset(
    ("LogModelResult", "LogSeedResult", "LogTestResult", "LogHookEndLine", "LogSnapshotResult")
)
# A run needs models, the seeds they read and the tests that gate it; seeds follow from no table.
FROM_TABLES = ("resource_type:model", "tag:gate")
ONLY_THESE = ("--indirect-selection", "empty")
GATED = (*FROM_TABLES, "resource_type:seed", *ONLY_THESE)
OUT_OF_MEMORY = "Out of Memory Error"
MORE_MEMORY = "DuckDB may take {limit}: raise the setting p2c.memory, or build where more is free."
BAD = frozenset(("error", "fail", "runtime error"))

BuildProgress = Callable[[int, int, str], None]


@dataclass
class Outcome:
    """What a dbt command did: nodes by status, and the message of each one that failed."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    fatal: str = ""

    def note(self, event: dict[str, Any], progress: BuildProgress) -> None:
        """Take in one line of dbt's log."""
        name, data = event["info"]["name"], event["data"]
        node = data.get("node_info") or {}
        if name == "MainEncounteredError":
            self.fatal = event["info"]["msg"].removeprefix("Encountered an error:").strip()
        if name in RESULT_EVENTS or name == "SkippingDetails":
            self._result(node)
            progress(data.get("index", 0), data.get("total", 0), node.get("node_name", ""))
        if name in ("RunResultError", "RunResultWarningMessage"):
            self._message(node.get("unique_id", ""), event["info"]["msg"].strip())

    def _result(self, node: dict[str, Any]) -> None:
        status = node.get("node_status", "")
        self.counts[status] = self.counts.get(status, 0) + 1
        if status in BAD:
            self.failures.setdefault(node["unique_id"], "")
        elif status == "warn":
            self.warnings.setdefault(node["unique_id"], "")

    def _message(self, unique_id: str, text: str) -> None:
        kept = self.warnings if unique_id in self.warnings else self.failures
        kept[unique_id] = text


def build(
    context: Context, select: Iterable[str] = (), progress: BuildProgress = lambda *_: None
) -> Outcome:
    """Seeds, models and the data tests that gate a run (`dbt build` has all of them).

    `select` chooses nodes in dbt's own grammar instead, with all their data tests; unit tests judge
    the code, not the data, and are left out. Raises BuildError naming each node that failed and
    where dbt's full log is.
    """
    chosen = list(select)
    arguments = ["build", "--exclude-resource-type", "unit_test", "exposure", "--select"]
    return invoke(context, [*arguments, *(chosen or GATED)], progress)


def parse(context: Context) -> Outcome:
    """Write the manifest without touching the warehouse."""
    return invoke(context, ["parse"], lambda *_: None)


def invoke(context: Context, arguments: list[str], progress: BuildProgress) -> Outcome:
    """Run one dbt command to its end; BuildError when it does not succeed, or not in time."""
    command = [sys.executable, "-m", PROCESS, *LOGGING, *arguments]
    outcome, limit = Outcome(), context.settings.p2c.build_timeout
    with child(command, context.project_dir, environment(context), limit) as running:
        for event in _events(running.lines):
            outcome.note(event, progress)
        code, errors = running.wait(), running.last_errors()
    log = context.project_dir / LOG_FILE
    if running.late:
        raise BuildError(_late(outcome, limit, log))
    if code:
        raise BuildError(_explain(outcome, errors or _signal(code), log))
    return outcome


def environment(context: Context) -> dict[str, str]:
    """What profiles.yml and the models read from the environment."""
    return os.environ | environment_of_settings(context)


def environment_of_settings(context: Context) -> dict[str, str]:
    """The part of it that comes from the settings."""
    return {
        "P2C_WAREHOUSE": str(context.warehouse),
        memory.VARIABLE: context.settings.p2c.memory,
        "P2C_THREADS": str(threads()),
        # A gate that fails holds back its flows (p2c.checks.held_flows), and not the whole build.
        "P2C_GATES": "warn",
        "SOURCES__FINOPS__CUSTOMERS_ENTITY_SET": (
            context.settings.sources.finops.customers_entity_set
        ),
        "DBT_PROFILES_DIR": str(context.project_dir),
        "DBT_TARGET_PATH": str(context.path("target_dir")),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_USE_COLORS": "false",
    }


def threads() -> int:
    """Nodes at once: two where there is one processor, as one waits for dbt; never more than four.

    DuckDB spreads each over all processors by itself, and each holds memory of its own.
    """
    return max(2, min(4, os.cpu_count() or 2))


def _events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:  # a library under dbt wrote to stdout
            continue
        if isinstance(event, dict) and "info" in event:
            yield event


def _late(outcome: Outcome, limit: float, log: Path) -> str:
    done = sum(outcome.counts.values())
    return (
        f"dbt did not end within {limit:,.0f} s and was stopped after {done} nodes; nothing was "
        f"written to either system. Look at {log} for what it was at, then start it again, or "
        "raise p2c.build_timeout if your tenant is as large as that."
    )


def _signal(code: int) -> str:
    """Somebody, or the system for want of memory, ended it."""
    reason = " (where nobody did, for want of memory: lower p2c.memory)" if code == -9 else ""
    return f"dbt was ended by signal {-code}{reason}" if code < 0 else ""


def _explain(outcome: Outcome, errors: str, log: Path) -> str:
    where = f"The full log is {log}."
    if OUT_OF_MEMORY in " ".join((*outcome.failures.values(), outcome.fatal, errors)):
        where = f"{MORE_MEMORY.format(limit=memory.limit())} {where}"
    if outcome.failures:
        nodes = "; ".join(
            f"{unique_id}: {' '.join(text.split()) or 'no message'}"
            for unique_id, text in outcome.failures.items()
        )
        count = len(outcome.failures)
        return f"dbt: {count} node{'s' if count > 1 else ''} failed: {nodes}. {where}"
    last = errors.strip().splitlines()[-1:] or ["dbt ended without saying why"]
    message, _, _ = (outcome.fatal or last[0]).partition(
        "> in macro"
    )  # where dbt was in the macros
    return f"dbt: {' '.join(message.split()).removesuffix('.')}. {where}"
