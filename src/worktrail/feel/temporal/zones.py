"""Time zones: a fixed offset or a name of the IANA database.

Rule: the database is read only when an expression names a zone, and its absence is a clear error. It is the only thing
that an evaluation ever reads from the machine, and it is read once for each zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from worktrail.feel.refusal import Refusal

__all__ = ["Named", "Offset", "Zone", "zone_named"]


@dataclass(frozen=True, slots=True)
class Offset:
    """A fixed distance from UTC in seconds."""

    seconds: int

    def at(self, *_moment: int) -> int:
        """Seconds from UTC at a local moment."""
        return self.seconds

    def __str__(self) -> str:
        if self.seconds == 0:
            return "Z"
        minutes, seconds = divmod(abs(self.seconds), 60)
        tail = f":{seconds:02d}" if seconds else ""
        return f"{'-' if self.seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}{tail}"


@dataclass(frozen=True, slots=True)
class Named:
    """A zone of the IANA database, by its name."""

    name: str

    def at(self, year: int, month: int, day: int, second_of_day: int) -> int:
        """Seconds from UTC at a local moment; outside Python's years the rules of the same year of a 400-year cycle."""
        if not 2 <= year <= 9998:
            year = 2000 + year % 400
        offset = (datetime(year, month, day, tzinfo=_load(self.name)) + timedelta(seconds=second_of_day)).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def at_instant(self, seconds: int) -> int:
        """Seconds from UTC at a moment given as seconds since 1970-01-01T00:00:00Z."""
        cycle = 146_097 * 86_400
        if not -62_000_000_000 < seconds < 253_000_000_000:
            seconds = 946_684_800 + (seconds - 946_684_800) % cycle
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        offset = moment.astimezone(_load(self.name)).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0

    def __str__(self) -> str:
        return f"@{self.name}"


Zone = Offset | Named


@lru_cache(maxsize=512)
def _load(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        pass
    try:
        ZoneInfo("Etc/UTC")
    except (LookupError, ValueError, OSError):
        raise Refusal(
            "FEEL_VALUE",
            f'This installation has no time zone database, so "{name}" cannot be read.',
            "Install the package `tzdata`, or write an offset such as +02:00.",
        ) from None
    raise Refusal("FEEL_VALUE", f'"{name}" is not a time zone of the IANA database.', 'Write a name such as "Europe/Berlin".')


def zone_named(name: str) -> Named:
    """The zone of that name; a Refusal when the database does not have it."""
    _load(name)
    return Named(name)
