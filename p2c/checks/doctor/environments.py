"""Which environments these are, and whether what is staged belongs to them (decision 0011)."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.connection import WHO
from p2c.checks.doctor.tenant import Tenant
from p2c.config.pins import compare
from p2c.errors import format_error
from pipelines.common.address_errors import AddressError

LEAST = (8, 2, 1, 207)  # rule R1


def checks(tenant: Tenant) -> Iterator[Check]:
    """Another environment than the staged one, and a Sales that is too old, are problems."""
    try:
        found = compare(tenant.context, tenant.ask("sales", WHO))
        yield ok("environments", ", ".join(f"{one.system} {one.identity}" for one in found))
    except AddressError as error:
        yield problem("environments", format_error(error))
    text = str(tenant.ask("sales", "RetrieveVersion()").get("Version", ""))
    version = numbers(text)
    if not version:
        yield note("Sales version", f"{text!r} is no version")
    elif version < LEAST:
        least = "1612 (8.2.1.207)"
        yield problem("Sales version", text, f"Prospect to cash needs {least} or later (R1)")
    else:
        yield ok("Sales version", text)


def numbers(version: str) -> tuple[int, ...]:
    """`8.2.1.207` as numbers, which compare; () for what is none."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()
