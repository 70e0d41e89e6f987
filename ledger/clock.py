"""Danish days and UTC instants. The clock itself is read at the edge, once, and comes in as an argument."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
Clock = Callable[[], datetime]
"""Gives the current UTC instant."""


def danish_day(instant: datetime) -> date:
    """The calendar date of an instant in Copenhagen."""
    return instant.astimezone(COPENHAGEN).date()


def midnight_after(day: date) -> datetime:
    """The UTC instant at which a Danish day ends."""
    return datetime.combine(day + timedelta(days=1), time(), COPENHAGEN).astimezone(UTC)


def known_by(limit: date | datetime) -> Callable[[datetime], bool]:
    """Whether something was known: at or before an instant, or before the end of a Danish day."""
    if isinstance(limit, datetime):
        return lambda instant: instant <= limit
    end = midnight_after(limit)
    return lambda instant: instant < end


def iso(instant: datetime) -> str:
    """2026-11-21T20:41:00.000000Z: always UTC, always microseconds, so that text sorts as time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
