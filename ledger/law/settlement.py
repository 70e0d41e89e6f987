"""Settlement of a budget year (RULES §4.4): the figures as they stand on the accounts, the claim, and the cap."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from ledger.facts.accounts import (
    AccountsReceived,
    AccountsReviewed,
    TilbagebetalingReceived,
    TilbagebetalingskravAdjusted,
    TilbagebetalingskravIssued,
)
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved, Option
from ledger.facts.decision import HearingSubject, PartshoeringSent
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.law.accounts import Account, Post
from ledger.law.counting import A_DAY, months_after
from ledger.law.posting import Posting

CapPeriod = Literal["budget_year", "rolling_12_months"]
"""Over which period grants are held against the yearly cap (RULES §4.1)."""
_A_YEAR: Final = 12  # months


@dataclass(frozen=True)
class Figures:
    """What stands on a post, or on a year, in øre."""

    approved_oere: int
    paid_oere: int
    documented_oere: int
    accepted_oere: int
    own_cost_oere: int | None
    """Accepted beyond the grant; None until the family's accounts are in."""
    repay_oere: int | None
    """Granted and not accounted for; None until the family's accounts are in."""


@dataclass(frozen=True)
class YearFigures(Figures):
    """What stands on a year: its posts together, and what concerns the year and no post."""

    cost_oere: int
    """What the municipality bears: never more of a post than was granted on it."""
    instalments_oere: int
    uncovered_oere: int
    """Documented and not accepted."""


def settled_post(posting: Posting, post: Post) -> Figures:
    """The figures of a post."""
    amount = posting.accounts.amount
    is_settled = posting.accounts_in(post.year) is not None
    return Figures(
        approved_oere=amount(Account.GRANTED, post),
        paid_oere=amount(Account.PAID_OUT, post),
        documented_oere=amount(Account.DOCUMENTED, post),
        accepted_oere=amount(Account.ACCEPTED, post),
        own_cost_oere=amount(Account.OWN_COST, post) if is_settled else None,
        repay_oere=amount(Account.TO_REPAY, post) if is_settled else None,
    )


def settled_year(posting: Posting, year: int) -> YearFigures:
    """The figures of a year. One post is never netted against another."""
    posts = posting.posts(year)
    no_post = Post(year, None)
    is_settled = posting.accounts_in(year) is not None

    def total(account: Account, of: Iterable[Post] = posts) -> int:
        return sum(posting.accounts.amount(account, post) for post in of)

    return YearFigures(
        approved_oere=total(Account.GRANTED),
        paid_oere=total(Account.PAID_OUT, [*posts, no_post]),
        documented_oere=total(Account.DOCUMENTED),
        accepted_oere=total(Account.ACCEPTED),
        own_cost_oere=total(Account.OWN_COST) if is_settled else None,
        repay_oere=total(Account.TO_REPAY) if is_settled else None,
        cost_oere=sum(_cost(posting, post) for post in posts),
        instalments_oere=total(Account.PAID_OUT, [no_post]),
        uncovered_oere=total(Account.UNCOVERED, [*posts, no_post]),
    )


def _cost(posting: Posting, post: Post) -> int:
    amount = posting.accounts.amount
    return amount(Account.ACCEPTED, post) - amount(Account.OWN_COST, post)


def most_to_claim(posting: Posting, year: int) -> int:
    """The most that can be claimed back: what the family got for the year, less what it was rightly used for.

    A claim above it is the finding CLAIM_EXCEEDS_PAID (CLARIFICATIONS 14). Only option a: what the municipality
    pays the supplier or helper itself, the family never had.
    """
    own = [post for post in posting.posts(year) if (grant := posting.grant(post)) and grant.option is Option.A]
    paid = sum(posting.accounts.amount(Account.PAID_OUT, post) for post in [*own, Post(year, None)])
    return max(paid - sum(_cost(posting, post) for post in own), 0)


@dataclass
class Claim:
    """The claim for unused money of a year, stage by stage, in øre."""

    heard_oere: int | None = None
    """What the newest partshøring proposed."""
    issued_oere: int | None = None
    adjusted_to_oere: int | None = None
    """What it was changed to since; 0 = waived."""
    received_oere: int = 0
    entries: list[int] = field(default_factory=list)

    @property
    def outstanding_oere(self) -> int | None:
        """What is still owed; None until something is claimed."""
        claimed = self.issued_oere if self.adjusted_to_oere is None else self.adjusted_to_oere
        return None if claimed is None else claimed - self.received_oere


def claims(told: Iterable[Entry[Any]]) -> dict[int, Claim]:
    """The claims of a case by budget year, from its told entries. A new claim takes the place of the one before."""
    found: dict[int, Claim] = {}
    year_of: dict[int, int] = {}
    unplaced: dict[int, Entry[PartshoeringSent]] = {}
    for entry in told:
        years = _years(entry, year_of)
        if not years and _is_about_repayment(entry):
            unplaced[entry.version] = entry
        for year in years:
            claim = found.setdefault(year, Claim())
            claim.entries.append(entry.version)
            match entry.fact:
                case PartshoeringSent() as fact:
                    claim.heard_oere = _heard(fact, year)
                case TilbagebetalingskravIssued() as fact:
                    claim.issued_oere, claim.adjusted_to_oere = fact.amount_oere, None
                    if hearing := unplaced.get(entry.pointer("hearing") or 0):
                        claim.heard_oere = hearing.fact.proposed_oere
                        claim.entries.append(hearing.version)
                case TilbagebetalingskravAdjusted() as fact:
                    claim.adjusted_to_oere = fact.new_amount_oere
                case TilbagebetalingReceived() as fact:
                    claim.received_oere += fact.amount_oere
    return found


def _is_about_repayment(entry: Entry[Any]) -> bool:
    return isinstance(entry.fact, PartshoeringSent) and entry.fact.subject is HearingSubject.TILBAGEBETALING


def _years(entry: Entry[Any], year_of: dict[int, int]) -> Iterable[int]:
    """The budget years whose claim an entry is about.

    A partshøring says it by its posts, or by the accounts or review it is about; else the claim that names it does.
    """
    match entry.fact:
        case AccountsReceived() | AccountsReviewed() as fact:
            year_of[entry.version] = fact.year
        case PartshoeringSent(subject=HearingSubject.TILBAGEBETALING) as fact:
            by_post = {one.year for one in fact.per_post or ()}
            return by_post or {year_of[version] for version in entry.pointers("about") if version in year_of}
        case TilbagebetalingskravIssued() | TilbagebetalingskravAdjusted() | TilbagebetalingReceived() as fact:
            return {fact.year}
    return ()


def _heard(fact: PartshoeringSent, year: int) -> int | None:
    """What was proposed for a year; of a partshøring about several years, its posts of that year."""
    posts = fact.per_post or ()
    if fact.proposed_oere is not None and {one.year for one in posts} <= {year}:
        return fact.proposed_oere
    return sum(one.repay_oere for one in posts if one.year == year) if posts else None


class _Granted(NamedTuple):
    on: date
    oere: int


def committed(facts: Iterable[Fact], period: CapPeriod, year: int, sent_on: date) -> int:
    """What is granted in the cap period of a grant for `year` sent on a day: what G18 holds against the cap.

    `facts` are those of the case in the order they happened, with the new decision as the last.
    """
    grants = Grants()
    for fact in facts:
        grants.add(fact)
    return grants.committed(period, year, sent_on)


class Grants:
    """What is granted on each post, part by part: a raise counts from its own letter, a reduction takes the newest.

    Told fact by fact, in the order things happened, so a long case costs what its grants cost.
    """

    def __init__(self) -> None:
        self._parts: dict[Post, list[_Granted]] = {}
        self._of_year: dict[int, int] = {}
        self._of_day: dict[date, int] = {}
        """Day of the letters to what they granted, of whichever budget year."""
        self._days: list[date] = []
        """Those days, in order."""

    def tell(self, entry: Entry[Any]) -> None:
        """Counts a grant, or a change of one."""
        self.add(entry.fact)

    def add(self, fact: Fact) -> None:
        """The same, of a fact."""
        if isinstance(fact, BudgetPostApproved | BudgetPostAdjusted):
            post = Post(fact.year, fact.post)
            self._put(post, _after(self._parts.get(post, []), fact))

    def committed(self, period: CapPeriod, year: int, sent_on: date) -> int:
        """What is granted in the cap period of a grant for `year` sent on a day."""
        if period == "budget_year":
            return self._of_year.get(year, 0)
        first = months_after(sent_on, -_A_YEAR) + A_DAY
        in_period = self._days[bisect_left(self._days, first) : bisect_right(self._days, sent_on)]
        return sum(self._of_day[day] for day in in_period)

    def committed_with(self, fact: BudgetPostApproved | BudgetPostAdjusted, period: CapPeriod) -> int:
        """What would be granted in the cap period of a grant, with it."""
        post = Post(fact.year, fact.post)
        before = self._parts.get(post, [])
        self._put(post, _after(before, fact))
        found = self.committed(period, fact.year, fact.sent_on)
        self._put(post, before)
        return found

    def _put(self, post: Post, parts: list[_Granted]) -> None:
        taken = [_Granted(part.on, -part.oere) for part in self._parts.get(post, [])]
        for part in [*taken, *parts]:
            self._of_year[post.year] = self._of_year.get(post.year, 0) + part.oere
            if part.on not in self._of_day:
                insort(self._days, part.on)
            self._of_day[part.on] = self._of_day.get(part.on, 0) + part.oere
        self._parts[post] = parts


def _after(parts: list[_Granted], fact: BudgetPostApproved | BudgetPostAdjusted) -> list[_Granted]:
    """The parts of a post's grant after a decision. A post that was never granted cannot be changed."""
    if isinstance(fact, BudgetPostApproved):
        return [_Granted(fact.sent_on, fact.amount_oere)]
    raised = fact.new_amount_oere - sum(part.oere for part in parts)
    if not parts:
        return []
    return [*parts, _Granted(fact.sent_on, raised)] if raised > 0 else _less(parts, -raised)


def _less(parts: list[_Granted], oere: int) -> list[_Granted]:
    """The parts with an amount taken away, from the newest back."""
    left = []
    for part in reversed(parts):
        taken = min(oere, part.oere)
        oere -= taken
        left.append(_Granted(part.on, part.oere - taken))
    return left[::-1]
