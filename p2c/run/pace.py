"""How hard the services are pushed, as the settings say."""

from __future__ import annotations

from loaders import ApplySettings
from p2c.config.context import Context


def pace(context: Context) -> ApplySettings:
    """How hard the services are pushed, reading back included."""
    finops = context.settings.sources.finops
    return ApplySettings(
        workers=context.settings.p2c.workers,
        max_wait=context.settings.p2c.max_wait,
        stop_after=context.settings.p2c.stop_after,
        finops_read_before_update=finops.read_before_update,
        finops_write_by=finops.write_by,
        finops_write_by_set=finops.write_by_set,
        finops_package_from=finops.package_creates,
        finops_rows_per_package=finops.rows_per_package,
        finops_package_seconds=finops.package_minutes * 60,
    )
