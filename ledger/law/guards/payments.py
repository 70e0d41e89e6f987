"""Guards on payments, helpers and the review of expenses."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from typing import Any, Final

from ledger.facts.budget import BudgetPostAdjusted, BudgetPostApproved
from ledger.facts.decision import HjemmetraeningEndedAtAge18
from ledger.facts.entry import Entry
from ledger.facts.payments import (
    BusinessAccountRegistered,
    ExpenseResultat,
    ExpenseReviewed,
    HelperEngaged,
    Insurance,
    PaymentKind,
    PaymentMade,
    Relation,
    SupportStopped,
)
from ledger.facts.values import Erased
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen, given

_TAKES_AWAY: Final = {"afslaaet", "ophoert", "nedsat", "justeret"}


@guard(
    "G15", SupportStopped, flag="TERMINATION_WITHOUT_DECISION",
    source="forvaltningsloven §§ 19 og 22 (hjælp stoppes ved afgørelse); DUKH-nyt 1/2016",
)  # fmt: skip
def stop_follows_a_decision(seen: Seen, fact: SupportStopped) -> bool:
    """Hjælpen er stoppet uden en forudgående afgørelse."""
    if seen.any(HjemmetraeningEndedAtAge18):  # it ends by law, without a decision
        return True
    decision = seen.pointed_one("decision")
    return decision is not None and decision.fact.resultat in _TAKES_AWAY and _effect(decision) <= fact.stopped_on


def _effect(decision: Entry[Any]) -> Any:
    return getattr(decision.fact, "effective_on", None) or decision.occurred_on


@guard("G19", HelperEngaged, source="børneattestloven; Esbjerg Kommunes vejledning (ansættelse af hjælpetrænere)")
def helper_may_work_with_the_child(_: Seen, fact: HelperEngaged) -> bool:
    """Hjælpetræneren kan ikke registreres: attester skal foreligge før start, og familie, venner og kærester
    kan ikke ansættes.
    """
    attests = (fact.boerneattest_on, fact.straffeattest_on)
    in_time = all(isinstance(day, Erased) or day <= fact.started_on for day in attests)
    return in_time and fact.relation is Relation.NONE


@guard("G19", HelperEngaged, source="ansættelsesbevisloven; Esbjerg Kommunes vejledning", flag="NO_CONTRACT")
def helper_has_a_contract(_: Seen, fact: HelperEngaged) -> bool:
    """Der er ingen ansættelseskontrakt med hjælpetræneren; bed familien om den."""
    return fact.contract


@guard("G19", HelperEngaged, source="CVR-loven (arbejdsgivere registreres); Esbjerg Kommunes vejledning", flag="NO_CVR")
def employer_is_registered(seen: Seen, _: HelperEngaged) -> bool:
    """Familien er ikke registreret som arbejdsgiver; registrér erhvervskonto og CVR-nummer."""
    return any(given(account.fact.cvr) for account in seen.of(BusinessAccountRegistered))


@guard(
    "G19",
    HelperEngaged,
    source="arbejdsskadesikringsloven; Esbjerg Kommunes vejledning (over 400 timer om året)",
    flag="NO_INSURANCE",
)
def helper_is_insured(seen: Seen, fact: HelperEngaged) -> bool:
    """De lovpligtige forsikringer af hjælpetræneren er ikke alle tegnet; bed familien om dem."""
    if fact.planned_hours_per_year <= seen.number("helper_insurance_hours"):
        return True
    return set(Insurance) <= set(fact.insurance or ())


def granted(seen: Seen, year: int, post: str) -> int | None:
    """What the post is granted for the year, in øre; None when it never was."""
    approved = seen.newest(BudgetPostApproved, year=year, post=post)
    adjusted = seen.newest(BudgetPostAdjusted, year=year, post=post)
    if approved is None:
        return None
    if adjusted is None or (adjusted.occurred_on, adjusted.version) < (approved.occurred_on, approved.version):
        return approved.fact.amount_oere
    return adjusted.fact.new_amount_oere


@guard(
    "G36",
    PaymentMade,
    source="serviceloven § 32 a, stk. 6, nu barnets lov § 85, stk. 6; Esbjerg Kommunes vejledning (den bevilgede post)",
)
def payment_is_within_the_post(seen: Seen, fact: PaymentMade) -> bool:
    """Betalingen overstiger den bevilgede post; restbeløbet afholdes af familien."""
    if fact.kind not in (PaymentKind.SUPPLIER_INVOICE, PaymentKind.WAGE) or fact.post is None:
        return True
    grant = granted(seen, fact.year, fact.post)
    paid = sum(entry.fact.amount_oere for entry in seen.of(PaymentMade, year=fact.year, post=fact.post))
    return grant is None or paid + fact.amount_oere <= grant


@guard(
    "G37",
    PaymentMade,
    source="serviceloven § 32 a, stk. 6, nu barnets lov § 85, stk. 6; "
    "Esbjerg Kommunes vejledning (kun bevilgede poster)",
)
def paid_post_is_granted(seen: Seen, fact: PaymentMade) -> bool:
    """Posten er ikke bevilget for året; træf afgørelse om posten, før der betales på den."""
    return fact.post is None or granted(seen, fact.year, fact.post) is not None


@guard(
    "G40", PaymentMade, source="Esbjerg Kommunes vejledning (hver post har sit formål, og intet flyttes mellem poster)"
)
def payment_names_its_post(_: Seen, fact: PaymentMade) -> bool:
    """Betalingen skal henvise til en budgetpost; kun rater betales samlet."""
    return fact.kind is PaymentKind.INSTALMENT or fact.post is not None


@guard("G41", ExpenseReviewed, source="forvaltningsloven § 24 (konkret begrundelse); Esbjerg Kommunes vejledning")
def what_is_not_accepted_has_its_reason(_: Seen, fact: ExpenseReviewed) -> bool:
    """Angiv koden for, hvorfor udgiften ikke godkendes fuldt ud."""
    return fact.resultat_review is ExpenseResultat.ACCEPTED or fact.code is not None
