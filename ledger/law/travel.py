"""Travel to supervision and courses (RULES §4.6): what is covered, and in Danish why the rest is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from ledger.facts.book import RateKind
from ledger.facts.sentence import kroner
from ledger.facts.values import Slug
from ledger.law.rates import Rate, RateMissing

Rates = Callable[[RateKind, str, date], Rate | None]
"""The rates of a municipality: `ledger.law.law.Law.rate`."""
_MINUTES_AN_HOUR: Final = 60


class Room(Slug):
    """A room for the night."""

    SINGLE = "single", "enkeltværelse"
    DOUBLE = "double", "dobbeltværelse"
    EXTRA_BED = "extra_bed", "dobbeltværelse med opredning"

    @property
    def rate(self) -> str:
        """Name of the rate that a night may cost."""
        return f"lodging-{self.value.replace('_', '-')}"


class Night(NamedTuple):
    """One night in one room."""

    room: Room
    paid_oere: int
    documented: bool = True
    only_for_participants: bool = True
    """Nobody sleeps in it who is not on the course."""


@dataclass(frozen=True)
class Trip:
    """A journey to supervision or a course, as the family describes it."""

    starts_on: date
    minutes_away: int
    days: int
    adults: int
    children: int
    """Those on the course, as the adults."""
    teaching_minutes: int
    """On a day of the course."""
    public_transport_oere: int
    """The cheapest there is."""
    kilometres: int = 0
    child_travels: bool = False
    nights: tuple[Night, ...] = ()
    abroad: bool = False


class Covered(NamedTuple):
    """What is covered of one item."""

    item: str
    oere: int
    why_not_more: str | None = None


def covered(trip: Trip, rates: Rates) -> tuple[Covered, ...]:
    """The journey item by item. RateMissing when a rate that it needs is not registered for the year."""
    if trip.abroad:
        return (Covered("rejse", 0, "Rejser til supervision og kurser i udlandet dækkes ikke."),)
    table = _Table(trip, rates)
    return (table.meals(), *table.lodging(), *table.transport())


@dataclass(frozen=True)
class _Table:
    trip: Trip
    rates: Rates

    def rate(self, name: str) -> int:
        rate = self.rates(RateKind.TRAVEL, name, self.trip.starts_on)
        if rate is None:
            raise RateMissing(RateKind.TRAVEL, name, self.trip.starts_on.year)
        return rate.value

    def meals(self) -> Covered:
        why_not = self._too_short("Kost")
        if why_not:
            return Covered("kost", 0, why_not)
        trip = self.trip
        a_day = trip.adults * self.rate("meals-adult-day") + trip.children * self.rate("meals-child-day")
        return Covered("kost", trip.days * a_day)

    def lodging(self) -> Iterator[Covered]:
        for night in self.trip.nights:
            why_not = self._too_short("Overnatning") or self._too_little_teaching() or _not_for(night)
            most = 0 if why_not else self.rate(night.room.rate)
            if night.paid_oere > most:
                why_not = why_not or f"Et {night.room.dansk} dækkes højst med {kroner(most)}"
            yield Covered(night.room.dansk, min(night.paid_oere, most), why_not)

    def transport(self) -> Iterator[Covered]:
        yield Covered("billigste offentlige transport", self.trip.public_transport_oere)
        if self.trip.kilometres and self.trip.child_travels:
            yield Covered("kørsel", self.trip.kilometres * self.rate("mileage-low"))
        elif self.trip.kilometres:
            yield Covered("kørsel", 0, "Kørsel dækkes kun, når barnet er med.")

    def _too_short(self, what: str) -> str | None:
        hours = self.rate("whole-day-hours")
        short = self.trip.minutes_away < hours * _MINUTES_AN_HOUR
        return f"{what} dækkes ikke, når rejsen varer under {hours} timer." if short else None

    def _too_little_teaching(self) -> str | None:
        short = self.trip.teaching_minutes < self.rate("lodging-teaching-minutes")
        return "Overnatning dækkes kun ved heldagsundervisning." if short else None


def _not_for(night: Night) -> str | None:
    if not night.documented:
        return "Overnatningen er ikke dokumenteret."
    return None if night.only_for_participants else "Værelset er også til andre end dem, der er på kurset."
