"""Python and the packages that the project is tried with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.tenant import Tenant

# The versions tried together; DuckDB's file format differs between its major versions.
MAJORS = {"dbt-core": "1.11", "dbt-duckdb": "1.11", "dlt": "1.", "duckdb": "2."}


def checks(_tenant: Tenant) -> Iterator[Check]:
    """Another version than those tried is a note, a package that is not there a problem."""
    yield ok("python", sys.version.split()[0])
    for package, wanted in MAJORS.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            yield problem(package, "not installed", "run `make setup`")
            continue
        if found.startswith(wanted):
            yield ok(package, found)
        else:
            yield note(package, found, f"this project is tried with {wanted}x; run `make setup`")
