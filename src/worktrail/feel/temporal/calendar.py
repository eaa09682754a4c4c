"""Days of the proleptic Gregorian calendar for years from -999,999,999 to 999,999,999.

Rule: a day is a number counted from 1970-01-01. Why not Python's ``date``: it ends at the years 1 and 9999, FEEL does not.
"""

from __future__ import annotations

__all__ = ["MAX_YEAR", "civil_from_days", "days_from_civil", "is_leap", "iso_week", "month_length"]

MAX_YEAR = 999_999_999
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _LENGTHS[month - 1]


def days_from_civil(year: int, month: int, day: int) -> int:
    """The number of the day. The year is taken to begin in March, so that the leap day is its last."""
    if month <= 2:
        year -= 1
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The inverse of ``days_from_civil``."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day_of_year - (153 * shifted + 2) // 5 + 1


def iso_week(year: int, month: int, day: int) -> int:
    """Week of the year as ISO 8601 counts it: week 1 holds the first Thursday."""
    days = days_from_civil(year, month, day)
    thursday = days - (days + 3) % 7 + 3
    year_of_thursday = civil_from_days(thursday)[0]
    return (thursday - days_from_civil(year_of_thursday, 1, 1)) // 7 + 1
