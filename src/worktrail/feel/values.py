"""The values FEEL works on, taken as they come from decoded JSON.

Rule: a value from outside is never converted as a whole. Each leaf is adopted at the moment it is read (a float becomes the
decimal its digits say, Python's dates become FEEL's), so a large context costs only the paths that are read.
Kinds: null, boolean, number, string, list, context, range, function, date, time, date and time, days and time duration,
years and months duration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import SECOND, Date, DateTime, DaysDuration, MonthsDuration, Named, Offset, Time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worktrail.feel.budget import Run

__all__ = [
    "PLAIN",
    "Function",
    "LazyContext",
    "Range",
    "adopt",
    "adopt_moment",
    "entries",
    "entry",
    "is_context",
    "kind",
    "shown",
]


@runtime_checkable
class LazyContext(Protocol):
    """A context whose entries are fetched when they are read."""

    def feel_get(self, name: str) -> Any:
        """The value of one entry; KeyError when there is none."""

    def feel_all(self) -> dict[str, Any]:
        """All entries, for an expression that needs the whole context."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open to infinity. ``sign`` is the operator of a one-sided range: ``(< 5)`` and
    ``(null..5)`` hold the same values and are not equal; ``!=`` holds everything but ``low``."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool
    sign: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A callable value. ``params`` are its names in order; ``types`` and ``result`` are type nodes where declared.

    ``invoke(run, arguments)`` gets one argument for each parameter (None where it was left out and optional).
    """

    name: str
    params: tuple[str, ...]
    invoke: Callable[[Run, list[Any]], Any]
    types: tuple[Any, ...] = ()
    result: Any = None
    signatures: Any = None  # of a built-in: its forms (see builtins.table)


_KINDS: dict[type, str] = {
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    Function: "function",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
}
PLAIN = frozenset(_KINDS) - {float}


def kind(value: Any) -> str:
    """The kind of a value; a Refusal for what FEEL cannot hold."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    if is_context(value):
        return "context"
    for base, name in ((bool, "boolean"), (int, "number"), (str, "string"), (list, "list"), (Decimal, "number")):
        if isinstance(value, base):
            return name
    adopted = adopt(value)
    return _KINDS[type(adopted)]


def adopt(value: Any) -> Any:
    """The FEEL value of a leaf that came from outside."""
    if isinstance(value, float):
        return Decimal(repr(float(value))) if value - value == 0 else _unfit(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return adopt_moment(value)
    if type(value) in _KINDS or is_context(value) or isinstance(value, int | str | list | Decimal):
        return value
    return _unfit(value)


def _unfit(value: Any) -> Any:
    raise Refusal("FEEL_VALUE", f"A value of Python type {type(value).__name__} ({value!r:.40}) is not a FEEL value.")


def adopt_moment(value: dt.date | dt.time | dt.timedelta) -> Date | Time | DateTime | DaysDuration:
    """Python's dates and times as FEEL's."""
    if isinstance(value, dt.timedelta):
        return DaysDuration((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)
    if isinstance(value, dt.datetime):
        return DateTime(Date(value.year, value.month, value.day), _clock(value, value.utcoffset(), value.tzinfo))
    if isinstance(value, dt.time):
        return _clock(value, value.utcoffset(), value.tzinfo)
    return Date(value.year, value.month, value.day)


def _clock(value: dt.datetime | dt.time, offset: dt.timedelta | None, zone: Any) -> Time:
    name = getattr(zone, "key", None)
    found: Named | Offset | None = None
    if isinstance(name, str):
        found = Named(name)
    elif offset is not None:
        found = Offset(int(offset.total_seconds()))
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, found)


def is_context(value: Any) -> bool:
    return type(value) is dict or isinstance(value, Mapping) or hasattr(value, "feel_get")


def entry(context: Any, key: str) -> Any:
    """One entry of a context; KeyError when there is none."""
    if type(context) is dict or not hasattr(context, "feel_get"):
        value = context[key]
    else:
        value = context.feel_get(key)
    return value if type(value) in PLAIN else adopt(value)


def entries(context: Any) -> Mapping[str, Any]:
    """All entries of a context in their order."""
    if type(context) is dict or not hasattr(context, "feel_all"):
        return context  # type: ignore[no-any-return]
    found: Mapping[str, Any] = context.feel_all()
    return found


def names_of(names: Iterable[str], limit: int = 12) -> str:
    """A short list of names for a message."""
    listed = [str(name) for name in names]
    return ", ".join(listed[:limit]) + (", ..." if len(listed) > limit else "") if listed else "nothing"


def shown(value: Any, *, first: bool = False) -> str:
    """A value in a message: its kind, and the text of a short scalar; ``first`` at the beginning of a sentence."""
    text = _described(value)
    return text[0].upper() + text[1:] if first and value is not None else text


def _described(value: Any) -> str:
    name = kind(value)
    if name in {"boolean", "number"}:
        text = str(value)
        return f"the {name} {text.lower() if name == 'boolean' else text}" if len(text) <= 40 else f"a {name}"
    if name == "string":
        return f'the string "{value}"' if len(value) <= 40 else f"a string of {len(value)} characters"
    return "null" if name == "null" else f"a {name}"
