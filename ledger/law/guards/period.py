"""A decision rests on the law of its own day."""

import re
from datetime import date
from typing import Final

from ledger.facts.accounts import AccountsDecided, TilbagebetalingskravIssued
from ledger.facts.assessment import BoernefagligUndersoegelseOpened
from ledger.facts.fact import Decision
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen
from ledger.law.period import period_of

AnyDecision = Decision | BoernefagligUndersoegelseOpened

_BARNETS_LOV: Final = "p2"
_REPAYMENT: Final = re.compile(r"§ ?(164|190)\b")


@guard(
    "", Decision, BoernefagligUndersoegelseOpened, flag="WRONG_LAW_PERIOD",
    source="barnets lov, i kraft den 1. januar 2024 i stedet for serviceloven",
)  # fmt: skip
def hjemmel_was_law_that_day(seen: Seen, fact: AnyDecision) -> bool:
    """Hjemlen hører til en lov, der ikke gjaldt på afgørelsens dag; nævn den lov, der gjaldt."""
    if not fact.decides:
        return True
    wrong = "serviceloven §" if period_of(seen.on) == _BARNETS_LOV else "barnets lov"
    return not any(
        text.casefold().startswith(wrong) and not _is_of_an_older_year(fact, text) for text in fact.hjemmel or ()
    )


def _is_of_an_older_year(fact: AnyDecision, text: str) -> bool:
    """Repayment of a budget year under serviceloven: its § 164 and barnets lov § 190 are both accepted."""
    if not isinstance(fact, AccountsDecided | TilbagebetalingskravIssued):
        return False
    return period_of(date(fact.year, 12, 31)) != _BARNETS_LOV and bool(_REPAYMENT.search(text))
