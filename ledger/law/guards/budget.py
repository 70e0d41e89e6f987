"""Guards on the budget: the year's cap, the dates of tilsyn, and a second pair of eyes on large amounts."""

from ledger.facts.accounts import TilbagebetalingskravIssued
from ledger.facts.budget import AnnualBudgetDecided, BudgetPostAdjusted, BudgetPostApproved, PostAdjustedResultat
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen
from ledger.law.settlement import Grants


@guard(
    "G18",
    BudgetPostApproved,
    BudgetPostAdjusted,
    source="serviceloven § 32 a, stk. 6, nu barnets lov § 85, stk. 6; Esbjerg Kommunes vejledning",
)
def grants_stay_under_the_cap(seen: Seen, fact: BudgetPostApproved | BudgetPostAdjusted) -> bool:
    """Det samlede budget overskrider årets loft, eller loftet for året er ikke registreret."""
    if isinstance(fact, BudgetPostAdjusted) and fact.resultat is not PostAdjustedResultat.FORHOEJET:
        return True
    cap = seen.law.cap(fact.year)
    grants = seen.sum_of(Grants, BudgetPostApproved, BudgetPostAdjusted)
    return cap is not None and grants.committed_with(fact, seen.law.municipality.cap_period) <= cap.value


@guard(
    "G29", AnnualBudgetDecided,
        source="Esbjerg Kommunes vejledning (årsafgørelsen angiver årets tilsyn, "
        "Esbjerg)", flag="NO_TILSYN_DATES",
    everywhere=False,
)  # fmt: skip
def tilsyn_are_dated(seen: Seen, fact: AnnualBudgetDecided) -> bool:
    """Årsafgørelsen skal angive datoerne for årets to tilsyn."""
    dates = {day for day in fact.tilsyn_dates if day.year == fact.year}
    return not fact.continuation or len(dates) >= seen.number("tilsyn_a_year")


@guard(
    "", BudgetPostApproved, TilbagebetalingskravIssued, flag="NO_SECOND_APPROVER",
    source="kommunens interne kontrol (to personer om store beløb)",
)  # fmt: skip
def large_amount_is_approved_by_two(seen: Seen, fact: BudgetPostApproved | TilbagebetalingskravIssued) -> bool:
    """Beløbet er så stort, at en anden medarbejder skal godkende det; det er ikke registreret, hvem der har."""
    if fact.amount_oere <= seen.number("second_approver_above_oere") or seen.on_behalf_of is not None:
        return True
    second = getattr(fact, "second_approver", None)
    return second is not None and second.user_id != seen.actor.user_id
