"""Whether a service answers, and to this application."""

from __future__ import annotations

from p2c.checks.doctor.check import Check, Refused, System, ok, problem
from p2c.checks.doctor.companies import LEGAL_ENTITIES
from p2c.checks.doctor.tenant import Tenant
from p2c.errors import SettingsError, format_error

WHO = "WhoAmI"
TODO: dict[System, str] = {
    "sales": "Power Platform admin center > Environments > Settings > Users + permissions > "
    "Application users: the application needs a user with a security role",
    "finops": "F&O, System administration > Setup > Microsoft Entra ID applications: the client id "
    "needs a line with a user",
}


def check(tenant: Tenant, system: System) -> Check:
    """The first request to a service. A refusal is told in the service's own words."""
    name = f"{system} connection"
    try:
        url = tenant.context.connection(system).url
        if system == "sales":
            tenant.ask(system, WHO)
        else:
            tenant.rows(system, *LEGAL_ENTITIES)
    except SettingsError as error:
        return problem(name, "not tried", format_error(error))
    except Refused as error:
        denied = error.status in (401, 403)
        return problem(name, str(error), TODO[system] if denied else "")
    except Exception as error:  # noqa: BLE001 - whatever it is, a person reads it as a check
        return problem(name, format_error(error))
    return ok(name, url)
