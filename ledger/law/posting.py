"""The postings of a case: what each entry moves between the accounts (RULES §4.4).

Only the posts that an entry touches are settled anew, and only the expenses whose screening it can change are
screened again, so a long case costs what its entries cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from ledger.facts.accounts import AccountsReceived, TilbagebetalingReceived
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved, Option
from ledger.facts.changes import AbsenceKind, AbsencePlanned
from ledger.facts.decision import HjemmetraeningApproved
from ledger.facts.entry import Entry
from ledger.facts.history import History
from ledger.facts.payments import ExpenseDocumented, ExpenseReviewed, PaymentKind, PaymentMade
from ledger.law.accounts import Account, Accounts, Post
from ledger.law.screening import DaysAbroad, Grant, Screened, screened
from ledger.law.told import once

_MOVES: Final = (
    (Account.UNUSED, Account.GRANTED),
    (Account.ACCEPTED, Account.UNUSED),
    (Account.ACCEPTED, Account.OWN_COST),
    (Account.TO_REPAY, Account.UNUSED),
    (Account.DOCUMENTED, Account.COVERED),
    (Account.DOCUMENTED, Account.UNCOVERED),
)
"""The ways (debit, credit) that money moves on a post, in the order of `_Sums.moved`."""
_BY_INVOICE: Final = (PaymentKind.SUPPLIER_INVOICE, PaymentKind.WAGE)


@dataclass(slots=True)
class _Sums:
    """What the entries so far say about a post."""

    grant: Grant | None = None
    receipts: int = 0
    accepted: int = 0
    accepted_on_receipt: int = 0
    invoices: int = 0
    expenses: set[str] = field(default_factory=set)
    stood: tuple[int, ...] = (0,) * len(_MOVES)
    """What has been moved each way of `_MOVES`."""
    entries: list[int] = field(default_factory=list)

    def add(self, expense: "_Expense", sign: int) -> None:
        """Counts an expense in (1) or out again (-1)."""
        accepted = sign * expense.screened.accepted_oere
        self.accepted += accepted
        if expense.fact.receipt:
            self.receipts += sign * expense.fact.amount_oere
            self.accepted_on_receipt += accepted

    def moved(self, *, accounts_are_in: bool) -> tuple[int, ...]:
        """What is to stand moved each way of `_MOVES`. No post is ever netted against another."""
        granted = self.grant.amount_oere if self.grant else 0
        option = self.grant.option if self.grant else None
        invoices = self.invoices if option is Option.B else 0
        accepted = self.accepted + invoices
        used = min(granted, accepted)
        to_repay = granted - used if accounts_are_in and option is Option.A else 0
        covered = self.accepted_on_receipt + invoices
        return granted, used, accepted - used, to_repay, covered, self.receipts - self.accepted_on_receipt


@dataclass(slots=True)
class _Expense:
    fact: ExpenseDocumented
    version: int
    screened: Screened


class Posting:
    """A case's entries as transfers. Told entry by entry, in the order things happened (`History.told`)."""

    def __init__(self, told: Iterable[Entry[Any]] = ()) -> None:
        self.accounts = Accounts()
        self._posts: dict[Post, _Sums] = {}
        self._expenses: dict[str, _Expense] = {}
        self._paid_on: dict[date, set[str]] = defaultdict(set)
        """Day to the ids of the expenses paid that day."""
        self._reviews: dict[str, ExpenseReviewed] = {}
        self._accounts_in: dict[int, int] = {}
        """Year to the version of its first AccountsReceived."""
        self._training_since: date | None = None
        self._abroad = DaysAbroad()
        for entry in told:
            self.tell(entry)

    def tell(self, entry: Entry[Any]) -> None:
        """Moves what the entry moves, on the posts that it touches and no others."""
        for post in self._touched(entry):
            self._settle(post, entry.version)

    @property
    def years(self) -> list[int]:
        """The budget years that money or accounts are told of."""
        return sorted({post.year for post in self._posts} | set(self._accounts_in))

    def posts(self, year: int) -> list[Post]:
        """The posts of a year, by id; not what concerns no post."""
        return sorted(post for post in self._posts if post.year == year and post.id is not None)

    def grant(self, post: Post) -> Grant | None:
        """The post as it is granted now; None when it is not."""
        return self._posts[post].grant if post in self._posts else None

    def accounts_in(self, year: int) -> int | None:
        """Version of the year's first AccountsReceived; None before it."""
        return self._accounts_in.get(year)

    def entries(self, post: Post) -> tuple[int, ...]:
        """Versions of the entries that the post's balances rest on."""
        received = self._accounts_in.get(post.year)
        found = self._posts[post].entries if post in self._posts else []
        return tuple(sorted({*found, *([received] if received else ())}))

    def screened(self) -> Mapping[int, Screened]:
        """What counts of each expense now, by the version that documented it."""
        return {expense.version: expense.screened for expense in self._expenses.values()}

    def _touched(self, entry: Entry[Any]) -> Iterable[Post]:
        match entry.fact:
            case BudgetPostApproved() as fact:
                return self._grant(fact)
            case BudgetPostAdjusted() as fact:
                return self._adjust(fact)
            case PaymentMade() as fact:
                return self._pay(fact, entry.version)
            case ExpenseDocumented() as fact:
                return self._document(fact, entry.version)
            case ExpenseReviewed() as fact:
                self._reviews[fact.expense] = fact
                return self._screen([fact.expense])
            case AccountsReceived() as fact:
                return self._close(fact.year, entry.version)
            case TilbagebetalingReceived() as fact:
                return self._repay(fact, entry.version)
            case HjemmetraeningApproved() as fact:
                return self._approve(fact)
            case AbsencePlanned(kind=AbsenceKind.ABROAD) as fact:
                return self._go_abroad(fact)
        return ()

    def _grant(self, fact: BudgetPostApproved) -> Iterable[Post]:
        post = Post(fact.year, fact.post)
        sums = self._sums(post)
        before, sums.grant = sums.grant, Grant.of(fact, sums.grant)
        if before is None or (before.since, before.category) != (sums.grant.since, sums.grant.category):
            self._screen(sums.expenses)
        return [post]

    def _adjust(self, fact: BudgetPostAdjusted) -> Iterable[Post]:
        post = Post(fact.year, fact.post)
        sums = self._sums(post)
        sums.grant = sums.grant.adjusted(fact.new_amount_oere) if sums.grant else None
        return [post]

    def _pay(self, fact: PaymentMade, version: int) -> Iterable[Post]:
        """An instalment is for all the year's posts together; an invoice or a wage documents itself (option b)."""
        post = Post(fact.year, None if fact.kind is PaymentKind.INSTALMENT else fact.post)
        self.accounts.transfer(Account.PAID_OUT, Account.CLEARING, post, fact.amount_oere, version)
        if fact.kind in _BY_INVOICE:
            self._sums(post).invoices += fact.amount_oere
        return [post]

    def _repay(self, fact: TilbagebetalingReceived, version: int) -> Iterable[Post]:
        post = Post(fact.year, None)
        self.accounts.transfer(Account.CLEARING, Account.REPAID, post, fact.amount_oere, version)
        return [post]

    def _document(self, fact: ExpenseDocumented, version: int) -> Iterable[Post]:
        """An expense that is documented anew, under the same id, is the same expense: the newest stands."""
        post = Post(fact.year, fact.post)
        left = self._remove(fact.expense)
        sums = self._sums(post)
        expense = _Expense(fact, version, self._screened(fact, sums.grant))
        self._expenses[fact.expense] = expense
        self._paid_on[fact.paid_on].add(fact.expense)
        sums.expenses.add(fact.expense)
        sums.add(expense, 1)
        return [post] if left in (None, post) else [left, post]

    def _remove(self, name: str) -> Post | None:
        expense = self._expenses.pop(name, None)
        if expense is None:
            return None
        post = Post(expense.fact.year, expense.fact.post)
        self._posts[post].add(expense, -1)
        self._posts[post].expenses.discard(name)
        self._paid_on[expense.fact.paid_on].discard(name)
        return post

    def _close(self, year: int, version: int) -> Iterable[Post]:
        if self._accounts_in.setdefault(year, version) != version:
            return ()
        return [post for post in self._posts if post.year == year]

    def _approve(self, fact: HjemmetraeningApproved) -> Iterable[Post]:
        if self._training_since is not None and self._training_since <= fact.sent_on:
            return ()
        self._training_since = fact.sent_on
        return self._screen(self._expenses)

    def _go_abroad(self, fact: AbsencePlanned) -> Iterable[Post]:
        self._abroad.add(fact.from_on, fact.to_on)
        days = [day for day in self._paid_on if fact.from_on <= day <= fact.to_on]
        return self._screen([expense for day in days for expense in self._paid_on[day]])

    def _screen(self, expenses: Iterable[str]) -> list[Post]:
        """Screens expenses again; the posts they are on, in an order of their own."""
        touched: set[Post] = set()
        for expense in filter(None, map(self._expenses.get, expenses)):
            post = Post(expense.fact.year, expense.fact.post)
            sums = self._posts[post]
            sums.add(expense, -1)
            expense.screened = self._screened(expense.fact, sums.grant)
            sums.add(expense, 1)
            touched.add(post)
        return sorted(touched, key=lambda post: (post.year, post.id or ""))

    def _screened(self, fact: ExpenseDocumented, grant: Grant | None) -> Screened:
        review = self._reviews.get(fact.expense)
        return screened(fact, review, grant, self._training_since, stayed_abroad=fact.paid_on in self._abroad)

    def _sums(self, post: Post) -> _Sums:
        sums = self._posts.get(post)
        if sums is None:
            sums = self._posts[post] = _Sums()
        return sums

    def _settle(self, post: Post, version: int) -> None:
        """Moves the post from where it stood to where it stands."""
        sums = self._sums(post)
        stands = sums.moved(accounts_are_in=post.year in self._accounts_in)
        for (debit, credit), now, before in zip(_MOVES, stands, sums.stood, strict=True):
            if now != before:
                self.accounts.transfer(debit, credit, post, now - before, version)
        sums.stood = stands
        sums.entries.append(version)


@once
def posted(history: History) -> Posting:
    """The postings of a case, all told. Only to be looked at: the read models share it."""
    return Posting(history.told)
