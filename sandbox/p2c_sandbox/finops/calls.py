"""Actions over HTTP, the sandbox's own addition: `POST /data/SandboxActions/<name>`.

The body names the company and the arguments; amounts may be texts, quantities are `{"1": "2.5"}`
by line. The answer says what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from inspect import Parameter, signature
from typing import Any, get_type_hints

from p2c_sandbox.finops.actions import ACTIONS, Action
from p2c_sandbox.finops.amounts import plain
from p2c_sandbox.finops.desk import Desk, Quantities
from p2c_sandbox.finops.errors import FinopsError
from p2c_sandbox.finops.writing import Writings

ROOT = "SandboxActions/"
COMPANY = "company"


def run(writings: Writings, name: str, body: object) -> dict[str, object]:
    """Do what was asked, all or nothing. Raises FinopsError when it cannot be done."""
    action = ACTIONS.get(name)
    if action is None:
        raise FinopsError(f"There is no action '{name}'. There are: {', '.join(ACTIONS)}.")
    values = dict(body) if isinstance(body, dict) else {}
    company = str(values.pop(COMPANY, writings.settings.default_company)).lower()
    arguments = _arguments(name, action, values)
    desk = Desk(writings, company)
    if writings.store.get("LegalEntities", {"LegalEntityId": company}) is None:
        raise FinopsError(f"There is no company '{company}'.")
    with writings.store.transaction():
        message = action(desk, **arguments)
    return {key: _plain(value) for key, value in message.items()}


def _arguments(name: str, action: Action, values: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {key: one for key, one in signature(action).parameters.items() if key != "desk"}
    if unknown := sorted(values.keys() - parameters.keys()):
        raise FinopsError(f"The action '{name}' takes no {', '.join(unknown)}.")
    needed = (key for key, one in parameters.items() if one.default is Parameter.empty)
    if missing := [key for key in needed if key not in values]:
        raise FinopsError(f"The action '{name}' needs {', '.join(missing)}.")
    hints = get_type_hints(action)
    return {key: _read(key, hints[key], value) for key, value in values.items()}


def _read(key: str, hint: object, value: object) -> object:
    if value is None:
        return None
    try:
        for kind, read in _READERS.items():
            if hint in (kind, kind | None):
                return read(value)
    except (ValueError, InvalidOperation, AttributeError):
        raise FinopsError(f"'{value}' is not a value for {key}.") from None
    return str(value)


def _quantities(value: Any) -> Quantities:  # noqa: ANN401 - JSON
    return {int(line): Decimal(str(quantity)) for line, quantity in value.items()}


_READERS: Mapping[Any, Callable[[Any], object]] = {
    Decimal: lambda value: Decimal(str(value)),
    int: int,
    bool: bool,
    Quantities: _quantities,
}


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value
