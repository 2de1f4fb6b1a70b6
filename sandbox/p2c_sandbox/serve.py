"""The sandbox's own process: both services, one thread each, until nobody needs them."""

import asyncio
import errno
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from p2c_sandbox.credentials import credentials, write_private
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.locks import try_lock
from p2c_sandbox.odata.auth import Credentials
from p2c_sandbox.process import LOCK, READY
from p2c_sandbox.sales.settings import SalesSettings
from p2c_sandbox.services import Filling, Services, open_services
from p2c_sandbox.tls import Certificate, certificate

WILDCARDS = {"0.0.0.0": "127.0.0.1"}  # noqa: S104 - where it is reached then
TENANT = "sandbox"
WATCH_SECONDS = 0.5
# Pages of thousands of rows are answered in one piece, so the event loop waits on few sockets.
BACKLOG = 128
# A client over TLS that keeps its connection open need not answer when it is closed.
LAST_REQUESTS_SECONDS = 2
LOCK_TRIES = 10
LOCK_SECONDS = 0.02


@dataclass(frozen=True)
class Options:
    """What `python -m p2c_sandbox serve` was told."""

    directory: Path
    host: str
    tls: bool
    sales_port: int
    finops_port: int
    elsewhere: frozenset[str]  # the services that may listen on another port, where theirs is taken
    idle_timeout: float
    parent: int | None
    filling: Filling
    sales: SalesSettings
    finops: FinopsSettings


class Watched:
    """An ASGI app that notes when it was last asked something."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float]) -> None:
        self.app = app
        self.clock = clock
        self.busy = 0
        self.last_used = clock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.busy += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.busy -= 1
            self.last_used = self.clock()


class Protocol(H11Protocol):
    """Shows the connection to the application, which closes it when a fault says so."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


def serve(options: Options) -> int:
    """Run until a signal, the idle timeout or the parent's end; the exit code.

    Prints nothing. DIR/ready.json appears when both services answer and goes with them.
    """
    with (options.directory / LOCK).open("a") as lock:
        if not _take(lock):
            print(f"A sandbox runs in {options.directory} already.", file=sys.stderr)  # noqa: T201
            return 1
        _serve(options)
    return 0


def detach() -> None:
    """Go on as a process of our own, so that the one that started us need not wait for us.

    Windows has no fork; there the process that was started is the one that goes on.
    """
    if not hasattr(os, "fork"):
        return
    if os.fork():
        os._exit(0)
    os.setsid()


def _serve(options: Options) -> None:
    keys = credentials(options.directory)
    ended = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: ended.set())
    host, own_tls = options.host, None
    sockets = [
        _listen(host, port, elsewhere=name in options.elsewhere)
        for name, port in (("sales", options.sales_port), ("finops", options.finops_port))
    ]
    if options.tls:
        own_tls = certificate(options.directory, WILDCARDS.get(host, host))
    services = open_services(
        options.directory, keys, options.filling, options.sales, options.finops
    )
    watched = [Watched(app, time.monotonic) for app in (services.sales, services.finops)]
    servers = [_server(app, own_tls) for app in watched]
    threads = [
        threading.Thread(target=server.run, args=([sock],))
        for server, sock in zip(servers, sockets, strict=True)
    ]
    for thread in threads:
        thread.start()
    ready = options.directory / READY
    try:
        urls = [_url(options, one) for one in sockets]
        write_private(ready, json.dumps(_ready(urls, keys, own_tls), indent=2))
        _close_standard_output()
        _watch(options, watched, ended)
    finally:
        ready.unlink(missing_ok=True)
        _end(servers, threads, services)


def _end(
    servers: list[uvicorn.Server], threads: list[threading.Thread], services: Services
) -> None:
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join()
    services.close()


def _watch(options: Options, watched: list[Watched], ended: threading.Event) -> None:
    while not ended.wait(WATCH_SECONDS):
        if options.parent is not None and not _exists(options.parent):
            return
        quiet = time.monotonic() - max(one.last_used for one in watched)
        if quiet > options.idle_timeout and not any(one.busy for one in watched):
            return


def _url(options: Options, listening: socket.socket) -> str:
    scheme, host = "https" if options.tls else "http", WILDCARDS.get(options.host, options.host)
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def _listen(host: str, port: int, *, elsewhere: bool) -> socket.socket:
    """Bind before anything slow: a taken port is known at once, and early clients just wait.
    With `elsewhere` any free port will do when this one is taken.

    asyncio sends at once (TCP_NODELAY) only on sockets whose protocol is named; without it the body
    of each answer waits about 40 ms for the client to acknowledge its head.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if elsewhere and error.errno == errno.EADDRINUSE:
            return _listen(host, 0, elsewhere=False)
        raise SystemExit(f"Port {port} of {host} is taken: {error.strerror}.") from error
    return listener


def _server(app: ASGIApp, own_tls: Certificate | None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=Protocol,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=LAST_REQUESTS_SECONDS,
        ssl_certfile=own_tls.chain if own_tls else None,
        ssl_keyfile=own_tls.key if own_tls else None,
    )
    return uvicorn.Server(config)


def _ready(
    urls: Sequence[str], keys: Credentials, own_tls: Certificate | None
) -> dict[str, object]:
    services = {
        name: {"url": url, "token_url": f"{url}/{TENANT}/oauth2/v2.0/token"}
        for name, url in zip(("sales", "finops"), urls, strict=True)
    }
    return {
        "pid": os.getpid(),
        **services,
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "ca_file": str(own_tls.ca.absolute()) if own_tls else None,
    }


def _take(lock: TextIO) -> bool:
    """Hold the lock until we end. Who only looks whether we live holds it for a moment too."""
    for _ in range(LOCK_TRIES):
        if try_lock(lock):
            return True
        time.sleep(LOCK_SECONDS)
    return False


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # asking would be a signal there; the idle timeout ends it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _close_standard_output() -> None:
    """Tell who started us that we are ready: they read until our standard output ends."""
    sys.stdout.flush()
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
