"""`p2c sandbox do ACTION`: a command for each business action, made from the sandbox's registry."""

# ruff: noqa: PLC0415 - the registry is imported when an action is asked for

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from p2c.commands.options import Json, examples
from p2c_sandbox.commands.place import running_one, start

if TYPE_CHECKING:
    from p2c_sandbox.actions import Action, Option

EPILOG = examples(
    "p2c sandbox do",
    "p2c sandbox do sales.add-account --name Adventure --country 'United States'",
    "p2c sandbox do confirm-order --order SO000000001",
    "p2c sandbox do packing-slip --order SO000000001 --quantities 1=2 --quantities 2=1.5",
)


class Actions(TyperGroup):
    """Actions by their full name; the system may be left out where only one has the action."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        from p2c_sandbox.actions import actions

        return list(actions())

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ANN401
        from p2c_sandbox.actions import UnknownAction, actions, find

        try:
            return command(find(cmd_name))
        except UnknownAction as error:
            near = [name for name in actions() if name.endswith(f".{cmd_name}")]
            ctx.fail(str(error) if near else _unknown(cmd_name, list(actions())))


def _unknown(name: str, known: list[str]) -> str:
    short = {one.partition(".")[2]: one for one in known}
    near = get_close_matches(name, [*short, *known], n=1)
    hint = f" Did you mean '{near[0]}'?" if near else " `p2c sandbox do` lists them."
    return f"There is no action '{name}'.{hint}"


app = typer.Typer(
    cls=Actions,
    help="Do what a person or a batch job does in Sales or F&O.",
    epilog=EPILOG,
    no_args_is_help=True,
)


@app.callback()
def every() -> None:
    """Do what a person or a batch job does in Sales or F&O."""


def command(action: Action) -> Any:  # noqa: ANN401 - typer's own classes are private
    """An action as a command with an option for each argument."""
    created = typer.Typer(add_completion=False, rich_markup_mode=None)
    words = f"p2c sandbox do {action.full_name}"
    needed = " ".join(f"--{_dashed(one)} …" for one in action.options if one.required)
    shown = examples(f"{words} {needed}".strip())
    register = created.command(
        action.full_name, help=action.help, short_help=action.help, epilog=shown
    )
    register(_function(action))
    return typer.main.get_command(created)


def _function(action: Action) -> Callable[..., None]:
    """What typer reads the options from."""

    def run(ctx: typer.Context, json_mode: bool, **values: Any) -> None:  # noqa: ANN401
        _perform(ctx, action, json_mode, {k: v for k, v in values.items() if v not in (None, [])})

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    last = Parameter("json_mode", Parameter.KEYWORD_ONLY, default=False, annotation=Json)
    own = [_parameter(option) for option in action.options]
    run.__signature__ = Signature([context, *own, last])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (context, *own, last)}
    return run


def _perform(ctx: typer.Context, action: Action, json_mode: bool, values: dict[str, Any]) -> None:
    from p2c_sandbox.actions import perform

    _, out, folder = start(ctx, json_mode)
    running = running_one(folder)
    options = {option.name: option for option in action.options}
    wanted = {name: _read(options[name], value) for name, value in values.items()}
    result = perform(running, action.full_name, wanted)
    out.data(result)
    out.show(result_text(action.full_name, result))


def result_text(name: str, result: Mapping[str, object]) -> str:
    """The result of an action in a line."""
    parts = (f"{key.replace('_', ' ')} {value}" for key, value in result.items() if key != "id")
    return f"{name}: {', '.join(parts)}."


def _parameter(option: Option) -> Parameter:
    kind: Any = _KINDS.get(option.type, str)
    kind = list[str] if option.many else kind
    parser = _amount if kind is Decimal else None
    flag = f"--{_dashed(option)}"
    default: Any = None
    if option.type is bool:
        default = False
    if option.required:
        default = Parameter.empty
    else:
        kind = kind if option.type is bool else kind | None
    shown = typer.Option(flag, help=option.help, parser=parser, metavar=_metavar(option))
    annotation = Annotated[kind, shown]
    return Parameter(option.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_KINDS: Mapping[type, Any] = {int: int, bool: bool, Decimal: Decimal}


def _metavar(option: Option) -> str | None:
    if issubclass(option.type, Mapping):
        return "LINE=QUANTITY"
    return "AMOUNT" if option.type is Decimal else None


def _dashed(option: Option) -> str:
    return option.name.replace("_", "-")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"'{text}' is not a number.") from None


def _read(option: Option, value: Any) -> Any:  # noqa: ANN401 - what typer parsed
    if not option.many:
        return value
    if not issubclass(option.type, Mapping):
        return tuple(value)
    pairs = [text.partition("=") for text in value]
    if wrong := [text for text, (line, _, part) in zip(value, pairs, strict=True) if not part]:
        raise typer.BadParameter(f"'{wrong[0]}' is not LINE=QUANTITY, such as 1=2.5.")
    return {line: str(_amount(part)) for line, _, part in pairs}
