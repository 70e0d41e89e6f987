"""Tabt arbejdsfortjeneste (TAF): what a parent gets a month for the hours trained at home (RULES §4.5).

Exact fractions until the very end, then rounded half up to the øre.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import Final

from ledger.errors import Fault, Invalid
from ledger.facts.book import RateKind
from ledger.facts.lost_earnings import TabtArbejdsfortjenesteDecided
from ledger.facts.values import Erased
from ledger.law.law import Law
from ledger.law.rates import Rate, RateMissing

CAP: Final = "taf-cap"
"""Name of the rate that is the monthly cap."""
_HALF: Final = Fraction(1, 2)
_PER_CENT: Final = Fraction(1, 100)


@dataclass(frozen=True)
class Hours:
    """The hours of the benefit out of the whole working time, a week, in hundredths of an hour."""

    taf_x100: int
    work_x100: int

    def share_of(self, oere: int) -> Fraction:
        """The part of a monthly amount that falls on the hours. Invalid when there is no working time."""
        if self.work_x100 <= 0:
            raise Invalid(Fault("work_hours_x100", "skal være over 0"))
        return Fraction(oere * self.taf_x100, self.work_x100)


@dataclass(frozen=True)
class Taf:
    """A month's benefit and the two amounts that it is the lesser of, in øre."""

    share_oere: int
    """The lost part of the income."""
    cap_share_oere: int
    """The part of the monthly cap that falls on the hours."""
    monthly_taf_oere: int


def monthly_taf(
    income_oere: int,
    hours: Hours,
    cap: Rate | None,
    *,
    year: int,
    deductions_oere: int = 0,
    benefits_added_oere: int = 0,
) -> Taf:
    """The benefit of a month. RateMissing while the year's cap is not registered: it is never guessed."""
    if cap is None:
        raise RateMissing(RateKind.TAF_CAP, CAP, year)
    share, cap_share = hours.share_of(income_oere), hours.share_of(cap.value)
    benefit = max(min(share - deductions_oere + benefits_added_oere, cap_share), Fraction(0))
    return Taf(to_oere(share), to_oere(cap_share), to_oere(benefit))


def cap_on(law: Law, day: date) -> Rate | None:
    """The monthly cap in force on a day; None when none is registered for its year."""
    return law.rate(RateKind.TAF_CAP, CAP, day)


def as_decided(fact: TabtArbejdsfortjenesteDecided, law: Law) -> Taf | None:
    """What the figures of a decision give from its first day; None when some are erased, or there is no working time.

    RateMissing while the cap of that year is not registered.
    """
    if isinstance(fact.income_basis_oere, Erased) or not fact.work_hours_x100:
        return None
    return monthly_taf(
        fact.income_basis_oere,
        Hours(fact.hours_x100, fact.work_hours_x100),
        cap_on(law, fact.from_on),
        year=fact.from_on.year,
        deductions_oere=fact.deductions_oere,
        benefits_added_oere=fact.benefits_added_oere,
    )


def pension(monthly_taf_oere: int, employer_contribution_oere: int, hours: Hours, per_cent: int) -> int:
    """The pension contribution: so many per cent of the benefit, at most what the employer paid for those hours."""
    return to_oere(min(monthly_taf_oere * per_cent * _PER_CENT, hours.share_of(employer_contribution_oere)))


def atp(amount_oere: int, recipient_part: Fraction) -> tuple[int, int]:
    """The month's ATP, divided: what the recipient pays of it, and what the municipality pays."""
    recipient = to_oere(amount_oere * recipient_part)
    return recipient, amount_oere - recipient


def to_oere(exact: Fraction) -> int:
    """Rounded half up."""
    return floor(exact + _HALF)
