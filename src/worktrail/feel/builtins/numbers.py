"""Built-in functions on numbers."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import TYPE_CHECKING, Any

from worktrail.feel.builtins.table import builtin
from worktrail.feel.numbers import CONTEXT, arithmetic, decimal_of, rounded, settle, whole
from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import DaysDuration, MonthsDuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.budget import Run


def _scale(value: Any) -> int:
    number = Decimal(0 if value is None else decimal_of(value))
    if abs(number) > 10_000:
        raise Refusal("FEEL_VALUE", "The scale is out of range.")
    return int(number)


@builtin("decimal(n: number, scale: number) -> number")
def decimal(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded half to even to a number of digits after the point."""
    return rounded(decimal_of(n), _scale(scale), ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number) -> number")
def floor(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded down to a number of digits after the point."""
    return rounded(decimal_of(n), _scale(scale), ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number) -> number")
def ceiling(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded up to a number of digits after the point."""
    return rounded(decimal_of(n), _scale(scale), ROUND_CEILING)


@builtin("round up(n: number, scale: number) -> number")
def round_up(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded away from zero."""
    return rounded(decimal_of(n), _scale(scale), ROUND_UP)


@builtin("round down(n: number, scale: number) -> number")
def round_down(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded towards zero."""
    return rounded(decimal_of(n), _scale(scale), ROUND_DOWN)


@builtin("round half up(n: number, scale: number) -> number")
def round_half_up(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded to the nearest, halves away from zero."""
    return rounded(decimal_of(n), _scale(scale), ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number) -> number")
def round_half_down(_run: Run, n: Any, scale: Any) -> Any:
    """A number rounded to the nearest, halves towards zero."""
    return rounded(decimal_of(n), _scale(scale), ROUND_HALF_DOWN)


@builtin("abs(n: number|days|months) -> any")
def absolute(_run: Run, n: Any) -> Any:
    """A number or duration without its sign."""
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanos))
    if isinstance(n, MonthsDuration):
        return MonthsDuration(abs(n.months))
    number = decimal_of(n)
    return abs(number) if isinstance(number, int) else number.copy_abs()


@builtin("modulo(dividend: number, divisor: number) -> number")
def modulo(run: Run, dividend: Any, divisor: Any) -> Any:
    """The rest of a division, with the sign of the divisor."""
    a, b = decimal_of(dividend), decimal_of(divisor)
    if b == 0:
        raise Refusal("FEEL_VALUE", "Modulo zero has no value.")
    if type(a) is int and type(b) is int:
        return a % b
    run.spend(8)
    quotient = rounded(arithmetic("/", a, b), 0, ROUND_FLOOR)
    return arithmetic("-", a, arithmetic("*", b, quotient))


def _function(run: Run, compute: Callable[[Decimal], Decimal], n: Any, name: str) -> Any:
    run.spend(40)  # what 34 digits of a series cost
    try:
        return whole(compute(Decimal(decimal_of(n))))
    except DecimalException:
        raise Refusal("FEEL_VALUE", f"`{name}` has no value for {n}.") from None


@builtin("sqrt(number: number) -> number")
def sqrt(run: Run, number: Any) -> Any:
    """The square root."""
    return _function(run, CONTEXT.sqrt, number, "sqrt")


@builtin("log(number: number) -> number")
def log(run: Run, number: Any) -> Any:
    """The natural logarithm."""
    if decimal_of(number) == 0:
        raise Refusal("FEEL_VALUE", "`log` has no value for 0.")
    return _function(run, CONTEXT.ln, number, "log")


@builtin("exp(number: number) -> number")
def exp(run: Run, number: Any) -> Any:
    """Euler's number to a power."""
    return _function(run, CONTEXT.exp, number, "exp")


@builtin("odd(number: number) -> boolean")
def odd(_run: Run, number: Any) -> bool:
    """Whether an integer is odd."""
    return _whole_part(number) % 2 == 1


@builtin("even(number: number) -> boolean")
def even(_run: Run, number: Any) -> bool:
    """Whether an integer is even."""
    return _whole_part(number) % 2 == 0


def _whole_part(number: Any) -> int:
    return int(rounded(settle(decimal_of(number)), 0, ROUND_DOWN))
