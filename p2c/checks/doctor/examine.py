"""All checks: those of this machine, then those of both services side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from loaders import SyncGraph
from loaders.errors import AmbiguousAnswer, RetryLater
from p2c.checks.doctor import (
    bulk,
    change_tracking,
    clock,
    companies,
    connection,
    environments,
    finops_entities,
    finops_values,
    keys,
    mapping,
    numbers,
    options,
    packages,
    pricing,
    private,
    privileges,
    sales_tables,
    sales_values,
    seeds,
    settings,
    solution,
    storage,
    teams,
    versions,
)
from p2c.checks.doctor.check import Check, Probe, Refused, System, note, problem
from p2c.checks.doctor.tenant import Tenant, unread
from p2c.config.context import Context
from p2c.config.flow_sides import LABELS
from p2c.errors import format_error

Subject = Callable[[Tenant], Iterator[Check]]
FORBIDDEN = 403
ASK_FOR_IT = "no run needs it; with the right to read that it is checked, too"
WORKERS = 4  # requests at once, as many as a service bears while people work with it
HERE: Sequence[tuple[str, Subject]] = (
    ("project", seeds.checks),
    ("settings", settings.checks),
    ("this machine", versions.checks),
    ("this machine", storage.checks),
    ("this machine", private.checks),
)
THERE: Mapping[System, Sequence[tuple[str, Subject]]] = {
    "sales": (
        ("Sales", environments.checks),
        ("Sales", clock.of("sales")),
        ("Sales: solution and tables", solution.checks),
        ("Sales: solution and tables", sales_tables.checks),
        ("Sales: solution and tables", change_tracking.checks),
        ("Sales: solution and tables", keys.checks),
        ("Sales: solution and tables", bulk.checks),
        ("Sales: privileges", privileges.checks),
        ("Sales: privileges", teams.checks),
        ("Sales: settings and values", pricing.checks),
        ("Sales: settings and values", sales_values.checks),
        ("Sales: settings and values", options.checks),
    ),
    "finops": (
        ("F&O", clock.of("finops")),
        ("F&O: entities", finops_entities.checks),
        ("F&O: entities", packages.checks),
        ("F&O: settings and values", companies.checks),
        ("F&O: settings and values", finops_values.checks),
        ("F&O: settings and values", numbers.checks),
    ),
}


def examine(context: Context, probe: Probe, graph: Callable[[], SyncGraph]) -> Iterator[Check]:
    """All checks, in the order a person should look at them. `graph` gives dbt's write targets.

    Each is independent: a service that cannot be reached is one problem, and the rest goes on.
    """
    declared, wrong = mapping.declared(context, graph)
    tenant = Tenant(context, declared, probe)
    yield from _named("project", mapping.checks(declared, wrong))
    for subject, check in HERE:
        yield from _named(subject, check(tenant))
    with ThreadPoolExecutor(WORKERS) as pool:
        reached = dict(zip(THERE, pool.map(connection.check, [tenant] * 2, THERE), strict=True))
        for system, first in reached.items():
            yield replace(first, subject=LABELS[system])
            if first.status == "ok":
                yield from _of(tenant, system, pool)


def _of(tenant: Tenant, system: System, pool: ThreadPoolExecutor) -> Iterator[Check]:
    """The subjects of a service that answered; where it no longer does, once for all of them."""
    subjects = THERE[system]
    found = pool.map(lambda one: _tried(tenant, system, one[1]), subjects)
    silent: dict[str, None] = {}
    reason = ""
    for (subject, check), outcome in zip(subjects, found, strict=True):
        if isinstance(outcome, str):
            silent[_title(check)] = None
            reason = reason or outcome
        else:
            yield from _named(subject, iter(outcome))
    if silent:
        found_out = f"{reason} Not checked: {', '.join(silent)}."
        again = problem(f"{system} answers", found_out, "run `p2c doctor` again when it does")
        yield replace(again, subject=LABELS[system])


def _tried(tenant: Tenant, system: System, check: Subject) -> Sequence[Check] | str:
    """Its findings, or why the service did not answer."""
    name = _title(check)
    try:
        return list(check(tenant))
    except Refused as error:
        todo = ASK_FOR_IT if error.status == FORBIDDEN else ""
        return [note("not checked", f"{name}: {unread(system, error)}", todo)]
    except (AmbiguousAnswer, RetryLater) as error:
        return format_error(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        return [problem("not checked", f"{name}: {format_error(error)}")]


def _title(check: Subject) -> str:
    """The subject's module in words."""
    return check.__module__.rpartition(".")[2].replace("_", " ")


def _named(subject: str, found: Iterator[Check]) -> Iterator[Check]:
    for check in found:
        yield replace(check, subject=subject)
