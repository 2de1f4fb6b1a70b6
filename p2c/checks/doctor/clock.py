"""This machine's clock beside the services'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from p2c.checks.doctor.check import Check, System, note, ok, problem
from p2c.checks.doctor.tenant import Tenant

# Entra ID bears five minutes between the clocks; what a certificate signs is refused beyond them
# (AADSTS700024).
MOST = 300.0
WORTH_KNOWING = 60.0
TODO = "set this machine's clock by NTP (timedatectl set-ntp true)"


def of(system: System) -> Callable[[Tenant], Iterator[Check]]:
    """The check of one service's clock, by the header `Date` of its answers."""

    def checks(tenant: Tenant) -> Iterator[Check]:
        ahead = tenant.probe.ahead(system)
        if ahead is None:
            yield note(f"{system} clock", "the service's answers carry no time")
            return
        side = "behind" if ahead > 0 else "ahead"
        found = f"this machine is {abs(ahead):,.0f} seconds {side}"
        if abs(ahead) > MOST:
            yield problem(f"{system} clock", found, f"{TODO}: tokens are refused beyond 5 minutes")
        elif abs(ahead) > WORTH_KNOWING:
            yield note(f"{system} clock", found, TODO)
        else:
            yield ok(f"{system} clock", "the same within a minute")

    return checks
