"""Values that the seeds name, with the line where each comes first."""

from __future__ import annotations

from p2c.checks.doctor.tenant import Tenant
from p2c.checks.seed_files import read_seed
from p2c.errors import SeedError


def cells(tenant: Tenant, seed: str, column: str) -> dict[str, int]:
    """Value → line, as written; what the file itself has wrong is told by the check of seeds."""
    found: dict[str, int] = {}
    for line, row in rows(tenant, seed):
        if value := row.get(column, "").strip():
            found.setdefault(value, line)
    return found


def rows(tenant: Tenant, seed: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a seed with their lines, none where it cannot be read."""
    if seed not in tenant.seeds:
        try:
            tenant.seeds[seed] = read_seed(tenant.context.project_dir, seed).rows
        except SeedError:
            tenant.seeds[seed] = []
    return tenant.seeds[seed]
