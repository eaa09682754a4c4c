"""Reading dates, times and durations from text.

Rule: the formats are those of XML Schema (ISO 8601) plus ``@`` and a zone name; whatever else is refused, nothing is guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal.values import DAY, SECOND, Date, DateTime, DaysDuration, MonthsDuration, Time, make_date
from worktrail.feel.temporal.zones import Offset, Zone, zone_named

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parse_any", "parse_date", "parse_date_time", "parse_duration", "parse_offset", "parse_time"]

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,64})?"
)
_MONTHS = re.compile(r"(-)?P(?=[0-9])(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?")
_DAYS = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]{1,15})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?"
)
MAX_OFFSET = 18 * 3600


def _refuse(text: str, what: str, example: str) -> Refusal:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return Refusal("FEEL_VALUE", f'"{shown}" is not a {what}.', f'Write it as "{example}".')


def parse_date(text: str) -> Date:
    found = _DATE.fullmatch(text)
    if not found or (found[1] == "-0000"):
        raise _refuse(text, "date", "2024-12-31")
    return make_date(int(found[1]), int(found[2]), int(found[3]))


def parse_offset(text: str) -> Zone:
    """``Z``, ``+02:00``, ``-03:30:15`` or ``@Europe/Berlin``."""
    if text == "Z":
        return Offset(0)
    if text[0] == "@":
        return zone_named(text[1:])
    parts = [int(part) for part in text[1:].split(":")]
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    if seconds > MAX_OFFSET or parts[1] > 59 or (len(parts) > 2 and parts[2] > 59):
        raise _refuse(text, "time offset", "+02:00")
    return Offset(-seconds if text[0] == "-" else seconds)


def parse_time(text: str) -> Time:
    found = _TIME.fullmatch(text)
    if not found:
        raise _refuse(text, "time", "13:30:00+02:00")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if hour > 23 or minute > 59 or second > 59:
        raise _refuse(text, "time", "13:30:00+02:00")
    nano = int((found[4] or "0")[:9].ljust(9, "0"))
    return Time(hour, minute, second, nano, parse_offset(found[5]) if found[5] else None)


def parse_date_time(text: str) -> DateTime:
    """A date and time; a date alone is its midnight."""
    day, mark, clock = text.partition("T")
    try:
        return DateTime(parse_date(day), parse_time(clock) if mark else Time(0, 0, 0))
    except Refusal as refusal:
        if "zone" in refusal.message:
            raise
        raise _refuse(text, "date and time", "2024-12-31T13:30:00Z") from None


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    months = _MONTHS.fullmatch(text)
    if months and (months[2] or months[3]):
        count = int(months[2] or 0) * 12 + int(months[3] or 0)
        return MonthsDuration(-count if months[1] else count)
    days = _DAYS.fullmatch(text)
    if not days or not any(days[index] for index in (2, 3, 4, 5)):
        raise _refuse(text, "duration", "P1DT2H")
    seconds = int(days[3] or 0) * 3600 + int(days[4] or 0) * 60 + int(days[5] or 0)
    nanos = int(days[2] or 0) * DAY + seconds * SECOND + int((days[6] or "0")[:9].ljust(9, "0"))
    return DaysDuration(-nanos if days[1] else nanos)


def parse_any(text: str) -> Date | Time | DateTime | DaysDuration | MonthsDuration:
    """What an ``@"..."`` literal says."""
    kinds: tuple[Callable[[str], Date | Time | DateTime | DaysDuration | MonthsDuration], ...]
    if text.lstrip("-").startswith("P"):
        kinds = (parse_duration,)
    elif "T" in text.partition("@")[0]:
        kinds = (parse_date_time,)
    elif ":" in text:
        kinds = (parse_time,)
    else:
        kinds = (parse_date,)
    return kinds[0](text)
