"""Why a service is not asked: a secret would get where it does not belong, or two environments
would be mixed.

AddressError
    UnsafeAddress         an address to which no secret may be sent
    MixedSettings         a sandbox's address with credentials from elsewhere
    ForeignAddress        a link or a redirect leads to another address than the configured one
    WrongEnvironment      warehouse, state or ledger belong to another organisation
    UnknownEnvironment    a service does not say which organisation it is
    MixedState            warehouse, state and ledger belong to different environments
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import NAMES, ExtractError
from .origin import shown


class AddressError(ExtractError):
    """Nothing was sent."""


class UnsafeAddress(AddressError):
    """A secret sent there could be read by others, or by somebody else than meant."""

    def __init__(self, system: str, name: str, url: str) -> None:
        self.system, self.name, self.url = system, name, url
        super().__init__(
            f"Setting sources.{system}.{name} leads to {shown(url)}, where no secret may go: use "
            "https (plain http only for this machine itself) and no user name in the address."
        )


class MixedSettings(AddressError):
    """An address of this machine, and credentials that were written down somewhere else."""

    def __init__(self, system: str, places: Mapping[str, str]) -> None:
        self.system, self.places = system, dict(places)
        found = ", ".join(f"{name} from {place}" for name, place in places.items())
        super().__init__(
            f"Settings of sources.{system} lead to this machine, as a sandbox's do, and come from "
            f"several places ({found}): nothing was sent, because a secret could be meant for "
            "another service. Give all of them in one place, or move .dlt/secrets.toml away and "
            "start the sandbox again with `p2c sandbox up`."
        )


class ForeignAddress(AddressError):
    """A link or a redirect to another scheme, host or port: never followed."""

    def __init__(self, system: str, url: str, link: str, what: str) -> None:
        self.system, self.url, self.link = system, url, link
        super().__init__(
            f"{NAMES[system]} at {shown(url)} sent {shown(link)} as the address of {what}: "
            "nothing was sent there, because credentials stay with the address in the settings. "
            f"If {NAMES[system]} has a new address, write it into sources.{system}.url and "
            "run again: what was read before is kept."
        )


class WrongEnvironment(AddressError):
    """The settings lead to another environment than the one that was read so far.

    keeper: what belongs to `known`, such as `The warehouse …`; identity: what answers at `url`.
    """

    def __init__(self, system: str, url: str, identity: str, keeper: str, known: str) -> None:
        self.system, self.url, self.identity = system, url, identity
        self.keeper, self.known = keeper, known
        kind, renamed = "organisation", ""
        if system == "finops":
            kind = "environment"
            renamed = (
                " If it is the same environment at a new address, set "
                f'sources.finops.environment to "{known}".'
            )
        super().__init__(
            f"{keeper} belongs to {kind} {known} of {NAMES[system]}, but at {shown(url)} "
            f"{kind} {identity} answers: nothing was read or written. To go on with the first, "
            f"correct sources.{system}.url and its credentials; to start anew with the second, "
            "move the warehouse and the state folder away, both together, or name new ones in "
            f"the settings p2c.warehouse and p2c.state_dir.{renamed}"
        )


class UnknownEnvironment(AddressError):
    """Sales does not say which organisation it is, so nothing can be trusted to be its own."""

    def __init__(self, system: str, url: str, reason: str) -> None:
        self.system, self.url, self.reason = system, url, reason
        super().__init__(
            f"{NAMES[system]} at {shown(url)} does not say which organisation it is ({reason}): "
            f"check that sources.{system}.url is the address of the environment, without a path."
        )


class MixedState(AddressError):
    """Files that were moved one by one: each belongs to another environment."""

    def __init__(self, system: str, first: tuple[str, str], second: tuple[str, str]) -> None:
        self.system, self.first, self.second = system, first, second
        super().__init__(
            f"{first[0]} belongs to {first[1]} of {NAMES[system]}, but {second[0]} to {second[1]}: "
            "nothing was read or written. Bring back the files that belong together, or move the "
            "warehouse and the state folder away, both together, to start anew."
        )
