"""What the sandbox commands do around the sandbox itself: settings and staged data.

The rest of the project knows nothing of the sandbox: it is reached by address and credentials
like any tenant. So `up` writes those where every command looks for them.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from p2c.config.context import SECRETS_FILE, Context, load
from p2c.errors import SettingsError
from p2c.lock import hold
from p2c_sandbox.commands.place import SandboxError
from pipelines.common.errors import ExtractError
from pipelines.common.origin import is_loopback
from pipelines.common.pins import THIS_MACHINE, StatePins, WarehousePins

if TYPE_CHECKING:
    from p2c_sandbox.process import Running

MARKER = (
    "# Written by `p2c sandbox up`, which writes addresses and credentials again. "
    "Delete this line to keep yours."
)
BEGIN = MARKER.partition(",")[0]
SYSTEMS = ("sales", "finops")


def point_settings_at(running: Running, project_dir: Path) -> None:
    """Make the project's settings reach this sandbox.

    Writes .dlt/secrets.toml when there is none or when it was written here. Raises SandboxError,
    saying what to put where, when a person's own settings lead elsewhere.
    """
    path = project_dir / SECRETS_FILE
    if not path.exists() or is_ours(path):
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)  # one that was there keeps its rights otherwise
        path.write_text(_renewed(path, running), encoding="utf-8")
    context = load(project_dir)
    for system in SYSTEMS:
        if _given(context, system) != _wanted(running, system):
            raise SandboxError(
                f"The sandbox runs, but the settings of {system} (.dlt/secrets.toml or the "
                f"environment) lead elsewhere and are not touched. To use the sandbox, move "
                f"{path} away and start it again, or put this there:\n{secrets(running)}"
            )


def _renewed(path: Path, running: Running) -> str:
    """Addresses and credentials anew; what a person has written beside them stays."""
    fresh = tomlkit.parse(secrets(running))["sources"]
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8") or f"{MARKER}\n\n")
        sources = document.setdefault("sources", tomlkit.table(is_super_table=True))
        for system in SYSTEMS:
            section = sources.setdefault(system, tomlkit.table())
            section.pop("ca_file", None)  # of a sandbox that was reached by https
            section.update(fresh[system])
    except (TOMLKitError, AttributeError) as error:
        raise SandboxError(
            f"{path} cannot be read ({error}): correct or delete it, then start the sandbox again."
        ) from None
    return tomlkit.dumps(document)


def is_ours(path: Path) -> bool:
    """Whether a secrets file was written by `p2c sandbox up`."""
    return path.read_text(encoding="utf-8").startswith(BEGIN)


def secrets(running: Running) -> str:
    """The settings of a sandbox as TOML."""
    sections = []
    for system in SYSTEMS:
        url, token_url, client_id, client_secret = _wanted(running, system)
        trusted = f'ca_file = "{running.ca_file}"\n' if running.ca_file else ""
        sections.append(
            f'[sources.{system}]\nurl = "{url}"\ntoken_url = "{token_url}"\n'
            f'client_id = "{client_id}"\nclient_secret = "{client_secret}"\n{trusted}'
        )
    return "\n".join(sections)


def forget_staged(context: Context) -> list[Path]:
    """Remove the warehouse and the pipelines' and ledger's state; returns what was removed.

    For data staged from a sandbox only: SandboxError when the settings lead to another machine,
    WarehouseBusy while a run holds the warehouse.
    """
    for system in SYSTEMS:
        url = getattr(context.settings.sources, system).url
        if url and not is_loopback(url):
            raise SandboxError(
                f"The settings lead to {url}, so {context.warehouse} may hold data of a real "
                "tenant and is not removed. Use another warehouse for the sandbox "
                "(P2C__WAREHOUSE) or move the file away."
            )
    _check_own(context)
    with hold(context.warehouse, "sandbox reset"):
        found = [path for path in _staged(context) if path.exists()]
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return found


def _check_own(context: Context) -> None:
    """What was staged says itself where it comes from, also where the settings say nothing."""
    kept = (WarehousePins(context.warehouse), StatePins(context.path("state_dir") / "dlt"))
    for keeper in kept:
        with suppress(ExtractError):  # a file that cannot be opened may be removed
            host = keeper.pins().get("finops", THIS_MACHINE)
            if host != THIS_MACHINE:
                raise SandboxError(
                    f"{keeper.name} holds data of {host} and is not removed. Use another warehouse "
                    "and state folder for the sandbox (P2C__WAREHOUSE, P2C__STATE_DIR)."
                )


def _staged(context: Context) -> list[Path]:
    state = context.path("state_dir")
    files = [context.warehouse, context.warehouse.with_name(f"{context.warehouse.name}.wal")]
    return [*files, state / "dlt", *sorted(state.glob("ledger.sqlite*"))]


def _wanted(running: Running, system: str) -> tuple[str, str, str, str]:
    service = getattr(running, system)
    return service.url, service.token_url, running.client_id, running.client_secret


def _given(context: Context, system: str) -> tuple[str, str, str, str] | None:
    try:
        found = context.connection("sales" if system == "sales" else "finops")
    except SettingsError:
        return None
    return found.url, found.token_url, found.client_id, found.client_secret
