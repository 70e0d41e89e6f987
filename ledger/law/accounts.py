"""The money of a case as double entry (CLARIFICATIONS 29): every amount moves from one account to another.

Each figure of the settlement is the balance of one account. What is granted is first unused, then used for what is
accepted, and what is left when the family's accounts are in is to be repaid.
"""

from collections import defaultdict
from enum import StrEnum
from typing import Final, NamedTuple


class Account(StrEnum):
    """Where money stands. Every account is kept per year and post."""

    GRANTED = "granted"
    UNUSED = "unused"
    """Granted, not used for anything accepted, and not to be repaid (yet: the family's accounts are not in)."""
    TO_REPAY = "to_repay"
    ACCEPTED = "accepted"
    OWN_COST = "own_cost"
    """Accepted beyond the grant: the family's own."""
    DOCUMENTED = "documented"
    COVERED = "covered"
    """Documented by receipt or invoice, and accepted."""
    UNCOVERED = "uncovered"
    """Documented by receipt, and not accepted."""
    PAID_OUT = "paid_out"
    REPAID = "repaid"
    CLEARING = "clearing"
    """The municipality's purse: what has left it for the year, less what has come back."""


class Post(NamedTuple):
    """A budget post of a year; without an id, what concerns the year and no post."""

    year: int
    id: str | None


class Transfer(NamedTuple):
    """An amount moved from the credit account to the debit account by an entry."""

    debit: Account
    credit: Account
    post: Post
    oere: int
    version: int


_CREDIT: Final = {
    Account.GRANTED, Account.OWN_COST, Account.COVERED, Account.UNCOVERED, Account.REPAID, Account.CLEARING,
}  # fmt: skip
"""The accounts that grow by being credited."""


class Accounts:
    """The accounts of a case: the transfers in the order they happened, and the balances they give."""

    def __init__(self) -> None:
        self.transfers: list[Transfer] = []
        self._balances: dict[tuple[Account, Post], int] = defaultdict(int)

    def amount(self, account: Account, post: Post) -> int:
        """What stands on an account for a post, in øre; negative when more has left it than it got."""
        balance = self._balances.get((account, post), 0)
        return -balance if account in _CREDIT else balance

    def transfer(self, debit: Account, credit: Account, post: Post, oere: int, version: int) -> None:
        """Moves an amount; a negative one moves back."""
        if oere < 0:
            debit, credit, oere = credit, debit, -oere
        if oere:
            self.transfers.append(Transfer(debit, credit, post, oere, version))
            self._balances[debit, post] += oere
            self._balances[credit, post] -= oere
