"""The checks of `p2c doctor`: each says ok, warn or fail, what was found and what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, Protocol

from pydantic import BaseModel, SecretStr

from p2c.checks.seeds import problems
from p2c.config.context import DEFAULT, SECRETS_FILE, Context
from p2c.config.pins import compare
from p2c.config.settings import Settings
from p2c.config.settings_errors import setting_names
from p2c.errors import SeedError, SettingsError, WarehouseBusy, format_error
from p2c.lock import holder
from pipelines.common.address_errors import AddressError
from pipelines.common.private import open_to_others
from pipelines.common.settings import REQUIRED

System = Literal["sales", "finops"]
# The versions tried together; DuckDB's file format differs between its major versions.
MAJORS = {"dbt-core": "1.11", "dbt-duckdb": "1.11", "dlt": "1.", "duckdb": "2."}
LINE_ITEM = 0  # organization.discountcalculationmethod: 0 line item, 1 per unit


@dataclass(frozen=True)
class Check:
    """One line: `status` ok, warn or fail; `todo` is '' when there is nothing to do."""

    check: str
    status: Literal["ok", "warn", "fail"]
    found: str
    todo: str = ""

    def as_dict(self) -> dict[str, str]:
        """For --json."""
        return asdict(self)


class Probe(Protocol):
    """Reads one address of a service (a path below its data root) and returns the JSON body."""

    def __call__(self, system: System, path: str) -> Mapping[str, Any]: ...


def examine(context: Context, probe: Probe, tracked: Callable[[], set[str]]) -> Iterator[Check]:
    """All checks, in the order a person should look at them.

    `tracked` gives the Sales entity sets that are read by change tracking.
    """
    yield from _settings(context)
    yield from _versions()
    yield _warehouse(context)
    yield _private(context)
    yield from _seeds(context)
    for system in ("sales", "finops"):
        reached = _connection(context, system, probe)
        yield reached
        if system == "sales" and reached.status == "ok":
            yield _environments(context, probe)
            yield from _organisation(probe)
            yield _change_tracking(probe, tracked())


def _settings(context: Context) -> Iterator[Check]:
    for name in setting_names(Settings):
        value = _value(context.settings, name)
        origin = context.origins.get(name, DEFAULT)
        if value is None and _is_required(context.settings, name):
            yield Check(name, "fail", "missing", "write it into .dlt/secrets.toml")
        elif value is not None:
            shown = "********" if isinstance(value, SecretStr) else str(value)
            yield Check(name, "ok", f"{shown}  ({origin})")


def _is_required(settings: Settings, name: str) -> bool:
    system, _, key = name.removeprefix("sources.").partition(".")
    if system not in ("sales", "finops"):
        return False
    return key in REQUIRED[getattr(settings.sources, system).auth]


def _value(model: BaseModel, dotted: str) -> object:
    value: object = model
    for part in dotted.split("."):
        value = getattr(value, part)
    return value


def _versions() -> Iterator[Check]:
    yield Check("python", "ok", sys.version.split()[0])
    for package, wanted in MAJORS.items():
        try:
            found = version(package)
        except PackageNotFoundError:
            yield Check(package, "fail", "not installed", "run `make setup`")
            continue
        good = found.startswith(wanted)
        todo = "" if good else f"this project is tried with {wanted}x; run `make setup`"
        yield Check(package, "ok" if good else "warn", found, todo)


def _warehouse(context: Context) -> Check:
    held = holder(context.warehouse)
    if held:
        return Check("warehouse", "warn", f"held by {held}", "wait for it to end")
    if not context.warehouse.exists():
        return Check("warehouse", "ok", f"{context.warehouse} (made by the first run)")
    size = context.warehouse.stat().st_size / 1e6
    return Check("warehouse", "ok", f"{context.warehouse}, {size:,.1f} MB, free")


def _private(context: Context) -> Check:
    """Secrets, and copies of what both systems hold, are their owner's own."""
    state = context.path("state_dir")
    kept = (context.project_dir / SECRETS_FILE, context.warehouse, state, *state.glob("ledger.*"))
    found = [str(path) for path in kept if open_to_others(path)]
    if found:
        todo = f"chmod -R go= {' '.join(found)}"
        return Check("private files", "warn", f"others can read {', '.join(found)}", todo)
    return Check("private files", "ok", "secrets, warehouse and ledger are readable by you only")


def _environments(context: Context, probe: Probe) -> Check:
    """Decision 0011: what is staged belongs to the environments of the settings."""
    try:
        found = compare(context, probe("sales", "WhoAmI"))
    except AddressError as error:
        return Check("environments", "fail", format_error(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        return Check("environments", "warn", f"could not be compared: {format_error(error)}")
    return Check("environments", "ok", ", ".join(f"{one.system} {one.identity}" for one in found))


def _seeds(context: Context) -> Iterator[Check]:
    """The files, and each mistake in them, or, once built, beside the records."""
    names = sorted(path.stem for path in (context.project_dir / "seeds").glob("**/*.csv"))
    if not names:
        yield Check("seeds", "fail", "no CSV in seeds/", "restore the folder from git")
        return
    yield Check("seeds", "ok", f"{len(names)} files: {', '.join(names)}")
    try:
        found = problems(context)
    except WarehouseBusy:
        found = problems(context, files_only=True)
    except SeedError as error:
        yield Check("seeds", "fail", format_error(error))
        return
    for problem in found:
        held = f"holds back {', '.join(problem.holds)}" if problem.holds else ""
        yield Check("seeds", "fail" if held else "warn", str(problem), held)


def _connection(context: Context, system: System, probe: Probe) -> Check:
    name = f"{system} connection"
    path = "WhoAmI" if system == "sales" else "LegalEntities?$top=1&$select=LegalEntityId"
    try:
        url = context.connection(system).url
        probe(system, path)
    except SettingsError as error:
        return Check(name, "fail", "not tried", format_error(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        return Check(name, "fail", format_error(error))
    return Check(name, "ok", url)


def _organisation(probe: Probe) -> Iterator[Check]:
    """Rule G8: system pricing, and discounts by line item."""
    columns = "oobpricecalculationenabled,discountcalculationmethod"
    try:
        rows = probe("sales", f"organizations?$select={columns}")["value"]
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        yield Check("sales pricing (G8)", "warn", f"could not be read: {format_error(error)}")
        return
    found = rows[0] if rows else {}
    on = found.get("oobpricecalculationenabled")
    todo = "in Sales, Settings > Product catalog: Use system pricing calculation = Yes"
    yield Check("system pricing (G8)", "ok" if on else "fail", str(on), "" if on else todo)
    method = found.get("discountcalculationmethod")
    good = method == LINE_ITEM
    todo = "in Sales, Settings > Product catalog: Discount calculation method = Line item"
    shown = "line item" if good else str(method)
    yield Check("discount method (G8)", "ok" if good else "fail", shown, "" if good else todo)


def _change_tracking(probe: Probe, tracked: set[str]) -> Check:
    path = "EntityDefinitions?$select=EntitySetName&$filter=ChangeTrackingEnabled eq true"
    try:
        rows = probe("sales", path)["value"]
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        return Check("change tracking", "warn", f"could not be read: {format_error(error)}")
    missing = sorted(tracked - {row["EntitySetName"] for row in rows})
    if missing:
        todo = "read whole each time until 'Track changes' is on for them in Power Apps"
        return Check("change tracking", "warn", f"off for {', '.join(missing)}", todo)
    return Check("change tracking", "ok", f"on for all {len(tracked)} tables")
