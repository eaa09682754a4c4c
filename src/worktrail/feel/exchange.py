"""Values to JSON and back.

Rule: numbers keep every digit. Integers are ints, other numbers are Decimals (the writer prints them as they are); dates, times
and durations become ISO strings; functions and ranges are refused. The walk is bounded, because a value may hold itself many
times over.
"""

from __future__ import annotations

from typing import Any

from worktrail.errors import AuthorError
from worktrail.feel.budget import DEFAULT_BUDGET, Budget, over
from worktrail.feel.comparing import MAX_WALK
from worktrail.feel.numbers import decimal_of
from worktrail.feel.refusal import Refusal
from worktrail.feel.values import adopt, entries, entry, kind

__all__ = ["from_json", "to_json"]

_SCALARS = frozenset({"null", "boolean", "string"})


class _Walk:
    """Counts what is walked."""

    __slots__ = ("allowed", "left")

    def __init__(self, budget: Budget) -> None:
        self.allowed = budget.result_size
        self.left = budget.result_size

    def out(self, value: Any, pointer: str, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > MAX_WALK:
            raise over("result_size", self.allowed, f"The value has more than {self.allowed:,} parts or {MAX_WALK} levels.")
        try:
            name = kind(value)
            if name in _SCALARS:
                return value
            if name == "number":
                return value if type(value) is int else decimal_of(value)
        except Refusal as refusal:
            raise AuthorError(refusal.code, refusal.message, hint=refusal.hint, pointer=pointer) from None
        if name == "list":
            return [self.out(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(value)]
        if name == "context":
            return {str(key): self.out(entry(value, key), f"{pointer}/{_escaped(str(key))}", depth + 1) for key in entries(value)}
        if name in {"function", "range"}:
            raise AuthorError("FEEL_VALUE", f"A {name} cannot leave an expression.", hint="Return its parts.", pointer=pointer)
        return str(adopt(value))


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def to_json(value: Any, *, budget: Budget = DEFAULT_BUDGET) -> Any:
    """The value with JSON's kinds only: dict, list, str, bool, None, int, Decimal. AuthorError FEEL_VALUE or FEEL_BUDGET."""
    return _Walk(budget).out(value, "", 0)


def from_json(value: Any) -> Any:
    """Decoded JSON with every float as the Decimal of its digits; NaN and Infinity are FEEL_VALUE."""
    return _Walk(Budget(result_size=1 << 62)).out(value, "", 0)
