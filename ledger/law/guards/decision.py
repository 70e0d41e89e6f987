"""Guards on hearings, visitation and what every decision must say."""
# ruff: noqa: D205  (a guard's docstring is the one Danish sentence that a no says)

from typing import Any

from ledger.facts.assessment import BoernefagligUndersoegelseOpened
from ledger.facts.decision import (
    DeadlineExtensionNotified,
    ElementResultat,
    HealthClass,
    HjemmetraeningApproved,
    HjemmetraeningRefused,
    HjemmetraeningTerminated,
    IndstillingSentToVisitation,
    MethodElementDecided,
    PartshoeringAnswered,
    PartshoeringDeadlineExtended,
    PartshoeringExpired,
    PartshoeringSent,
    RefusalGround,
    VisitationResultat,
    WrittenReasonsRequested,
)
from ledger.facts.entry import Entry
from ledger.facts.fact import Decision, Favourable
from ledger.facts.intake import MeetingHeld, MeetingKind
from ledger.law.counting import Duration, Unit, after, roll
from ledger.law.deadlines import last_day
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen, given
from ledger.law.rule import Kind


def is_heard(seen: Seen, hearing: Entry[Any] | None) -> bool:
    """Whether a hearing is over: answered, recorded as expired, or its last day has passed (CLARIFICATIONS 13)."""
    if hearing is None:
        return False
    closing = (PartshoeringAnswered, PartshoeringExpired)
    if any(next(seen.pointing(one, "hearing", hearing.version), None) for one in closing):
        return True
    extended = next(seen.pointing(PartshoeringDeadlineExtended, "hearing", hearing.version), None)
    due = extended.fact.new_due_on if extended else last_day(seen.law, seen.told, hearing, Kind.HEARING)
    return due is not None and due < seen.on


@guard(
    "G08",
    MethodElementDecided,
    source="serviceloven § 32 a, stk. 2, nu barnets lov § 85, stk. 2; "
    "Aarhus Kommunes vejledning, Esbjerg Kommunes vejledning",
)
def element_is_no_specialised_treatment(_: Seen, fact: MethodElementDecided) -> bool:
    """Specialiserede sundhedsfaglige elementer (fx trykkammer eller CPAP) kan ikke godkendes som hjemmetræning."""
    return fact.resultat is ElementResultat.AFSLAAET or fact.health_class is not HealthClass.SPECIALISED_HEALTH


@guard(
    "G09", HjemmetraeningRefused, MethodElementDecided, flag="GENERAL_REFUSAL",
    source="forvaltningsloven §§ 22 og 24; DUKH-nyt 1/2016",
)  # fmt: skip
def each_element_has_its_reason(_: Seen, fact: HjemmetraeningRefused | MethodElementDecided) -> bool:
    """Afslaget skal begrundes konkret for hvert element og ikke med en generel henvisning."""
    if isinstance(fact, MethodElementDecided):
        return fact.resultat is ElementResultat.GODKENDT or given(fact.begrundelse)
    return all(given(element.reason) for element in fact.elements_refused or ())


@guard(
    "G11",
    IndstillingSentToVisitation,
    source="forvaltningsloven § 19; Aarhus Kommunes procesoversigt, Aarhus Kommunes vejledning, DUKH-nyt 1/2016",
)
def parties_are_heard_before_visitation(seen: Seen, _: IndstillingSentToVisitation) -> bool:
    """Indstillingen kan ikke sendes til Visitationsudvalget, før partshøringen er besvaret eller fristen er udløbet."""
    named = seen.refs.get("hearings") or ()
    hearings = seen.pointed("hearings")
    standing = len(hearings) == len(named) if isinstance(named, tuple) else bool(hearings)
    return bool(hearings) and standing and all(is_heard(seen, hearing) for hearing in hearings)


@guard(
    "G12",
    HjemmetraeningApproved,
    HjemmetraeningRefused,
    source="Aarhus Kommunes procesoversigt, Esbjerg Kommunes vejledning (Visitationsudvalget afgør)",
    everywhere=False,
)
def decided_at_a_visitation(seen: Seen, fact: HjemmetraeningApproved | HjemmetraeningRefused) -> bool:
    """Afgørelsen skal være truffet på et visitationsmøde."""
    if isinstance(fact, HjemmetraeningRefused) and fact.ground is RefusalGround.MAALGRUPPE:
        return True
    meeting = seen.pointed_one("visitation")
    return meeting is not None and meeting.fact.resultat is not VisitationResultat.UDSAT


AnyDecision = Decision | BoernefagligUndersoegelseOpened


@guard(
    "G13", Decision, BoernefagligUndersoegelseOpened,
    source="forvaltningsloven §§ 22, 24 og 25; DUKH-nyt 1/2016 (afgørelser skal begrundes og have klagevejledning)",
)  # fmt: skip
def decision_says_what_it_must(_: Seen, fact: AnyDecision) -> bool:
    """Afgørelsen mangler hjemmel, begrundelse eller klagevejledning."""
    if not fact.decides:
        return True
    reasoned = fact.favourable is Favourable.FULL or (given(fact.begrundelse) and fact.klagevejledning is not None)
    return bool(fact.hjemmel) and reasoned


@guard("G13", BoernefagligUndersoegelseOpened, source="forvaltningsloven §§ 22, 24 og 25")
def undersoegelse_is_told_as_a_decision(_: Seen, fact: BoernefagligUndersoegelseOpened) -> bool:
    """Undersøgelsen er meddelt som en afgørelse; angiv også resultat, afsendelsesdag, forsendelsesmåde,
    modtagere, hvem der har afgjort, og om den er til gunst for parterne.
    """
    needed = (fact.resultat, fact.sent_on, fact.channel, fact.recipients, fact.decided_by, fact.favourable)
    return not fact.issued_as_decision or all(needed)


@guard("G13", Decision, BoernefagligUndersoegelseOpened, source="forvaltningsloven § 25 (fristen løber fra brevet)")
def decision_is_dated_by_its_letter(seen: Seen, fact: AnyDecision) -> bool:
    """Afgørelsens dag skal være den dag, brevet blev sendt (sent_on)."""
    return not fact.decides or fact.sent_on in (None, seen.on)


@guard(
    "G14", HjemmetraeningApproved, flag="TIME_LIMITED",
    source="serviceloven § 32 a, nu barnets lov § 85 (ingen hjemmel til generel tidsbegrænsning); DUKH-nyt 1/2016",
)  # fmt: skip
def is_open_ended(_: Seen, fact: HjemmetraeningApproved) -> bool:
    """Godkendelsen er tidsbegrænset; angiv den særlige begrundelse."""
    return fact.ends_on is None or given(fact.time_limit_reason)


@guard("G16", HjemmetraeningTerminated, source="forvaltningsloven § 19; DUKH-nyt 1/2016, Esbjerg Kommunes vejledning")
def family_is_heard_before_the_end(seen: Seen, _: HjemmetraeningTerminated) -> bool:
    """Hjemmetræningen kan ikke bringes til ophør, før familien er hørt skriftligt eller på et møde."""
    meeting = seen.pointed_one("meeting")
    met = meeting is not None and isinstance(meeting.fact, MeetingHeld)
    talked = met and meeting is not None and meeting.fact.kind is MeetingKind.TERMINATION_DIALOGUE
    return talked or is_heard(seen, seen.pointed_one("hearing"))


@guard(
    "G30",
    PartshoeringSent,
    source="forvaltningsloven § 19 (rimelig frist); Aarhus Kommunes vejledning, Esbjerg Kommunes vejledning (to uger)",
    flag="SHORT_HEARING",
)
def there_is_time_to_answer(seen: Seen, fact: PartshoeringSent) -> bool:
    """Høringsfristen er kortere end to uger."""
    usual = roll(after(seen.on, Duration(Unit.WEEKS, seen.number("hearing_weeks"))), seen.law.calendar)
    return fact.answer_due_on is None or fact.answer_due_on >= usual


@guard(
    "G43",
    DeadlineExtensionNotified,
    source="retssikkerhedsloven § 3, stk. 2 (skriftlig underretning); Aarhus Kommunes procesoversigt",
)
def delay_is_told_in_writing(_: Seen, fact: DeadlineExtensionNotified) -> bool:
    """Udsættelsen skal meddeles skriftligt; send et brev med den nye dato."""
    return fact.written


@guard("", WrittenReasonsRequested, source="forvaltningsloven § 23, stk. 1", flag="LATE_REQUEST")
def reasons_are_asked_for_in_time(seen: Seen, fact: WrittenReasonsRequested) -> bool:
    """Der er bedt om en skriftlig begrundelse senere end 14 dage efter den mundtlige afgørelse."""
    limit = Duration(Unit.DAYS, seen.number("written_reasons_request_days"))
    return seen.on <= after(fact.oral_decision_on, limit)
