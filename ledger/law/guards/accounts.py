"""Guards on the year's accounts and on claiming money back."""

from typing import Final

from ledger.facts.accounts import (
    AccountsDecided,
    AccountsReceived,
    TilbagebetalingReceived,
    TilbagebetalingskravIssued,
)
from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved
from ledger.facts.changes import AbsencePlanned
from ledger.facts.decision import (
    HjemmetraeningApproved,
    HjemmetraeningEndedAtAge18,
    HjemmetraeningStarted,
    HjemmetraeningTerminated,
)
from ledger.facts.fact import Fact
from ledger.facts.payments import ExpenseDocumented, ExpenseReviewed, PaymentMade
from ledger.law.guards import guard
from ledger.law.guards.decision import is_heard
from ledger.law.guards.seen import Seen
from ledger.law.posting import Posting
from ledger.law.settlement import most_to_claim, settled_year
from ledger.law.told import Told
from ledger.law.training import is_over

MONEY: Final[tuple[type[Fact], ...]] = (
    BudgetPostApproved, BudgetPostAdjusted, PaymentMade, ExpenseDocumented, ExpenseReviewed, AccountsReceived,
    TilbagebetalingReceived, HjemmetraeningApproved, AbsencePlanned,
)  # fmt: skip
"""What the settlement of a year rests on."""


@guard(
    "G22",
    TilbagebetalingskravIssued,
    source="forvaltningsloven § 19; Esbjerg Kommunes vejledning (partshøring før tilbagebetaling)",
)
def family_is_heard_before_a_claim(seen: Seen, _: TilbagebetalingskravIssued) -> bool:
    """Tilbagebetaling kan ikke afgøres, før familien er partshørt."""
    return is_heard(seen, seen.pointed_one("hearing"))


@guard(
    "G35",
    TilbagebetalingskravIssued,
    source="serviceloven § 164, nu barnets lov § 190; Esbjerg Kommunes vejledning, bilag 12",
)
def claim_is_within_the_settlement(seen: Seen, fact: TilbagebetalingskravIssued) -> bool:
    """Kravet er større end det beregnede tilbagebetalingsbeløb."""
    repay = settled_year(seen.sum_of(Posting, *MONEY), fact.year).repay_oere
    return repay is None or fact.amount_oere <= repay


@guard(
    "", TilbagebetalingskravIssued, flag="CLAIM_EXCEEDS_PAID",
    source="serviceloven § 164, nu barnets lov § 190 (kun hvad der er udbetalt, kan kræves tilbage)",
)  # fmt: skip
def claim_is_within_what_was_paid(seen: Seen, fact: TilbagebetalingskravIssued) -> bool:
    """Kravet er større end det, familien har fået udbetalt ud over de godkendte udgifter."""
    return fact.amount_oere <= most_to_claim(seen.sum_of(Posting, *MONEY), fact.year)


@guard("G38", AccountsDecided, source="Esbjerg Kommunes vejledning, bilag 12 (regnskabet aflægges efter endt budgetår)")
def year_is_over(seen: Seen, fact: AccountsDecided) -> bool:
    """Regnskabet kan ikke afgøres, før budgetåret eller hjemmetræningen er slut."""
    training = (HjemmetraeningStarted, HjemmetraeningTerminated, HjemmetraeningEndedAtAge18)
    return is_over(fact.year, Told(seen.all_of(*training)), seen.on)
