"""The law as one municipality is under it: the rulebook, its own file, and the rates and mandates of its book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.facts.book import RateKind, RateRegistered
from ledger.facts.entry import Entry
from ledger.facts.lifecycle import MandateRegistered
from ledger.law.counting import Calendar
from ledger.law.municipality import Municipality
from ledger.law.rates import Rate, rate_on
from ledger.law.rule import Rule
from ledger.law.rulebook import Rulebook


@dataclass(frozen=True)
class Law:
    """What a telling and a guard ask the law. The book's facts are cut at the same known-at as the case."""

    rulebook: Rulebook
    municipality: Municipality
    registered: Sequence[Entry[RateRegistered]] = ()
    """Rates of the book's own stream that are in force; they come before those of the rulebook."""
    mandates: Sequence[Entry[MandateRegistered]] = ()
    """Mandates of the book's own stream: they are for every case."""
    book_version: int = 0
    """How far the book's own stream was read for it."""

    @property
    def rules(self) -> Sequence[Rule]:
        """The deadline rules that apply."""
        return self.rulebook.rules(self.municipality.slug)

    def rule(self, slug: str, day: date) -> Rule:
        """The version of a rule that is chosen for a day that counts; the last one, when it was not valid then."""
        versions = [rule for rule in self.rules if rule.slug == slug]
        return next((rule for rule in versions if rule.valid_on(day)), versions[-1])

    @property
    def calendar(self) -> Calendar:
        """Open and closed days here."""
        return self.municipality.calendar

    def rate(self, kind: RateKind, name: str, on: date) -> Rate | None:
        """The rate in force on a day; None when none is registered (nothing is ever extrapolated)."""
        return rate_on(self.registered, self.rulebook.rates, self.municipality.slug, kind, name, on)

    def cap(self, year: int) -> Rate | None:
        """The yearly cap (RULES §4.1) of a budget year."""
        return self.rate(RateKind.CAP, "cap", date(year, 1, 1))

    def cap_oere(self, year: int) -> int | None:
        """The yearly cap in øre; None when none is registered."""
        cap = self.cap(year)
        return cap.value if cap else None

    def number(self, name: str) -> int | None:
        """A number of the law by name: the municipality's own, else the statute's; None while it is unset."""
        found = getattr(self.municipality.numbers, name) or getattr(self.rulebook.statute.numbers, name)
        return found.value if found else None
