"""FEEL's dates, times and durations.

Rule: values are frozen; equality of Python objects is "the same in every field" (FEEL's ``is``), FEEL's ``=`` and order
compare moments and stand in ``worktrail.feel.ops``. Fractions of a second are whole nanoseconds, so nothing is rounded twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from worktrail.feel.refusal import Refusal
from worktrail.feel.temporal.calendar import MAX_YEAR, civil_from_days, days_from_civil, month_length
from worktrail.feel.temporal.zones import Named, Offset, Zone

__all__ = [
    "DAY",
    "SECOND",
    "Date",
    "DateTime",
    "DaysDuration",
    "MonthsDuration",
    "Time",
    "date_of_days",
    "make_date",
    "make_time",
]

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
MAX_MONTHS = 12 * 2 * MAX_YEAR
MAX_NANOS = 2 * 366 * MAX_YEAR * DAY


@dataclass(frozen=True, slots=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 is Monday, 7 is Sunday."""
        return (self.days + 3) % 7 + 1

    def plus_months(self, months: int) -> Date:
        """The same day of another month, or its last day if it is shorter."""
        year, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        if abs(year) > MAX_YEAR:
            raise Refusal("FEEL_VALUE", f"The year {year} is out of range.")
        return Date(year, index + 1, min(self.day, month_length(year, index + 1)))

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    hour: int
    minute: int
    second: int
    nano: int = 0
    zone: Zone | None = None

    @property
    def local(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.nano

    @property
    def offset(self) -> int | None:
        """Seconds from UTC; a named zone without a date is read as on 1970-01-01."""
        return None if self.zone is None else self.zone.at(1970, 1, 1, self.local // SECOND)

    def __str__(self) -> str:
        fraction = f".{self.nano:09d}".rstrip("0") if self.nano else ""
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction}{self.zone or ''}"


@dataclass(frozen=True, slots=True)
class DateTime:
    date: Date
    time: Time

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on the local clock."""
        return self.date.days * DAY + self.time.local

    @property
    def offset(self) -> int | None:
        zone = self.time.zone
        if zone is None:
            return None
        return zone.at(self.date.year, self.date.month, self.date.day, self.time.local // SECOND)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; without a zone the local clock is taken as UTC."""
        return self.local - (self.offset or 0) * SECOND

    def with_local(self, nanos: int) -> DateTime:
        """Another moment of the local clock, in the same zone."""
        days, rest = divmod(nanos, DAY)
        return DateTime(date_of_days(days), make_time(rest, self.time.zone))

    def plus_nanos(self, nanos: int) -> DateTime:
        """A moment later by real time: across a clock change the offset of a named zone is looked up again."""
        zone = self.time.zone
        if not isinstance(zone, Named):
            return self.with_local(self.local + nanos)
        instant = self.instant + nanos
        return self.with_local(instant + zone.at_instant(instant // SECOND) * SECOND)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """Days and time duration in nanoseconds."""

    nanos: int

    def __post_init__(self) -> None:
        if abs(self.nanos) > MAX_NANOS:
            raise Refusal("FEEL_VALUE", "The duration is out of range.")

    def __str__(self) -> str:
        if self.nanos == 0:
            return "PT0S"
        seconds, nano = divmod(abs(self.nanos), SECOND)
        days, seconds = divmod(seconds, 86_400)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        fraction = f".{nano:09d}".rstrip("0") if nano else ""
        clock = "".join(
            (f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{seconds}{fraction}S" if seconds or nano else "")
        )
        return f"{'-' if self.nanos < 0 else ''}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """Years and months duration in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_MONTHS:
            raise Refusal("FEEL_VALUE", "The duration is out of range.")

    def __str__(self) -> str:
        if self.months == 0:
            return "P0M"
        years, months = divmod(abs(self.months), 12)
        return f"{'-' if self.months < 0 else ''}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"


def make_date(year: int, month: int, day: int) -> Date:
    """A checked date."""
    if not (abs(year) <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        raise Refusal("FEEL_VALUE", f"There is no date with year {year}, month {month}, day {day}.")
    return Date(year, month, day)


def date_of_days(days: int) -> Date:
    year, month, day = civil_from_days(days)
    return make_date(year, month, day)


def make_time(nanos: int, zone: Zone | None) -> Time:
    """The time of day ``nanos`` after midnight (turning over at midnight)."""
    seconds, nano = divmod(nanos % DAY, SECOND)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, zone)


UTC = Offset(0)
