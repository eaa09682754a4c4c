"""Numbers: decimals of 34 digits, rounded half to even (IEEE 754 decimal128, as DMN prescribes).

Rule: integers that fit into 34 digits stay Python integers, because their arithmetic is exact and four times as fast;
everything else is a Decimal. What overflows or has no value is refused, so 10**1000000 costs nothing.
"""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import TYPE_CHECKING, Any

from worktrail.feel.refusal import Refusal
from worktrail.feel.values import adopt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONTEXT", "INT_LIMIT", "ROUNDINGS", "arithmetic", "number_text", "parse_number", "rounded", "settle", "whole"]

CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=0, traps=[InvalidOperation, DivisionByZero, Overflow]
)
# For quantizing: the result may have up to 6111 + 34 digits after the point, the precision is checked afterwards.
WIDE = Context(prec=6200, Emin=-20_000, Emax=20_000, traps=[InvalidOperation, DivisionByZero, Overflow])
INT_LIMIT = 10**34
ROUNDINGS = {
    "half even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "half up": ROUND_HALF_UP,
    "half down": ROUND_HALF_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
MIN_SCALE, MAX_SCALE = -6111, 6176

Number = int | Decimal


def settle(value: Number) -> Number:
    """A result in its normal form: an integer of at most 34 digits, else a Decimal of at most 34 digits."""
    if isinstance(value, int):
        if -INT_LIMIT < value < INT_LIMIT:
            return value
        if value.bit_length() > 20_500:
            raise Refusal("FEEL_VALUE", "The number is too large (10**6144 is the limit).")
        try:
            return CONTEXT.create_decimal(value)
        except DecimalException:
            raise Refusal("FEEL_VALUE", "The number is too large (10**6144 is the limit).") from None
    return value


def whole(value: Decimal) -> Number:
    """An integer where the Decimal is one without trailing zeros after the point."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0 and value.adjusted() < 34:
        return int(value)
    return value


def decimal_of(value: Any) -> Number:
    """Any number as int or Decimal."""
    if type(value) is int:
        return settle(value)
    if type(value) is Decimal:
        if not value.is_finite():
            raise Refusal("FEEL_VALUE", "NaN and Infinity are not FEEL numbers.")
        return value
    found = adopt(value)
    return decimal_of(Decimal(found)) if isinstance(found, Decimal) else settle(int(found))


def _power(left: Any, right: Any) -> Number:
    if type(left) is int and type(right) is int and 0 <= right <= 128 and left.bit_length() * right <= 112:
        return settle(left**right)
    return whole(CONTEXT.power(Decimal(left), Decimal(right)))


def _divide(left: Any, right: Any) -> Number:
    if right == 0:
        raise Refusal("FEEL_VALUE", "Division by zero.", "Test the divisor first: `if d = 0 then ... else n / d`.")
    return whole(CONTEXT.divide(Decimal(left), Decimal(right)))


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": _divide,
    "**": _power,
}


def arithmetic(sign: str, left: Any, right: Any) -> Number:
    """``left sign right`` for two numbers."""
    a, b = decimal_of(left), decimal_of(right)
    if type(a) is int and type(b) is int and sign in "+-*":
        return settle(a + b if sign == "+" else a - b if sign == "-" else a * b)
    try:
        result: Number = _OPERATIONS[sign](a, b)
    except DecimalException:
        raise Refusal("FEEL_VALUE", f"`{sign}` has no result within FEEL's numbers (34 digits, up to 10**6144).") from None
    return result


def rounded(value: Number, scale: int, mode: str) -> Number:
    """``value`` with ``scale`` digits after the point."""
    if not MIN_SCALE <= scale <= MAX_SCALE:
        raise Refusal("FEEL_VALUE", f"The scale {scale} is outside {MIN_SCALE} to {MAX_SCALE}.")
    if type(value) is int and scale >= 0:
        return value
    try:
        result = Decimal(value).quantize(Decimal((0, (1,), -scale)), rounding=mode, context=WIDE)
        return whole(CONTEXT.plus(result))
    except DecimalException:
        raise Refusal("FEEL_VALUE", f"The number cannot be rounded to the scale {scale}.") from None


def parse_number(text: str) -> Number:
    """A numeric literal or JSON-like number text: digits, point, exponent; nothing else."""
    if text.isascii() and text.isdigit() and len(text) <= 34:
        return int(text)
    if len(text) > 10_000:
        raise Refusal("FEEL_VALUE", "The number has too many digits.")
    try:
        return whole(CONTEXT.create_decimal(text)) if "." not in text else CONTEXT.create_decimal(text)
    except DecimalException:
        raise Refusal("FEEL_VALUE", f'"{text[:40]}" is not a number within 34 digits and 10**6144.') from None


def number_text(value: Any) -> str:
    """A number as ``string()`` writes it: plain digits, no trailing zeros, exponents written out."""
    number = decimal_of(value)
    if isinstance(number, int):
        return str(number)
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
