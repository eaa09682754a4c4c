"""Built-in functions on dates, times and durations.

Rule: the current moment is an argument of the evaluation; without it ``now()`` and ``today()`` are refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from worktrail.feel.builtins.table import builtin
from worktrail.feel.numbers import decimal_of
from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal import (
    SECOND,
    UTC,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Offset,
    Time,
    iso_week,
    make_date,
    month_length,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    zone_named,
)
from worktrail.feel.temporal.text import MAX_OFFSET
from worktrail.feel.values import adopt

if TYPE_CHECKING:
    from worktrail.feel.budget import Run

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _integer(value: Any, what: str) -> int:
    number = decimal_of(value)
    if number != int(number):
        raise Refusal("FEEL_VALUE", f"The {what} must be a whole number, got {value}.")
    return int(number)


@builtin("date(from: string|date|datetime) -> date")
def date(run: Run, source: Any) -> Date:
    """A date from a text, from a date and time, or from year, month and day."""
    run.spend(2)
    if isinstance(source, str):
        return parse_date(source)
    value = adopt(source)
    return value.date if isinstance(value, DateTime) else value


@builtin("date(year: number, month: number, day: number) -> date")
def date_of(_run: Run, year: Any, month: Any, day: Any) -> Date:
    return make_date(_integer(year, "year"), _integer(month, "month"), _integer(day, "day"))


@builtin("time(from: string|date|time|datetime) -> time")
def time(run: Run, source: Any) -> Time:
    """A time from a text, from a date and time, or from hour, minute, second and offset."""
    run.spend(2)
    if isinstance(source, str):
        return parse_time(source)
    value = adopt(source)
    if isinstance(value, DateTime):
        return value.time
    return Time(0, 0, 0, 0, UTC) if isinstance(value, Date) else value


@builtin("time(hour: number, minute: number, second: number, offset?: days|null) -> time")
def time_of(_run: Run, hour: Any, minute: Any, second: Any, offset: DaysDuration | None) -> Time:
    zone = None
    if offset is not None:
        if abs(offset.nanos) > MAX_OFFSET * SECOND:
            raise Refusal("FEEL_VALUE", "The offset is larger than 18 hours.")
        zone = Offset(int(offset.nanos // SECOND))
    return _checked_time(_integer(hour, "hour"), _integer(minute, "minute"), second, zone)


def _checked_time(hour: int, minute: int, second: Any, zone: Any) -> Time:
    exact = decimal_of(second)
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= exact < 60):
        raise Refusal("FEEL_VALUE", f"There is no time {hour}:{minute}:{second}.")
    whole = int(exact)
    return Time(hour, minute, whole, int((exact - whole) * SECOND), zone)


@builtin("date and time(from: string|date|datetime) -> datetime")
def date_and_time(run: Run, source: Any) -> DateTime:
    """A date and time from a text, from a date and a time, from a moment and a zone, or from its parts."""
    run.spend(4)
    if isinstance(source, str):
        return parse_date_time(source)
    value = adopt(source)
    return DateTime(value, Time(0, 0, 0, 0, UTC)) if isinstance(value, Date) else value


@builtin("date and time(date: date|datetime, time: time) -> datetime")
def date_and_time_of(_run: Run, day: Any, clock: Any) -> DateTime:
    moment = adopt(day)
    return DateTime(moment.date if isinstance(moment, DateTime) else moment, adopt(clock))


@builtin("date and time(date: datetime, timezone: string) -> datetime")
def date_and_time_in(_run: Run, moment: Any, timezone: str) -> DateTime:
    value = adopt(moment)
    zone = zone_named(timezone)
    if value.offset is None:
        raise Refusal("FEEL_VALUE", "The date and time has no zone to convert from.")
    local = value.instant + zone.at_instant(value.instant // SECOND) * SECOND
    moved: DateTime = value.with_local(local)
    return DateTime(moved.date, Time(moved.time.hour, moved.time.minute, moved.time.second, moved.time.nano, zone))


@builtin(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "offset?: number|string|null) -> datetime"
)
def date_and_time_parts(_run: Run, *parts: Any) -> DateTime:
    year, month, day, hour, minute, second, offset = parts
    zone: Any = None
    if isinstance(offset, str):
        zone = zone_named(offset.removeprefix("@"))
    elif offset is not None:
        seconds = Decimal(decimal_of(offset)) * 3600
        if abs(seconds) > MAX_OFFSET:
            raise Refusal("FEEL_VALUE", "The offset is larger than 18 hours.")
        zone = Offset(int(seconds))
    clock = _checked_time(_integer(hour, "hour"), _integer(minute, "minute"), second, zone)
    return DateTime(make_date(_integer(year, "year"), _integer(month, "month"), _integer(day, "day")), clock)


@builtin("duration(from: string|days|months) -> any")
def duration(run: Run, source: Any) -> Any:
    """A duration from its text, days and time or years and months."""
    run.spend(2)
    return parse_duration(source) if isinstance(source, str) else adopt(source)


@builtin("years and months duration(from: date|datetime, to: date|datetime) -> months")
def years_and_months(_run: Run, start: Any, end: Any) -> MonthsDuration:
    """The whole months between two dates."""
    first, last = adopt(start), adopt(end)
    a = first.date if isinstance(first, DateTime) else first
    b = last.date if isinstance(last, DateTime) else last
    months = (b.year - a.year) * 12 + b.month - a.month
    if months > 0 and b.day < a.day:
        months -= 1
    elif months < 0 and b.day > a.day:
        months += 1
    return MonthsDuration(months)


def _day(moment: Any) -> Date:
    value = adopt(moment)
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year(date: date|datetime) -> number")
def day_of_year(_run: Run, moment: Any) -> int:
    """The number of the day in its year, from 1."""
    day = _day(moment)
    return day.days - Date(day.year, 1, 1).days + 1


@builtin("day of week(date: date|datetime) -> string")
def day_of_week(_run: Run, moment: Any) -> str:
    """The English name of the day."""
    return DAYS[_day(moment).weekday - 1]


@builtin("month of year(date: date|datetime) -> string")
def month_of_year(_run: Run, moment: Any) -> str:
    """The English name of the month."""
    return MONTHS[_day(moment).month - 1]


@builtin("week of year(date: date|datetime) -> number")
def week_of_year(_run: Run, moment: Any) -> int:
    """The number of the week (ISO 8601)."""
    day = _day(moment)
    return iso_week(day.year, day.month, day.day)


@builtin("last day of month(date: date|datetime) -> date")
def last_day_of_month(_run: Run, moment: Any) -> Date:
    """The last date of the month."""
    day = _day(moment)
    return Date(day.year, day.month, month_length(day.year, day.month))


def _now(run: Run) -> DateTime:
    if run.now is None:
        raise Refusal("FEEL_VALUE", "The current time is not known here.", "The caller must pass `now`.")
    value = adopt(run.now)
    if not isinstance(value, DateTime):
        raise Refusal("FEEL_VALUE", "The current time must be a date and time.")
    return value


@builtin("now() -> datetime")
def now(run: Run) -> DateTime:
    """The moment of the evaluation, as the caller gave it."""
    return _now(run)


@builtin("today() -> date")
def today(run: Run) -> Date:
    """The date of the evaluation, as the caller gave it."""
    return _now(run).date
