"""Arithmetic on every kind of value.

Rule: which operation exists for which two kinds is a table (``ADD``, ``SUBTRACT``, ``MULTIPLY``, ``DIVIDE``); a pair that is
not in it is refused with FEEL_TYPE. Python's own operators are never applied to values of unknown type, because they
would add booleans and repeat strings.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from worktrail.feel.numbers import arithmetic, decimal_of, rounded, whole
from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import (
    DAY,
    SECOND,
    UTC,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    date_of_days,
    make_time,
)
from worktrail.feel.values import kind, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.budget import Run

__all__ = ["as_number", "binary", "midnight", "negate", "unwrapped"]

_N, _S, _D, _T = "number", "string", "date", "time"
_DT, _DAYS, _MONTHS = "date and time", "days and time duration", "years and months duration"
_CALENDAR = frozenset((_D, _T))


def as_number(value: Any) -> int | Decimal:
    """The number, or a Refusal."""
    if kind(value) != _N:
        raise Refusal("FEEL_TYPE", f"Expected a number, got {shown(value)}.")
    return decimal_of(value)


def midnight(day: Date) -> DateTime:
    """A date where a date and time is needed: its midnight, UTC."""
    return DateTime(day, Time(0, 0, 0, 0, UTC))


def _add_months(moment: Any, duration: MonthsDuration, sign: int = 1) -> Any:
    if isinstance(moment, DateTime):
        return DateTime(moment.date.plus_months(sign * duration.months), moment.time)
    return moment.plus_months(sign * duration.months)


def _add_days(moment: Any, duration: DaysDuration, sign: int = 1) -> Any:
    if isinstance(moment, Date):
        return date_of_days((moment.days * DAY + sign * duration.nanos) // DAY)
    if isinstance(moment, Time):
        return make_time(moment.local + sign * duration.nanos, moment.zone)
    return moment.plus_nanos(sign * duration.nanos)


def _between(later: Any, earlier: Any) -> DaysDuration:
    """The time from ``earlier`` to ``later``; both with a zone or both without."""
    a = midnight(later) if isinstance(later, Date) else later
    b = midnight(earlier) if isinstance(earlier, Date) else earlier
    if (a.offset is None) != (b.offset is None):
        raise Refusal("FEEL_TYPE", "A moment with a time zone and one without cannot be subtracted.", "Give both a zone.")
    return DaysDuration(_instant(a) - _instant(b))


def _instant(value: Any) -> int:
    return int(value.local - (value.offset or 0) * SECOND)


def _truncated(value: Any) -> int:
    return int(rounded(value, 0, ROUND_DOWN))


def _times(duration: Any, factor: Any) -> Any:
    if isinstance(duration, DaysDuration):
        return DaysDuration(_truncated(arithmetic("*", duration.nanos, factor)))
    return MonthsDuration(_truncated(arithmetic("*", duration.months, factor)))


def _part(duration: Any, divisor: Any) -> Any:
    if isinstance(duration, DaysDuration):
        return DaysDuration(_truncated(arithmetic("/", duration.nanos, divisor)))
    return MonthsDuration(_truncated(arithmetic("/", duration.months, divisor)))


def _ratio(left: Any, right: Any) -> Any:
    if isinstance(left, DaysDuration):
        return arithmetic("/", left.nanos, right.nanos)
    return arithmetic("/", left.months, right.months)


def _days_sum(a: Any, b: Any) -> Any:
    return DaysDuration(a.nanos + b.nanos)


def _months_sum(a: Any, b: Any) -> Any:
    return MonthsDuration(a.months + b.months)


ADD: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    (_N, _N): lambda a, b: arithmetic("+", a, b),
    (_DAYS, _DAYS): _days_sum,
    (_MONTHS, _MONTHS): _months_sum,
    **{(moment, _MONTHS): _add_months for moment in (_D, _DT)},
    **{(moment, _DAYS): _add_days for moment in (_D, _DT, _T)},
    **{(_MONTHS, moment): lambda a, b: _add_months(b, a) for moment in (_D, _DT)},
    **{(_DAYS, moment): lambda a, b: _add_days(b, a) for moment in (_D, _DT, _T)},
}
SUBTRACT: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    (_N, _N): lambda a, b: arithmetic("-", a, b),
    (_DAYS, _DAYS): lambda a, b: DaysDuration(a.nanos - b.nanos),
    (_MONTHS, _MONTHS): lambda a, b: MonthsDuration(a.months - b.months),
    **{(moment, _MONTHS): lambda a, b: _add_months(a, b, -1) for moment in (_D, _DT)},
    **{(moment, _DAYS): lambda a, b: _add_days(a, b, -1) for moment in (_D, _DT, _T)},
    (_D, _D): lambda a, b: DaysDuration((a.days - b.days) * DAY),
    **dict.fromkeys(((_D, _DT), (_DT, _D), (_DT, _DT)), _between),
    (_T, _T): _between,
}
MULTIPLY: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    (_N, _N): lambda a, b: arithmetic("*", a, b),
    **{(duration, _N): _times for duration in (_DAYS, _MONTHS)},
    **{(_N, duration): lambda a, b: _times(b, a) for duration in (_DAYS, _MONTHS)},
}
DIVIDE: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    (_N, _N): lambda a, b: arithmetic("/", a, b),
    **{(duration, _N): _part for duration in (_DAYS, _MONTHS)},
    **{(duration, duration): _ratio for duration in (_DAYS, _MONTHS)},
}
POWER: dict[tuple[str, str], Callable[[Any, Any], Any]] = {(_N, _N): lambda a, b: arithmetic("**", a, b)}
_TABLES = {"+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE, "**": POWER}
_HINTS = {
    ("+", _S): "Convert the other side: `string(x)`.",
    ("-", _S): "Convert the text: `number(x)`.",
    ("*", _S): "Convert the text: `number(x)`.",
    ("/", _S): "Convert the text: `number(x)`.",
}


def unwrapped(value: Any) -> Any:
    """DMN's implicit conversion: a list of one item stands for the item where a single value is needed."""
    if type(value) is list and len(value) == 1:
        return value[0]
    return value


def binary(sign: str, left: Any, right: Any, run: Run) -> Any:
    """``left sign right``; strings are charged by their length."""
    a, b = kind(left), kind(right)
    if a == "list" or b == "list":
        left, right = unwrapped(left), unwrapped(right)
        a, b = kind(left), kind(right)
    if a == b == _S and sign == "+":
        run.text(len(left) + len(right))
        return left + right
    if a == _DT or b == _DT:
        run.spend(8)  # zones are looked up
    elif a in _CALENDAR or b in _CALENDAR:
        run.spend()  # a calendar is walked
    elif sign == "**" and type(right) is not int:
        run.spend(40)  # a root is a series of 34 digits
    rule = _TABLES[sign].get((a, b))
    if rule is None:
        hint = _HINTS.get((sign, _S), "") if _S in {a, b} else ""
        if "null" in {a, b}:
            hint = "Guard the value: `get or else(x, default)`."
        raise Refusal("FEEL_TYPE", f"`{sign}` cannot take {shown(left)} and {shown(right)}.", hint)
    return rule(left, right)


def negate(value: Any) -> Any:
    """``-value`` of a number or duration."""
    name = kind(value)
    if name == _N:
        number = decimal_of(value)
        return -number if isinstance(number, int) else whole(number.copy_negate()) if number else number
    if name == _DAYS:
        return DaysDuration(-value.nanos)
    if name == _MONTHS:
        return MonthsDuration(-value.months)
    raise Refusal("FEEL_TYPE", f"`-` cannot take {shown(value)}.")
