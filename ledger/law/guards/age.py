"""Help is for children: nothing is granted from the 18th birthday on."""

from datetime import date
from typing import Final

from ledger.facts.budget import AdjustmentCause, AnnualBudgetDecided, BudgetPostAdjusted, BudgetPostApproved
from ledger.facts.changes import MethodChangeDecided, MethodSupplementDecided
from ledger.facts.decision import (
    HjemmetraeningApproved,
    HjemmetraeningReviewed,
    MethodElementDecided,
    OtherSupportGranted,
)
from ledger.facts.fact import Decision
from ledger.facts.lifecycle import PartyKind, PartyRegistered
from ledger.facts.lost_earnings import TabtArbejdsfortjenesteAdjusted, TabtArbejdsfortjenesteDecided
from ledger.facts.values import Erased
from ledger.law.counting import months_after
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen

_GRANTED: Final = {
    "godkendt", "delvist_godkendt", "fortsat", "justeret", "bevilget", "delvist_bevilget", "forhoejet",
}  # fmt: skip


def is_under_age(seen: Seen, day: date) -> bool:
    """Whether the child is not yet 18 on a day. A birth date that nobody knows (any more) stops nothing."""
    child = seen.newest(PartyRegistered, kind=PartyKind.CHILD)
    born = child.fact.birth_date if child else None
    if born is None or isinstance(born, Erased):
        return True
    return day < months_after(born, seen.number("child_until_months"))


@guard(
    "G26", HjemmetraeningApproved, HjemmetraeningReviewed, MethodElementDecided, OtherSupportGranted,
    BudgetPostApproved, BudgetPostAdjusted, AnnualBudgetDecided, MethodChangeDecided, MethodSupplementDecided,
    TabtArbejdsfortjenesteDecided, TabtArbejdsfortjenesteAdjusted,
    source="serviceloven §§ 32 a og 42, nu barnets lov §§ 85 og 87 (børn under 18 år); "
    "Nyborg Kommunes kvalitetsstandard, Esbjerg Kommunes vejledning (principafgørelse 45-14)",
)  # fmt: skip
def grants_nothing_after_childhood(seen: Seen, fact: Decision) -> bool:
    """Der kan ikke bevilges hjælp med virkning efter den unges 18-års dag."""
    return getattr(fact, "resultat", None) not in _GRANTED or is_under_age(seen, _takes_effect(seen, fact))


def _takes_effect(seen: Seen, fact: Decision) -> date:
    year = getattr(fact, "year", None)
    if isinstance(fact, BudgetPostAdjusted) and fact.cause is not AdjustmentCause.CHANGE_OF_NEED:
        return date(fact.year, 1, 1)  # a klage that was right changes what the year was granted from its start
    if year is not None:  # a grant for a year takes effect in it, also when it is made before or after
        return min(max(seen.on, date(year, 1, 1)), date(year, 12, 31))
    named = (getattr(fact, name, None) for name in ("starts_on", "effective_on", "from_on"))
    return next((day for day in named if day is not None), seen.on)
