"""G17: an expense is never refused; the one who records it is told when it is not covered."""

from collections.abc import Iterable
from typing import Any, Final

from ledger.errors import FailedGuard
from ledger.facts.entry import Entry
from ledger.law.posting import Posting
from ledger.law.screening import Screened

EXPENSE_SCREENED: Final = "G17"
NOT_COVERED: Final = "Udgiften er registreret, men dækkes ikke: {grund}."
PARTLY_COVERED: Final = "Udgiften er registreret, men dækkes kun delvist: {grund}."
_SOURCE: Final = (
    "serviceloven § 32 a, stk. 6, nu barnets lov § 85, stk. 6; Esbjerg Kommunes vejledning (hvad der dækkes)"
)


def status_of(screened: Screened | None) -> FailedGuard | None:
    """What is told of an expense that was screened; None when all of it counts."""
    if screened is None or screened.code is None:
        return None
    sentence = PARTLY_COVERED if screened.accepted_oere else NOT_COVERED
    return FailedGuard(EXPENSE_SCREENED, sentence.format(grund=screened.code.dansk), _SOURCE)


def screened_in(told: Iterable[Entry[Any]], version: int) -> Screened | None:
    """How the expense that an entry documents is screened, by entries in the order they happened."""
    return Posting(told).screened().get(version)
