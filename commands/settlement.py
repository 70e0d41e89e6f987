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
from ledger.law.settlement import most_to_claim, settled_post
from ledger.law.told import Told
from ledger.law.training import trainings


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
    no_post = Post(year, None)
    return Settlement(
        year=year,
        as_of=told.as_of,
        accounts=received[-1] if received else None,
        is_over=_is_over(told, year),
        posts=posts,
        not_accepted=tuple(_not_accepted(told, posting, year)),
        documented_oere=sum(
            posting.accounts.amount(Account.DOCUMENTED, post) for post in (*posting.posts(year), no_post)
        ),
        accepted_oere=sum(post.accepted_oere for post in posts),
        own_cost_oere=sum(post.own_cost_oere for post in posts),
        repay_oere=sum(post.repay_oere for post in posts),
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


def _is_over(told: History, year: int) -> bool:
    runs = trainings(Told(told.told))
    return told.as_of.year > year or (bool(runs) and not any(run.runs_on(told.as_of) for run in runs))


def _not_accepted(told: History, posting: Posting, year: int) -> Iterator[NotAccepted]:
    screened = posting.screened()  # only what stands: an expense documented anew replaces the one before
    for entry in told.of(ExpenseDocumented):
        fact, found = entry.fact, screened.get(entry.version)
        if found and fact.year == year and (found.code or found.accepted_oere < fact.amount_oere):
            yield NotAccepted(
                entry.version, fact.expense, fact.post, fact.paid_on, fact.description, fact.amount_oere,
                found.accepted_oere, found.code,
            )  # fmt: skip
