"""Counting time as the law does (RULES §1). The day of the trigger is day 0; a deadline runs to the end of its day."""

import tomllib
from calendar import SATURDAY, SUNDAY, monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from ledger.facts.book import Certainty

WEEKEND: Final = {SATURDAY: "lørdag", SUNDAY: "søndag"}
A_DAY: Final = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm (C8)."""
    golden = year % 19
    century, year_of_century = divmod(year, 100)
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year_of_century // 4) - epact - year_of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451  # a full moon that would fall too late moves back a week
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


class _ClosedDay(BaseModel):
    """A row of holidays.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dansk: str
    source: str
    certainty: Certainty
    last_year: int | None = None

    def holds_in(self, year: int) -> bool:
        return self.last_year is None or year <= self.last_year


class _FromEaster(_ClosedDay):
    after_easter: int

    def in_year(self, year: int) -> date:
        return easter(year) + timedelta(days=self.after_easter)


class _OnDate(_ClosedDay):
    month: int
    day: int

    def in_year(self, year: int) -> date:
        return date(year, self.month, self.day)


class _ClosedDays(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    holiday: tuple[_FromEaster | _OnDate, ...]
    also_closed: tuple[_OnDate, ...]


@cache
def _closed_days() -> _ClosedDays:
    return _ClosedDays.model_validate(tomllib.loads(files("ledger.law").joinpath("holidays.toml").read_text("utf-8")))


@cache
def holidays(year: int) -> Mapping[date, str]:
    """The public holidays of a year with their Danish names (C8)."""
    rows = _closed_days().holiday
    return MappingProxyType({row.in_year(year): row.dansk for row in rows if row.holds_in(year)})


@cache
def _named(year: int) -> Mapping[date, str]:
    """Every closed day of a year that has a name; where two fall together, the public holiday names the day."""
    rows = _closed_days().also_closed
    return {row.in_year(year): row.dansk for row in rows if row.holds_in(year)} | dict(holidays(year))


def closed(day: date) -> str | None:
    """Why a day is closed everywhere, in Danish; None when it is open (C7)."""
    return _named(day.year).get(day) or WEEKEND.get(day.weekday())


@dataclass(frozen=True)
class Calendar:
    """Open and closed days: those of the law, and the days a municipality keeps closed besides (day → reason)."""

    closing_days: Mapping[date, str] = field(default_factory=dict)

    def closed(self, day: date) -> str | None:
        """Why a day is closed here, in Danish; None when it is open."""
        return closed(day) or self.closing_days.get(day)

    def next_open(self, day: date) -> date:
        """The first day that is open, from `day` itself on."""
        while self.closed(day):
            day += A_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th open day after `day` (C4); `day` itself, open or not, when there is none to count."""
        for _ in range(count):
            day = self.next_open(day + A_DAY)
        return day


DANISH: Final = Calendar()
"""No closing days but the law's."""


class Unit(StrEnum):
    """What a length is counted in. Years are months in the data: 18 years are 216 months."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True)
class Duration:
    """A unit and a count, as the law's text has it, never turned into another unit (C10)."""

    unit: Unit
    count: int

    def __post_init__(self) -> None:
        assert self.count >= 0, "a length is counted with `after` or `before`, never with a sign"


def after(day: date, length: Duration, calendar: Calendar = DANISH) -> date:
    """The day a length after `day` (C1-C4), before any roll."""
    match length.unit:
        case Unit.DAYS:
            return day + timedelta(days=length.count)
        case Unit.WEEKS:
            return day + timedelta(weeks=length.count)
        case Unit.MONTHS:
            return months_after(day, length.count)
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(day, length.count)


def before(day: date, length: Duration) -> date:
    """The day a length before `day` (C9). It never rolls, and no law counts working days backward."""
    match length.unit:
        case Unit.DAYS:
            return day - timedelta(days=length.count)
        case Unit.WEEKS:
            return day - timedelta(weeks=length.count)
        case Unit.MONTHS:
            return months_after(day, -length.count)
        case Unit.WORKING_DAYS:
            raise AssertionError("working days are only counted forward")


def months_after(day: date, months: int) -> date:
    """The same day number `months` later; the last day of that month when it has no such day (C3)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def roll(due: date, calendar: Calendar = DANISH) -> date:
    """A due date moved off a closed day (C6, roll F): the first open day on or after it."""
    return calendar.next_open(due)


def skipped(start: date, end: date, calendar: Calendar = DANISH) -> Iterator[tuple[date, str]]:
    """The closed days after `start` up to and with `end`, each with its reason."""
    for ahead in range(1, (end - start).days + 1):
        day = start + timedelta(days=ahead)
        if reason := calendar.closed(day):
            yield day, reason
