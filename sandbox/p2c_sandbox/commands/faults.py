"""`p2c sandbox faults`: make the running sandbox fail."""

# ruff: noqa: PLC0415 - imports inside the commands keep `p2c --help` quick

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2c.commands.options import Json, examples
from p2c_sandbox.commands.place import SandboxError, running_one, start

if TYPE_CHECKING:
    from pydantic import ValidationError

    from p2c.screen.output import Output
    from p2c_sandbox.faults.control import FaultControl

app = typer.Typer(
    help="Make the services fail on request.",
    no_args_is_help=True,
    epilog=examples("p2c sandbox faults add latency seconds=2", "p2c sandbox faults clear"),
)
Setting = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE", help="service, method, path, times, … (docs/sandbox.md)."),
]


@app.command(
    epilog=examples(
        "p2c sandbox faults add throttle service=sales times=3 retry_after=5",
        "p2c sandbox faults add drop_after path=batch probability=0.1 seed=7 times=none",
    )
)
def add(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="latency, throttle, html, drop_after, …")],
    settings: Setting = None,
    json_mode: Json = False,
) -> None:
    """Add a fault; it happens once unless `times` says otherwise."""
    from pydantic import ValidationError

    from p2c_sandbox.faults.model import Fault

    control, out = _control(ctx, json_mode)
    texts = dict(item.partition("=")[::2] for item in settings or [])
    values = {name: None if value == "none" else value for name, value in texts.items()}
    try:
        fault = Fault.model_validate({"kind": kind, **values})
    except ValidationError as error:
        raise SandboxError(_wrong(kind, error, list(Fault.model_fields))) from None
    control.add(fault)
    _tell(control, out)


@app.command("list", epilog=examples("p2c sandbox faults list --json"))
def list_(ctx: typer.Context, json_mode: Json = False) -> None:
    """The faults that are set, and how often each has happened."""
    _tell(*_control(ctx, json_mode))


@app.command(epilog=examples("p2c sandbox faults clear"))
def clear(ctx: typer.Context, json_mode: Json = False) -> None:
    """Remove all faults."""
    control, out = _control(ctx, json_mode)
    control.clear()
    _tell(control, out)


def _wrong(kind: str, error: ValidationError, names: list[str]) -> str:
    """The first setting that is none, or whose value cannot be, with the nearest right word."""
    first = error.errors()[0]
    name, value = ".".join(str(part) for part in first["loc"]), first["input"]
    if first["type"] == "extra_forbidden":
        return f"A fault has no setting '{name}'.{_near(name, names)}"
    if name == "kind":
        kinds = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"There is no fault '{kind}'.{_near(kind, kinds)}"
    return f"{name} cannot be '{value}': {first['msg'][:1].lower()}{first['msg'][1:]}."


def _near(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" Did you mean '{close[0]}'?" if close else f" There are {', '.join(known)}."


def _control(ctx: typer.Context, json_mode: bool) -> tuple[FaultControl, Output]:
    _, out, folder = start(ctx, json_mode)
    return running_one(folder).faults, out


def _tell(control: FaultControl, out: Output) -> None:
    pairs = list(zip(control.all(), control.struck(), strict=True))
    found: list[dict[str, Any]] = [
        {**fault.model_dump(exclude_defaults=True), "struck": count} for fault, count in pairs
    ]
    out.data({"faults": found})
    out.show(*[_line(one) for one in found] or ["No faults are set."])


def _line(found: dict[str, Any]) -> str:
    named = " ".join(f"{n}={v}" for n, v in found.items() if n not in ("kind", "struck"))
    return f"{found['kind']} {named}".rstrip() + f": struck {found['struck']} times"
