"""Equality, order, and membership in ranges and lists.

Rule: two values are comparable when their kinds are equal, or one of them is null for ``=`` and ``!=``; anything else is
refused with FEEL_TYPE (null in dmn mode). Lists and contexts are compared item by item, paid for in steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worktrail.feel.budget import over
from worktrail.feel.numbers import decimal_of
from worktrail.feel.ops import midnight, unwrapped
from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import SECOND, DateTime, Time
from worktrail.feel.values import Range, entries, entry, kind, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worktrail.feel.budget import Run

__all__ = ["MAX_WALK", "compare", "contains", "equal", "matches", "same"]

MAX_WALK = 200  # depth of lists within lists that is walked
_ORDERED = frozenset({"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"})


def _moment(value: Any) -> tuple[bool, int]:
    """Whether a time has a zone, and its nanoseconds in UTC or on the local clock."""
    offset = value.offset
    return offset is not None, value.local - (offset or 0) * SECOND


def _key(name: str, value: Any) -> Any:
    if name == "number":
        return decimal_of(value)
    if name == "date":
        return value.days
    if name == "days and time duration":
        return value.nanos
    if name == "years and months duration":
        return value.months
    return value


def _refuse(left: Any, right: Any) -> Refusal:
    hint = "Convert one side: `number(x)`, `string(x)`, `date(x)`."
    if left is None or right is None:
        hint = "Guard the value: `get or else(x, default)`, or test `x != null and ...` first."
    return Refusal("FEEL_TYPE", f"{shown(left, first=True)} and {shown(right)} cannot be compared.", hint)


def _levelled(left: Any, right: Any) -> tuple[str, Any, Any]:
    """Both values with equal kinds: a list of one item is unwrapped, a date meets a date and time as its midnight."""
    a, b = kind(left), kind(right)
    if a == b:
        return a, left, right
    if a == "list" or b == "list":
        left, right = (unwrapped(left), right) if a == "list" else (left, unwrapped(right))
        a, b = kind(left), kind(right)
    if {a, b} == {"date", "date and time"}:
        left = midnight(left) if a == "date" else left
        right = midnight(right) if b == "date" else right
        a = b = "date and time"
    if a != b:
        raise _refuse(left, right)
    return a, left, right


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1; a Refusal where there is no order."""
    name, left, right = _levelled(left, right)
    if name not in _ORDERED:
        raise Refusal("FEEL_TYPE", f"{shown(left, first=True)} has no order.")
    if name in {"time", "date and time"}:
        (zoned, a), (other, b) = _moment(left), _moment(right)
        if zoned != other:
            raise Refusal("FEEL_TYPE", "A moment with a time zone and one without cannot be ordered.", "Give both a zone.")
    else:
        a, b = _key(name, left), _key(name, right)
    return (a > b) - (a < b)


def equal(left: Any, right: Any, run: Run, depth: int = 0) -> bool:
    """FEEL's ``=``; a Refusal where the kinds differ."""
    if left is None or right is None:
        return left is right
    name, left, right = _levelled(left, right)
    if name == "list":
        _deeper(run, len(left), depth)
        return len(left) == len(right) and all(_alike(a, b, run, depth + 1) for a, b in zip(left, right, strict=True))
    if name == "context":
        return _equal_contexts(entries(left), entries(right), run, depth)
    if name == "range":
        return _equal_ranges(left, right, run)
    if name == "function":
        return left is right
    if name in {"time", "date and time"}:
        return _equal_moments(left, right)
    return bool(_key(name, left) == _key(name, right))


def _equal_moments(left: Any, right: Any) -> bool:
    """Moments are equal by instant; one with a zone never equals one without."""
    return _moment(left) == _moment(right)


def _deeper(run: Run, items: int, depth: int) -> None:
    run.spend(items // 4 + 1)
    if depth > MAX_WALK:
        raise over("nesting", MAX_WALK, f"The value is nested deeper than {MAX_WALK}.")


def _alike(left: Any, right: Any, run: Run, depth: int) -> bool:
    """``=`` inside lists and contexts: values of different kinds are simply not equal."""
    if left is not None and right is not None and kind(left) != kind(right):
        return False
    return equal(left, right, run, depth)


def _equal_contexts(left: Mapping[str, Any], right: Mapping[str, Any], run: Run, depth: int) -> bool:
    _deeper(run, len(left), depth)
    if left.keys() != right.keys():
        return False
    return all(_alike(entry(left, key), entry(right, key), run, depth + 1) for key in left)


def _equal_ranges(left: Range, right: Range, run: Run) -> bool:
    flags = (left.low_closed, left.high_closed, left.sign) == (right.low_closed, right.high_closed, right.sign)
    return flags and _alike(left.low, right.low, run, 0) and _alike(left.high, right.high, run, 0)


def same(left: Any, right: Any, run: Run) -> bool:
    """``is(a, b)``: the same value of the same kind; moments also with the same zone."""
    if kind(left) != kind(right):
        return False
    if isinstance(left, Time | DateTime):
        return bool(left == right)
    return equal(left, right, run)


def contains(test: Range, value: Any, run: Run) -> bool:
    """Whether the range holds the value."""
    if test.sign in {"=", "!="}:
        return equal(value, test.low, run) == (test.sign == "=")
    if not test.sign and (test.low is None or test.high is None):
        raise Refusal("FEEL_TYPE", "An end of the range is null.", "Write `< 5` or `>= 5` for a range with one end.")
    if value is None:
        raise Refusal("FEEL_TYPE", "null cannot be looked for in a range.", "Guard the value: `get or else(x, default)`.")
    if test.low is not None:
        order = compare(value, test.low)
        if order < 0 or (order == 0 and not test.low_closed):
            return False
    if test.high is not None:
        order = compare(value, test.high)
        if order > 0 or (order == 0 and not test.high_closed):
            return False
    return True


def matches(value: Any, test: Any, run: Run) -> bool:
    """``value in test``: in the range, among the list's items or their ranges, or equal."""
    name = kind(test)
    if name == "range" and (kind(value) != "range" or test.sign in {"=", "!="}):
        return contains(test, value, run)
    if name == "list":
        return _in_list(value, test, run)
    return equal(value, test, run)


def _in_list(value: Any, tests: Any, run: Run) -> bool:
    run.spend(len(tests) // 4 + 1)
    refused: Refusal | None = None
    tried = False
    for test in tests:
        try:
            name = kind(test)
            if (name == "range" and kind(value) != "range" and contains(test, value, run)) or (
                name != "range" and _member(value, test, run)
            ):
                return True
            tried = True
        except Refusal as refusal:
            refused = refusal
    if isinstance(value, list) and kind(tests) == "list" and _alike(value, tests, run, 0):
        return True
    if refused is not None and not tried:
        raise refused
    return False


def _member(value: Any, test: Any, run: Run) -> bool:
    if kind(test) == "list" and kind(value) != "list":
        return any(kind(inner) == "range" and contains(inner, value, run) for inner in test)
    return equal(value, test, run)
