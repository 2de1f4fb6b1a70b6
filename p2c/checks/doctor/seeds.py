"""The seeds by themselves and, once built, beside the records of the last build."""

from __future__ import annotations

from collections.abc import Iterator

from p2c.checks.doctor.check import Check, note, ok, problem
from p2c.checks.doctor.tenant import Tenant
from p2c.checks.seeds import problems
from p2c.errors import SeedError, WarehouseBusy, format_error


def checks(tenant: Tenant) -> Iterator[Check]:
    """What holds flows back, and a file that cannot be read, are problems; the rest is noted."""
    context = tenant.context
    names = sorted(path.stem for path in (context.project_dir / "seeds").glob("**/*.csv"))
    if not names:
        yield problem("seeds", "no CSV in seeds/", "restore the folder from git")
        return
    try:
        found = problems(context)
    except WarehouseBusy:
        found = problems(context, files_only=True)
    except SeedError as error:
        yield problem("seeds", format_error(error))
        return
    if not found:
        yield ok("seeds", f"{len(names)} files: {', '.join(names)}")
    for one in found:
        if one.holds:
            yield problem("seeds", str(one), f"mend it: it holds back {', '.join(one.holds)}")
        else:
            yield note("seeds", str(one))
