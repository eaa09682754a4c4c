"""What ``.key`` and ``[position]`` read from a value.

Rule: a list yields the list of its items' values; dates, times, durations and ranges have the properties in the table.
"""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from worktrail.feel.numbers import decimal_of
from worktrail.feel.refusal import Refusal, quiet
from worktrail.feel.syntax.hints import FOREIGN_PROPERTIES
from worktrail.feel.temporal import DAY, SECOND, Date, DateTime, DaysDuration, MonthsDuration, Named, Time
from worktrail.feel.values import Range, adopt, entries, entry, is_context, kind, names_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from worktrail.feel.budget import Run

__all__ = ["PROPERTIES", "index_of", "member"]


def _sign(nanos: int) -> int:
    return -1 if nanos < 0 else 1


def _offset(value: Any) -> Any:
    return None if value.zone is None else DaysDuration((value.offset or 0) * SECOND)


def _zone(value: Any) -> Any:
    return value.zone.name if isinstance(value.zone, Named) else None


def _second(value: Any) -> Any:
    return value.second if not value.nano else (Decimal(value.second) + Decimal(value.nano).scaleb(-9)).normalize()


def _of(part: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A property of a part as a property of the whole."""
    return lambda moment: read(getattr(moment, part))


_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda d: d.year,
    "month": lambda d: d.month,
    "day": lambda d: d.day,
    "weekday": lambda d: d.weekday,
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda t: t.hour,
    "minute": lambda t: t.minute,
    "second": _second,
    "time offset": _offset,
    "timezone": _zone,
}
PROPERTIES: dict[type, dict[str, Callable[[Any], Any]]] = {
    Date: _DATE | {"hour": lambda _: 0, "minute": lambda _: 0, "second": lambda _: 0, "time offset": lambda _: DaysDuration(0)},
    Time: _TIME,
    DateTime: {
        **{key: _of("date", read) for key, read in _DATE.items()},
        **{key: _of("time", read) for key, read in _TIME.items()},
        "time offset": lambda m: None if m.offset is None else DaysDuration(m.offset * SECOND),
    },
    DaysDuration: {
        "days": lambda d: _sign(d.nanos) * (abs(d.nanos) // DAY),
        "hours": lambda d: _sign(d.nanos) * (abs(d.nanos) // (3600 * SECOND) % 24),
        "minutes": lambda d: _sign(d.nanos) * (abs(d.nanos) // (60 * SECOND) % 60),
        "seconds": lambda d: _sign(d.nanos) * (abs(d.nanos) // SECOND % 60),
    },
    MonthsDuration: {
        "years": lambda d: _sign(d.months) * (abs(d.months) // 12),
        "months": lambda d: _sign(d.months) * (abs(d.months) % 12),
    },
    Range: {
        "start": lambda r: r.low,
        "end": lambda r: r.high,
        "start included": lambda r: r.low_closed,
        "end included": lambda r: r.high_closed,
    },
}


def member(value: Any, key: str, run: Run, fail: Callable[[Refusal], Any], depth: int = 0) -> Any:
    """``value.key``."""
    if is_context(value):
        try:
            return entry(value, key)
        except KeyError:
            if fail is quiet:
                return None
            raise _missing(value, key) from None
    name = kind(value)
    if name == "list":
        return _projected(value, key, run, fail, depth)
    properties = PROPERTIES.get(type(value))
    if properties is not None:
        if key not in properties:
            raise Refusal("FEEL_MISSING", f"A {name} has no property `{key}`.", f"It has {names_of(properties, 20)}.")
        return properties[key](value)
    if value is None:
        raise Refusal("FEEL_MISSING", f"`{key}` is read from null.", "Guard it: `get or else(x, default)`.")
    foreign = FOREIGN_PROPERTIES.get(key, "")
    raise Refusal("FEEL_VALUE" if foreign else "FEEL_TYPE", f"{shown(value, first=True)} has no entry `{key}`.", foreign)


def _missing(value: Any, key: str) -> Refusal:
    if hasattr(value, "feel_get"):  # asking for all names could fetch everything
        return Refusal("FEEL_MISSING", f"There is no entry `{key}`.", "Guard it: `get or else(x, default)`.")
    known = [str(name) for name in entries(value)]
    near = difflib.get_close_matches(key[:64], [name for name in known[:500] if len(name) <= 64], n=1)
    hint = FOREIGN_PROPERTIES.get(key, "") or "Guard it: `get or else(x, default)`."
    if near:
        plain = near[0].replace("_", "a").isalnum()
        hint = f"Did you mean `{near[0]}`? {hint}" if plain else f"Did you mean the name {near[0]}? Write it between backticks."
    return Refusal("FEEL_MISSING", f"There is no entry `{key}`; the context has {names_of(known)}.", hint)


def _projected(value: Any, key: str, run: Run, fail: Callable[[Refusal], Any], depth: int) -> Any:
    """``list.key``: one value for each item."""
    if depth > 16:
        raise Refusal("FEEL_TYPE", "Lists are nested too deeply for a path.")
    run.items(len(value))
    if key in FOREIGN_PROPERTIES and not any(is_context(item) and key in entries(item) for item in value):
        raise Refusal("FEEL_VALUE", f"A list has no property `{key}`.", FOREIGN_PROPERTIES[key])
    found = []
    for item in value:
        try:
            found.append(member(adopt(item), key, run, fail, depth + 1))
        except Refusal as refusal:
            found.append(fail(refusal))
    return found


def index_of(value: Any, position: Any) -> Any:
    """The item at a position from 1, or from the end if negative. A single value counts as a list of it."""
    if value is None:
        raise Refusal("FEEL_MISSING", "The list is null.", "Guard it: `get or else(x, [])`.")
    items = value if kind(value) == "list" else [value]
    number = decimal_of(position)
    place = int(number)
    if place != number or place == 0 or abs(place) > len(items):
        hint = "Positions begin at 1." if place == 0 else "Guard it: `get or else(x, default)`."
        raise Refusal("FEEL_MISSING", f"There is no position {position} in a list of {len(items)}.", hint)
    return adopt(items[place - 1 if place > 0 else place])
