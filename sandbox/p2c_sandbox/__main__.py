"""`python -m p2c_sandbox serve --dir DIR`: both services on loopback, until nobody needs them."""

import argparse
import sys
from pathlib import Path
from typing import Any

from p2c_sandbox.demo.seeding import Size
from p2c_sandbox.finops.settings import FinopsSettings
from p2c_sandbox.sales.settings import SalesSettings
from p2c_sandbox.serve import Options, detach, serve
from p2c_sandbox.services import Filling

SALES_PORT = 8365
FINOPS_PORT = 8366
IDLE_SECONDS = 3600.0
HOST = "127.0.0.1"


def main(words: list[str] | None = None) -> int:
    """Read the command line and serve; the exit code."""
    arguments = _parser().parse_args(words)
    if arguments.detach:
        detach()
    arguments.dir.mkdir(parents=True, exist_ok=True)
    return serve(
        Options(
            directory=arguments.dir,
            host=arguments.host,
            tls=arguments.tls,
            sales_port=arguments.sales_port,
            finops_port=arguments.finops_port,
            elsewhere=frozenset(arguments.elsewhere),
            idle_timeout=arguments.idle_timeout,
            parent=arguments.parent,
            filling=_filling(arguments),
            sales=SalesSettings.model_validate(_switches(arguments.switch, "sales")),
            finops=FinopsSettings.model_validate(_switches(arguments.switch, "finops")),
        )
    )


def _filling(arguments: argparse.Namespace) -> Filling:
    size = {"accounts": arguments.accounts, "products": arguments.products}
    values = {name: number for name, number in size.items() if number is not None}
    return Filling(arguments.demo or "base", Size(**values))


def _switches(values: list[str], service: str) -> dict[str, Any]:
    """`finops.stale_etag=ignored` as a setting of its service; numbers are read as such."""
    found: dict[str, Any] = {}
    for item in values:
        name, _, value = item.partition("=")
        head, _, switch = name.partition(".")
        if head == service:
            found[switch] = int(value) if value.isdigit() else value
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m p2c_sandbox")
    command = parser.add_subparsers(required=True, metavar="serve").add_parser("serve")
    command.add_argument("--dir", type=Path, required=True, help="where the data is kept")
    command.add_argument(
        "--host", default=HOST, help=f"address to listen on; other machines reach all but {HOST}"
    )
    command.add_argument("--tls", action="store_true", help="https, with a certificate of its own")
    command.add_argument("--sales-port", type=int, default=SALES_PORT)
    command.add_argument("--finops-port", type=int, default=FINOPS_PORT)
    command.add_argument(
        "--elsewhere",
        action="append",
        default=[],
        choices=("sales", "finops"),
        help="take any free port for this service when its own is taken",
    )
    command.add_argument("--idle-timeout", type=float, default=IDLE_SECONDS, metavar="SECONDS")
    command.add_argument("--parent", type=int, metavar="PID", help="end when this process ends")
    command.add_argument("--demo", choices=("base", "demo"), help="fill it when it is empty")
    command.add_argument("--accounts", type=int, help="how many demo accounts")
    command.add_argument("--products", type=int, help="how many demo products")
    command.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="SERVICE.NAME=VALUE",
        help="another answer to an open question, e.g. finops.stale_etag=ignored",
    )
    command.add_argument("--detach", action="store_true", help="go on in the background")
    return parser


if __name__ == "__main__":
    sys.exit(main())
