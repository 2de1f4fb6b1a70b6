"""Values between Python and SQLite: exact decimals as scaled integers, booleans as 0 and 1."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

from p2c_sandbox.odata.model import Column, Value

Stored = str | int | float | None
Coder = Callable[[Value], Stored]
Decoder = Callable[[Stored], Value]

INT64_MAX = 2**63 - 1


def scaled(value: Decimal | int, scale: int) -> int:
    """Value times 10**scale as an integer; the value must have no more than `scale` decimals."""
    return int(Decimal(value).scaleb(scale))


def unscaled(number: int, scale: int) -> Decimal:
    """Inverse of `scaled`: a Decimal with exactly `scale` decimals."""
    return Decimal(number).scaleb(-scale)


def decimal_text(number: int, scale: int) -> str:
    """JSON number with exactly `scale` decimals, e.g. (-5, 4) -> '-0.0005'."""
    if not scale:
        return str(number)
    digits = str(abs(number)).rjust(scale + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def rounded(value: Decimal, scale: int) -> Decimal:
    """Round half to even at `scale` decimals (guess for protocols part E line 3)."""
    with localcontext() as context:
        context.prec = 60
        return value.quantize(Decimal(1).scaleb(-scale))


def encoder(column: Column) -> Coder | None:
    """Function from Python value to stored value; None when the value is stored as it is."""
    scale = column.scale
    if column.is_scaled:
        return lambda value: None if value is None else scaled(value, scale)  # type: ignore[arg-type]
    if column.type == "bool":
        return lambda value: None if value is None else int(value)
    return None


def decoder(column: Column) -> Decoder | None:
    """Function from stored value to Python value; None when nothing is to be done."""
    scale = column.scale
    if column.is_scaled:
        return lambda value: None if value is None else unscaled(value, scale)  # type: ignore[arg-type]
    if column.type == "bool":
        return lambda value: None if value is None else bool(value)
    return None
