"""Every business action a person or a job takes in either system, by name.

`sales.activate-order` and `finops.confirm-order` are such names; the system may be left out where
only one of them has an action of that name.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, getdoc, signature
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import simplejson

from p2c_sandbox.finops import actions as finops
from p2c_sandbox.load_client import error_message
from p2c_sandbox.process import Running
from p2c_sandbox.sales import actions as sales
from p2c_sandbox.sales.desk import SalesDesk, SalesRefused, session

System = Literal["sales", "finops"]
Result = dict[str, object]


class UnknownAction(Exception):
    """No action of that name, or one in each system."""


class ActionRefused(Exception):
    """The service said no, or what was named is not there; the sentence says why."""


@dataclass(frozen=True)
class Option:
    """A keyword of an action. `type` is a Python type; `many` means that it may be repeated."""

    name: str
    type: type
    required: bool
    default: object
    many: bool
    help: str


_COMPANY = Option("company", str, False, "", False, "Legal entity; the default one when left out.")


@dataclass(frozen=True)
class Action:
    """A function of a desk and keyword-only options; its docstring is the help text."""

    name: str
    system: System
    function: Callable[..., Result]

    @property
    def full_name(self) -> str:
        """The name with its system."""
        return f"{self.system}.{self.name}"

    @property
    def help(self) -> str:
        """What it does, in a sentence."""
        return (getdoc(self.function) or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def options(self) -> tuple[Option, ...]:
        """What it may be told, in order."""
        hints = get_type_hints(self.function, include_extras=True)
        found = list(signature(self.function).parameters.values())[1:]
        own = tuple(_option(one, hints[one.name]) for one in found)
        return (*own, _COMPANY) if self.system == "finops" else own


def actions() -> Mapping[str, Action]:
    """Every action by its full name."""
    systems: tuple[tuple[System, Mapping[str, Callable[..., Result]]], ...] = (
        ("sales", sales.ACTIONS),
        ("finops", finops.ACTIONS),
    )
    created = [
        Action(name, system, run)
        for system, functions in systems
        for name, run in functions.items()
    ]
    return {action.full_name: action for action in created}


def find(name: str) -> Action:
    """An action by its name, with or without its system. Raises UnknownAction."""
    known = actions()
    if name in known:
        return known[name]
    found = [action for action in known.values() if action.name == name]
    if len(found) == 1:
        return found[0]
    which = " or ".join(action.full_name for action in found)
    raise UnknownAction(
        f"There are two actions '{name}': say {which}."
        if found
        else f"There is no action '{name}'. There are: {', '.join(known)}."
    )


def perform(running: Running, name: str, options: Mapping[str, Any]) -> Result:
    """Take an action in a running sandbox; what came of it.

    Options of F&O may hold `company`. Raises UnknownAction, ActionRefused, httpx.HTTPError.
    """
    action = find(name)
    try:
        return _IN[action.system](running, action, options)
    except SalesRefused as error:
        raise ActionRefused(str(error)) from error


def _in_sales(running: Running, action: Action, options: Mapping[str, Any]) -> Result:
    """Through the Web API, as a person."""
    where, secret = running.sales, (running.client_id, running.client_secret)
    with SalesDesk.open(where.url, where.token_url, secret, running.ca_file) as desk:
        return action.function(desk, **options)


def _in_finops(running: Running, action: Action, options: Mapping[str, Any]) -> Result:
    """Through the sandbox's own addition to F&O's address; amounts travel as texts."""
    where, secret = running.finops, (running.client_id, running.client_secret)
    with session(where.url, where.token_url, secret, running.ca_file) as http:
        content = simplejson.dumps(options, default=str)
        answer = http.post(f"/data/SandboxActions/{action.name}", content=content)
    if answer.status_code >= 400:
        raise ActionRefused(error_message(answer.text))
    return cast(Result, answer.json())


_IN: Mapping[System, Callable[[Running, Action, Mapping[str, Any]], Result]] = {
    "sales": _in_sales,
    "finops": _in_finops,
}


def _option(parameter: Parameter, hint: Any) -> Option:  # noqa: ANN401 - a type hint
    text = ""
    if get_origin(hint) is Annotated:
        hint, text = get_args(hint)[:2]
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(one for one in get_args(hint) if one is not type(None))
    origin = get_origin(hint)
    many = isinstance(origin, type) and issubclass(origin, (Sequence, Mapping))
    required = parameter.default is Parameter.empty
    default = None if required else parameter.default
    kind = origin if many and issubclass(origin, Mapping) else get_args(hint)[0] if many else hint
    return Option(parameter.name, kind, required, default, many, text)
