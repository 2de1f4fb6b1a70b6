"""Every setting with its value and where that came from."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr

from p2c.checks.doctor.check import Check, ok, problem
from p2c.checks.doctor.tenant import Tenant
from p2c.config.context import DEFAULT, SECRETS_FILE
from p2c.config.settings import Settings
from p2c.config.settings_errors import setting_names
from pipelines.common.settings import REQUIRED


def checks(tenant: Tenant) -> Iterator[Check]:
    """One that is required and has no value, or is of no flow, is a problem. Secrets are masked."""
    context = tenant.context
    for name in setting_names(Settings):
        value = _value(context.settings, name)
        origin = context.origins.get(name, DEFAULT)
        if value is None and _is_required(context.settings, name):
            yield problem(name, "missing", f"write it into {SECRETS_FILE}")
        elif value is not None:
            shown = "********" if isinstance(value, SecretStr) else str(value)
            yield ok(name, f"{shown}  ({origin})")
    yield from _of_no_flow(tenant)


def _of_no_flow(tenant: Tenant) -> Iterator[Check]:
    flows = tenant.declared.graph.flows
    wrong = tenant.context.settings.p2c.notify.of_no_flow(flows) if flows else ()
    known = f"the flows are {', '.join(sorted(flows))}, or '*' for each"
    for name in (f"p2c.notify.by_flow.{flow}" for flow in wrong):
        yield problem(name, "there is no such flow", known)


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
