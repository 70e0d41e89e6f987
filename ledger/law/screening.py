"""Screening (RULES §4.4): whether an expense counts, and if not, the first reason in the order of the rules."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter

from ledger.facts.budget import BudgetCategory, BudgetPostApproved, Option, RefusalCode
from ledger.facts.payments import Accrual, ExpenseDocumented, ExpenseReviewed
from ledger.facts.values import Erased


@dataclass(frozen=True, slots=True)
class Grant:
    """A budget post as it is granted now."""

    since: date
    """Day of the first letter that granted it."""
    category: BudgetCategory
    option: Option
    name: str | Erased
    amount_oere: int

    @classmethod
    def of(cls, fact: BudgetPostApproved, before: "Grant | None") -> "Grant":
        """What a decision grants; the post may have been granted before."""
        since = fact.sent_on if before is None else min(before.since, fact.sent_on)
        return cls(since, fact.category, fact.option, fact.name, fact.amount_oere)

    def adjusted(self, amount_oere: int) -> "Grant":
        """The same with another amount, for the whole year."""
        return replace(self, amount_oere=amount_oere)


class DaysAbroad:
    """The days that a family was abroad. Overlapping stays are joined, so a long list is asked as fast as a short."""

    def __init__(self) -> None:
        self._stays: list[tuple[date, date]] = []

    def add(self, first: date, last: date) -> None:
        """Adds a stay; its first and last day are days of it."""
        if first > last:
            return
        begin = bisect_left(self._stays, first, key=itemgetter(1))
        end = bisect_right(self._stays, last, key=itemgetter(0))
        met = self._stays[begin:end]
        self._stays[begin:end] = [(min([first, *(one[0] for one in met)]), max([last, *(one[1] for one in met)]))]

    def __contains__(self, day: date) -> bool:
        at = bisect_left(self._stays, day, key=itemgetter(1))
        return at < len(self._stays) and self._stays[at][0] <= day


@dataclass(frozen=True, slots=True)
class Screened:
    """What counts of an expense."""

    accepted_oere: int
    code: RefusalCode | None
    """Why not all of it counts; None when it does."""


def screened(
    expense: ExpenseDocumented,
    review: ExpenseReviewed | None,
    grant: Grant | None,
    training_since: date | None,
    *,
    stayed_abroad: bool,
) -> Screened:
    """What counts of an expense: what its latest review says, else all of it or nothing.

    `training_since` is the day of the first letter that approved the hjemmetræning, `stayed_abroad` whether the
    family was abroad the day it was paid.
    """
    if review is not None:
        return Screened(review.accepted_oere, review.code)
    code = _refused(expense, grant, training_since, stayed_abroad=stayed_abroad)
    return Screened(0 if code else expense.amount_oere, code)


def _refused(
    expense: ExpenseDocumented, grant: Grant | None, training_since: date | None, *, stayed_abroad: bool
) -> RefusalCode | None:
    if not expense.receipt:
        return RefusalCode.MANGLER_KVITTERING
    if expense.abroad or stayed_abroad:
        return RefusalCode.UDLAND
    if expense.category_code is not None:
        return expense.category_code
    if grant is None:
        return RefusalCode.IKKE_BEVILGET
    if training_since is None or expense.paid_on < max(grant.since, training_since):
        return RefusalCode.FOER_AFGOERELSE
    return None if _is_of_its_year(expense, grant) else RefusalCode.FORKERT_AAR


def _is_of_its_year(expense: ExpenseDocumented, grant: Grant) -> bool:
    """Tax for December is paid in January, and counts in the year it was earned (S4 bilag 12)."""
    january_after = (expense.paid_on.year, expense.paid_on.month) == (expense.year + 1, 1)
    december_tax = expense.accrual is Accrual.DECEMBER_TAX and grant.category is BudgetCategory.HJAELPETRAENERE
    return expense.paid_on.year == expense.year or (december_tax and january_after)
