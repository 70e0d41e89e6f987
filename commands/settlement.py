"""What a budget year comes to: computed from the case, never typed in (RULES §4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.facts.accounts import AccountsReceived
from ledger.facts.budget import Option, RefusalCode
from ledger.facts.history import History
from ledger.facts.payments import ExpenseDocumented
from ledger.facts.values import Erased
from ledger.law.accounts import Account, Post
from ledger.law.posting import Posting
from ledger.law.settlement import most_to_claim, settled_post, settled_year
from ledger.law.told import Told
from ledger.law.training import is_over


@dataclass(frozen=True)
class SettledPost:
    """A budget post of the year."""

    post: str
    name: str | Erased | None
    option: Option | None
    approved_oere: int
    accepted_oere: int
    repay_oere: int
    own_cost_oere: int


@dataclass(frozen=True)
class NotAccepted:
    """An expense that does not count, or not all of it."""

    version: int
    expense: str
    post: str | None
    paid_on: date
    description: str | Erased
    amount_oere: int
    accepted_oere: int
    code: RefusalCode | None


@dataclass(frozen=True)
class Settlement:
    """What a year comes to, on a day."""

    year: int
    as_of: date
    accounts: int | None
    """Version of the family's newest accounts; None until they are in, and nothing is to be repaid before."""
    is_over: bool
    """Whether the year, or the training, has ended."""
    posts: tuple[SettledPost, ...]
    not_accepted: tuple[NotAccepted, ...]
    documented_oere: int
    accepted_oere: int
    own_cost_oere: int
    repay_oere: int
    most_to_claim_oere: int
    """What the family got, less what it was rightly used for: more cannot be claimed back."""


def settle(told: History, year: int) -> Settlement:
    """The settlement of a year, from the case as it was on the day the history is asked for."""
    posting = Posting(told.told)
    received = [entry.version for entry in told.of(AccountsReceived) if entry.fact.year == year]
    posts = tuple(_post(posting, post) for post in posting.posts(year) if _counts(posting, post))
    figures = settled_year(posting, year)
    return Settlement(
        year=year,
        as_of=told.as_of,
        accounts=received[-1] if received else None,
        is_over=is_over(year, Told(told.told), told.as_of),
        posts=posts,
        not_accepted=tuple(_not_accepted(told, posting, year)),
        documented_oere=figures.documented_oere,
        accepted_oere=figures.accepted_oere,
        own_cost_oere=figures.own_cost_oere or 0,
        repay_oere=figures.repay_oere or 0,
        most_to_claim_oere=most_to_claim(posting, year),
    )


def _counts(posting: Posting, post: Post) -> bool:
    return posting.grant(post) is not None or posting.accounts.amount(Account.ACCEPTED, post) > 0


def _post(posting: Posting, post: Post) -> SettledPost:
    grant, figures = posting.grant(post), settled_post(posting, post)
    return SettledPost(
        post=str(post.id),
        name=grant.name if grant else None,
        option=grant.option if grant else None,
        approved_oere=figures.approved_oere,
        accepted_oere=figures.accepted_oere,
        repay_oere=figures.repay_oere or 0,
        own_cost_oere=figures.own_cost_oere or 0,
    )


def _not_accepted(told: History, posting: Posting, year: int) -> Iterator[NotAccepted]:
    screened = posting.screened()  # only what stands: an expense documented anew replaces the one before
    for entry in told.of(ExpenseDocumented):
        fact, found = entry.fact, screened.get(entry.version)
        if found and fact.year == year and (found.code or found.accepted_oere < fact.amount_oere):
            yield NotAccepted(
                entry.version, fact.expense, fact.post, fact.paid_on, fact.description, fact.amount_oere,
                found.accepted_oere, found.code,
            )  # fmt: skip
