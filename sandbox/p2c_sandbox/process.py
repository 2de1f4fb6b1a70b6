"""Start, stop and look at a sandbox: one process that serves Sales and F&O on loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from p2c_sandbox.faults.control import FaultControl
from p2c_sandbox.faults.model import Fault
from p2c_sandbox.locks import try_lock

READY = "ready.json"
LOG = "sandbox.log"
LOCK = "lock"
DATABASES = ("sales.sqlite", "finops.sqlite")
SERVICES = ("sales", "finops")
LOOPBACK = "127.0.0.1"
STOP_SECONDS = 10.0


class SandboxError(Exception):
    """The sandbox could not be started or stopped; the sentence says why and what to do."""


@dataclass(frozen=True)
class Service:
    """Where one service listens: `url` is the environment's root, `token_url` is complete."""

    url: str
    token_url: str


@dataclass(frozen=True)
class Running:
    """A sandbox that answers. As a context manager it stops at the end of the block."""

    directory: Path
    pid: int
    sales: Service
    finops: Service
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: Path | None = None

    @property
    def faults(self) -> FaultControl:
        """Sets, lists and clears faults."""
        return FaultControl(self.sales.url, (self.client_id, self.client_secret), self.ca_file)

    def stop(self) -> None:
        """Stop it and wait until it is gone; nothing happens when it is gone already."""
        stop(self.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(  # noqa: PLR0913 - the options of one command line
    directory: Path | str,
    *,
    demo: str | None = None,
    sales_port: int = 0,
    finops_port: int = 0,
    accounts: int | None = None,
    products: int | None = None,
    idle_timeout: float = 3600,
    parent: int | None = None,
    switches: Mapping[str, str | int | float] | None = None,
    tls: bool = False,
    host: str | None = None,
    faults: Sequence[Fault] = (),
    elsewhere: Sequence[str] = (),
) -> Running:
    """Start a sandbox in `directory` and return when both services answer.

    `demo` ("base" or "demo") fills it when it holds no data yet; `accounts` and `products` change
    the size of the demo data. Port 0 takes any free port; a service that `elsewhere` names takes
    one when its own is taken, otherwise that is an error. It stops by itself after `idle_timeout`
    seconds without a request, or when the process `parent` ends. `switches` answer open questions
    of the services the other way, e.g. {"finops.stale_etag": "ignored"}. `tls` makes it https
    with a certificate of its own (`Running.ca_file`); `host` is an address other than loopback;
    `faults` are set before it is returned. A sandbox that runs in the directory already is
    returned as it is. Raises SandboxError.
    """
    root = Path(directory)
    found = status(root)
    if found is not None:
        return found
    root.mkdir(parents=True, exist_ok=True)
    options = {
        "--dir": root.absolute(), "--host": host, "--sales-port": sales_port,
        "--finops-port": finops_port, "--idle-timeout": idle_timeout, "--parent": parent,
        "--demo": demo, "--accounts": accounts, "--products": products,
    }  # fmt: skip
    _launch(root, [*_words(options, switches or {}, elsewhere), *(["--tls"] if tls else [])])
    return _started(root, faults)


def stop(directory: Path | str) -> bool:
    """Stop the sandbox of `directory` and wait for its end; False when none runs."""
    root = Path(directory)
    found = status(root)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    if not _gone(root):
        os.kill(found.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        (root / READY).unlink(missing_ok=True)
    return True


def status(directory: Path | str) -> Running | None:
    """The sandbox that runs in `directory`, or None."""
    root = Path(directory)
    try:
        ready = json.loads((root / READY).read_text())
    except FileNotFoundError:
        return None
    return _running(root, ready) if _alive(root) else None


def reset(
    directory: Path | str,
    demo: str | None = "demo",
    *,
    accounts: int | None = None,
    products: int | None = None,
    switches: Mapping[str, str | int | float] | None = None,
) -> Running | None:
    """Throw the data away and fill it anew; a running sandbox comes back on its ports, or on others
    when somebody took them at that moment.

    Credentials stay. Returns None when none was running: the next start fills it.
    """
    root = Path(directory)
    found = status(root)
    if found is not None:
        stop(root)
    for path in (path for name in DATABASES for path in root.glob(f"{name}*")):
        path.unlink()
    if found is None:
        return None
    return start(
        root,
        demo=demo,
        sales_port=_port(found.sales),
        finops_port=_port(found.finops),
        accounts=accounts,
        products=products,
        switches=switches,
        tls=found.ca_file is not None,
        elsewhere=SERVICES,
    )


def move(
    directory: Path | str,
    *,
    parent: int | None = None,
    switches: Mapping[str, str | int | float] | None = None,
) -> Running:
    """Start a running sandbox again at other addresses with the same data, as when an
    organisation's address is renamed; nobody answers at the old ones while it starts.

    `parent` and `switches` are those of `start`, which it must be told again. Raises SandboxError.
    """
    root = Path(directory)
    found = status(root)
    if found is None:
        raise SandboxError(f"No sandbox runs in {root}, so it cannot move.")
    stop(root)
    with ExitStack() as old:
        for service in (found.sales, found.finops):
            old.enter_context(_taken(_port(service)))
        tls = found.ca_file is not None
        return start(root, parent=parent, switches=switches, tls=tls)


def is_filled(directory: Path | str) -> bool:
    """Whether a sandbox has data there already."""
    return any((Path(directory) / name).exists() for name in DATABASES)


def copy_data(source: Path, target: Path) -> None:
    """Copy the databases of a stopped sandbox, so that many can start from the same data."""
    target.mkdir(parents=True, exist_ok=True)
    for name in DATABASES:
        shutil.copyfile(source / name, target / name)


def _started(root: Path, faults: Sequence[Fault]) -> Running:
    """What answers now, with its faults set."""
    started = status(root)
    if started is None:
        raise SandboxError(_why(root))
    if faults:
        started.faults.set(*faults)
    return started


def _words(
    options: Mapping[str, object],
    switches: Mapping[str, str | int | float],
    elsewhere: Sequence[str],
) -> list[str]:
    """A command line; options that are None are left out."""
    words = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
    for name, value in switches.items():
        words += ["--switch", f"{name}={value}"]
    for name in elsewhere:
        words += ["--elsewhere", name]
    return words


def _launch(root: Path, words: Sequence[str]) -> None:
    """Run the server; it closes its standard output when it is ready, or when it fails."""
    command = [sys.executable, "-m", "p2c_sandbox", "serve", "--detach", *words]
    with (root / LOG).open("a") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=Path(__file__).parent.parent,
        )
    assert process.stdout is not None
    with process.stdout as output:
        output.read()
    if hasattr(os, "fork"):  # it goes on as another process (`serve.detach`)
        process.wait()


def _running(root: Path, ready: dict[str, Any]) -> Running:
    return Running(
        directory=root,
        pid=ready["pid"],
        sales=Service(**ready["sales"]),
        finops=Service(**ready["finops"]),
        client_id=ready["client_id"],
        client_secret=ready["client_secret"],
        ca_file=Path(ready["ca_file"]) if ready.get("ca_file") else None,
    )


def _alive(root: Path) -> bool:
    """A sandbox holds a lock on DIR/lock while it lives; the system drops it however it ends."""
    with (root / LOCK).open("a") as lock:
        return not try_lock(lock, shared=True)


def _gone(root: Path) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not _alive(root):
            return True
        time.sleep(0.02)
    return False


def _port(service: Service) -> int:
    return int(service.url.rsplit(":", 1)[1])


@contextmanager
def _taken(port: int) -> Iterator[None]:
    """Hold a port, so that nothing else is given it; nobody answers there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it already
            held.bind((LOOPBACK, port))
            held.listen()
        yield


def _why(root: Path) -> str:
    """The last thing the server said, as the reason it did not start."""
    lines = [line for line in (root / LOG).read_text().splitlines() if line.strip()]
    last = lines[-1] if lines else "it ended without a word"
    return f"The sandbox in {root} did not start: {last} (its log is {root / LOG})"
