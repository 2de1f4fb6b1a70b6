"""The project's own declarations, before any service is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from loaders import SyncGraph
from p2c.checks.doctor.check import Check, ok, problem
from p2c.checks.doctor.tenant import Declared
from p2c.config.context import Context
from p2c.errors import format_error
from p2c.tenant.tables import declared_tables
from pipelines.common.tables import Table

EMPTY = SyncGraph((), "")


def declared(context: Context, graph: Callable[[], SyncGraph]) -> tuple[Declared, list[Check]]:
    """What the project declares, as far as it can be read, and what is wrong in it.

    `graph` gives the write targets in dbt's manifest, and may make one.
    """
    wrong: list[Check] = []
    sales, finops = _tables(context, "sales", wrong), _tables(context, "finops", wrong)
    found = EMPTY
    if not (context.project_dir / "models").is_dir():
        wrong.append(problem("mapping", "no folder models/", "restore it from git"))
    else:
        try:
            found = graph()
        except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
            wrong.append(problem("mapping", format_error(error)))
    return Declared({"sales": sales, "finops": finops}, found), wrong


def checks(found: Declared, wrong: list[Check]) -> Iterator[Check]:
    """What was read, or what is wrong in it."""
    yield from wrong
    if not wrong:
        count = sum(map(len, found.tables.values()))
        yield ok("mapping", f"{count} tables read, {len(found.graph.targets)} targets written")


def _tables(
    context: Context, system: Literal["sales", "finops"], wrong: list[Check]
) -> list[Table]:
    try:
        return declared_tables(context, system)
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        wrong.append(problem("mapping", format_error(error)))
        return []
