"""Counting time as the law does (RULES §1)."""

from calendar import monthrange
from datetime import date


def months_after(day: date, months: int) -> date:
    """The same day number `months` later; the last day of that month when it has no such day (C3)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
