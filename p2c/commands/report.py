"""report: how both systems stand, as one HTML file, or served on loopback."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands.options import Json, examples
from p2c.commands.session import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from p2c.config.context import Context
    from p2c.screen.output import Output

FILE = Path("report.html")
SHOWN = 1000
Out = Annotated[
    Path,
    typer.Option("--out", metavar="FILE", help="Where to write it, from the project folder."),
]
Rows = Annotated[
    int,
    typer.Option(
        "--limit",
        "-n",
        min=0,
        help="Records of the plan on the page, a tenth in other lists; 0: all.",
    ),
]
Serve = Annotated[
    bool, typer.Option("--serve", help="Serve it on this machine and follow the runs, read-only.")
]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port of --serve; 0 takes any free one.")
]
Redact = Annotated[
    bool, typer.Option("--redact", help="Short hashes instead of keys and values of records.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(
        epilog=examples("p2c report", "p2c report --out week.html --redact", "p2c report --serve")
    )(report)


def report(
    ctx: typer.Context,
    out_file: Out = FILE,
    limit: Rows = SHOWN,
    serve: Serve = False,
    port: Port = 8370,
    redact: Redact = False,
    json_mode: Json = False,
) -> None:
    """How both systems stand, what was written and what waits, as one HTML file."""
    context, out = session(ctx).start(json_mode)
    collect = _collecting(context, out, limit, redact)
    if serve:
        _serve(context, out, port, collect)
    else:
        _write(out, context.project_dir / out_file, collect())


def _write(out: Output, path: Path, found: dict[str, Any]) -> None:
    from p2c.report.files import write
    from p2c.report.page import page

    size = write(path, page(found))
    shown, total = 0, 0
    if found["plan"]:
        shown, total = len(found["plan"]["rows"]), found["plan"]["total"]
    out.data({"status": "ok", "file": str(path), "bytes": size, "records": shown, "of": total})
    out.show(f"Written: {path} ({size / 1000:,.0f} kB). It loads nothing from elsewhere.")
    for note in found["notes"]:
        out.note(note)


def _collecting(
    context: Context, out: Output, limit: int, redact: bool
) -> Callable[..., dict[str, Any]]:
    """What reads the report's data, each time with the seed as it is then."""
    from p2c.report.data import Asked, collect
    from p2c.report.redact import hasher, redacted

    def read(file: Path | None = None) -> dict[str, Any]:
        found = collect(context, Asked(limit, _decided(context, out)), file)
        return redacted(found, hasher(context.path("state_dir"))) if redact else found

    return read


def _decided(context: Context, out: Output) -> list[Any]:
    """Rows of the seed key_overrides; none where it cannot be read, which is said."""
    from p2c.commands.keys_seed import Overrides
    from p2c.errors import SeedError

    try:
        return list(Overrides(context).rows)
    except SeedError as error:
        out.note(f"Decisions on pairs are not taken into account: {error}")
        return []


def _serve(
    context: Context, out: Output, port: int, collect: Callable[..., dict[str, Any]]
) -> None:
    from p2c.errors import P2CError
    from p2c.report.serve import Server, Source

    try:
        server = Server(port, Source(context, collect))
    except OSError as error:
        raise P2CError(
            f"Port {port} cannot be used ({error.strerror}): give another one, or --port 0."
        ) from None
    with server:
        try:
            out.data({"status": "ok", "url": server.url})
            out.show(f"The report is on {server.url} until Ctrl-C.")
            out.flush()
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            out.note("Stopped.")
