"""FEEL's dates, times and durations: values, calendar, zones, reading from text."""

from __future__ import annotations

from worktrail.feel.temporal.calendar import MAX_YEAR, iso_week, month_length
from worktrail.feel.temporal.text import parse_any, parse_date, parse_date_time, parse_duration, parse_offset, parse_time
from worktrail.feel.temporal.values import (
    DAY,
    SECOND,
    UTC,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    date_of_days,
    make_date,
    make_time,
)
from worktrail.feel.temporal.zones import Named, Offset, Zone, zone_named

__all__ = [
    "DAY",
    "MAX_YEAR",
    "SECOND",
    "UTC",
    "Date",
    "DateTime",
    "DaysDuration",
    "MonthsDuration",
    "Named",
    "Offset",
    "Time",
    "Zone",
    "date_of_days",
    "iso_week",
    "make_date",
    "make_time",
    "month_length",
    "parse_any",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_offset",
    "parse_time",
    "zone_named",
]
