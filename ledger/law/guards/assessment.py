"""Guards on målgruppe and on what a decision on hjemmetræning must rest on."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from ledger.facts.assessment import (
    BoernefagligUndersoegelseClosed,
    ChildTalkHeld,
    ChildTalkOmitted,
    HealthAssessmentReceived,
    MaalgruppeAssessmentStepRecorded,
    MaalgruppeDecided,
    MaalgruppeResult,
)
from ledger.facts.budget import BudgetApplicationReceived
from ledger.facts.changes import MethodChangeDecided, MethodResultat, MethodSupplementDecided
from ledger.facts.decision import HjemmetraeningApproved, IndstillingPrepared, Recommendation
from ledger.facts.intake import (
    ApplicationPart,
    ApplicationReceived,
    ApplicationSupplemented,
    InformationReceived,
    MeetingHeld,
)
from ledger.facts.plan import TidsOgFaseplanAssessed, UgeskemaReceived
from ledger.law.counting import months_after
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen


@guard(
    "G03",
    MaalgruppeDecided,
    source="bekendtgørelse om særlige dagtilbud § 1; Esbjerg Kommunes vejledning, bilag 2",
    flag="THIN_BASIS",
)
def maalgruppe_rests_on_something(seen: Seen, _: MaalgruppeDecided) -> bool:
    """Afgørelsen om målgruppe mangler en registreret oplysning eller vurdering at bygge på."""
    return seen.any(InformationReceived) or seen.any(MaalgruppeAssessmentStepRecorded)


@guard(
    "G04",
    HjemmetraeningApproved,
    source="serviceloven §§ 32 og 32 a, stk. 1, nu barnets lov § 85, stk. 1; "
    "Aarhus Kommunes procesoversigt, Esbjerg Kommunes vejledning",
)
def child_is_in_the_group(seen: Seen, _: HjemmetraeningApproved) -> bool:
    """Hjemmetræning kan ikke godkendes, før der er en gældende afgørelse om, at barnet er omfattet af målgruppen."""
    decided = seen.newest(MaalgruppeDecided)
    return decided is not None and decided.fact.resultat is MaalgruppeResult.OMFATTET


@guard(
    "G05", HjemmetraeningApproved,
    source="serviceloven § 32 a, stk. 3, og § 50, stk. 3, nu barnets lov § 85, stk. 3, §§ 20-22 og § 5; "
    "Esbjerg Kommunes vejledning",
)  # fmt: skip
def child_and_family_are_examined(seen: Seen, _: HjemmetraeningApproved) -> bool:
    """Hjemmetræning kan ikke godkendes, før den børnefaglige undersøgelse er afsluttet,
    og børnesamtalen er holdt eller begrundet undladt.
    """
    closed = seen.newest(BoernefagligUndersoegelseClosed)
    if closed is None or seen.on > months_after(closed.occurred_on, seen.number("undersoegelse_valid_months")):
        return False
    return seen.any(ChildTalkHeld) or seen.any(ChildTalkOmitted)


@guard(
    "G06",
    HjemmetraeningApproved,
    source="Esbjerg Kommunes vejledning (rådgiveren møder barnet, Esbjerg)",
    everywhere=False,
)
def child_has_been_met(seen: Seen, _: HjemmetraeningApproved) -> bool:
    """Rådgiveren skal have mødt barnet, før hjemmetræning kan godkendes."""
    return seen.any(ChildTalkHeld) or seen.any(MeetingHeld, child_present=True)


@guard(
    "G07", HjemmetraeningApproved, MethodChangeDecided, MethodSupplementDecided,
    source="serviceloven § 32 a, stk. 3, 2. pkt., nu barnets lov § 85, stk. 3, 2. pkt.; Esbjerg Kommunes vejledning",
)  # fmt: skip
def health_has_been_assessed(
    seen: Seen, fact: HjemmetraeningApproved | MethodChangeDecided | MethodSupplementDecided
) -> bool:
    """Metoden indeholder fysiske, sundhedsfaglige elementer, så der skal foreligge en sundhedsfaglig vurdering."""
    if not fact.physical_health_elements or fact.resultat == MethodResultat.AFSLAAET:
        return True
    return seen.any(HealthAssessmentReceived)


_ON_THE_APPLICATION = (Recommendation.GODKEND, Recommendation.GODKEND_DELVIST, Recommendation.AFSLAG)


@guard(
    "G10",
    IndstillingPrepared,
    source="serviceloven § 32 a, stk. 1 og 3; "
    "Aarhus Kommunes procesoversigt, Aarhus Kommunes vejledning (forløbet i Aarhus)",
    everywhere=False,
)
def everything_is_there_for_the_indstilling(seen: Seen, fact: IndstillingPrepared) -> bool:
    """Indstillingen kan ikke udarbejdes, før planen er vurderet, ugeskema og budget er modtaget,
    og den børnefaglige undersøgelse er afsluttet.
    """
    if fact.recommendation not in _ON_THE_APPLICATION:
        return True
    needed = (TidsOgFaseplanAssessed, UgeskemaReceived, BoernefagligUndersoegelseClosed)
    return all(seen.any(one) for one in needed) and _budget_is_there(seen)


def _budget_is_there(seen: Seen) -> bool:
    enclosed = seen.all_of(ApplicationReceived, ApplicationSupplemented)
    return seen.any(BudgetApplicationReceived) or any(ApplicationPart.BUDGET in one.fact.parts for one in enclosed)


@guard(
    "G42",
    MaalgruppeDecided,
    source="Aarhus Kommunes procesoversigt (Pædagogisk Afdeling afgør målgruppen i Aarhus)",
    everywhere=False,
)
def maalgruppe_was_asked_for(seen: Seen, _: MaalgruppeDecided) -> bool:
    """Afgørelsen om målgruppe skal henvise til oversendelsen til Pædagogisk Afdeling (requested)."""
    return seen.pointed_one("requested") is not None
