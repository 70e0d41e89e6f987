"""Every guard on the way of a case from application to end: an accepted and a refused edge side by side."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import pytest

from ledger.facts.values import ERASED
from tests.guarding import Told, broken, told

MAALGRUPPE = told("MaalgruppeDecided", "2021-06-01", resultat="omfattet")
UNDERSOEGELSE = told("BoernefagligUndersoegelseOpened", "2021-06-02", issued_as_decision=False)
ABOUT = {"undersoegelse": "BoernefagligUndersoegelseOpened"}
EXAMINED = (
    UNDERSOEGELSE,
    told("BoernefagligUndersoegelseClosed", "2021-09-30", ABOUT),
    told("ChildTalkHeld", "2021-06-22", ABOUT),
)
APPLICATION = told("ApplicationReceived", "2021-02-01", applicants=["p-mor"], parts=["budget"])
VISITATION = (
    told("IndstillingPrepared", "2021-09-30"),
    told("PartshoeringSent", "2021-10-01", answer_due_on=None, key="hearing"),
    told("PartshoeringAnswered", "2021-10-10", {"hearing": "hearing"}),
    told("IndstillingSentToVisitation", "2021-10-21", {"indstilling": "IndstillingPrepared", "hearings": ("hearing",)}),
    told("VisitationHeld", "2021-11-18", {"sent": "IndstillingSentToVisitation"}, resultat="godkendt"),
)


def approval(on: str = "2021-12-08", refs: dict[str, Any] | None = None, **data: Any) -> Told:
    return told(
        "HjemmetraeningApproved", on, {"application": "ApplicationReceived"} | (refs or {}),
        **({"physical_health_elements": False, "ends_on": None, "starts_on": None} | data),
    )  # fmt: skip


def ended(on: str = "2022-06-01", refs: dict[str, Any] | None = None) -> Told:
    return told("HjemmetraeningTerminated", on, refs, effective_on=on)


HEARING = told("PartshoeringSent", "2022-03-01", answer_due_on=None, key="hearing")
"""Its last day to answer is Tuesday 15 March 2022."""
SENT = told("IndstillingSentToVisitation", "2022-03-16", {"hearings": ("hearing",)})
LETTER = told("TilbagebetalingskravIssued", "2023-03-30", key="letter").by("u-1", "fc_raadgiver")
"""Read the same day, so that the last day to complain is 27 April 2023."""
SENT_BACK = (
    told("KlageReceived", "2022-01-05", key="klage"),
    told("AnkestyrelsenDecided", "2022-05-02", {"klager": ("klage",)}, udfald="hjemvist"),
)
TILSYN = told("TilsynHeld", "2022-06-09", child_present=False, child_absent_reason=None)


PLAN = (
    told("TidsOgFaseplanAssessed", "2021-09-10"),
    told("UgeskemaReceived", "2021-06-28"),
)
USED = {"decision": "MethodChangeDecided"}


class Edge(NamedTuple):
    """One line that the law draws. The last fact of each story is the one that is asked about."""

    guard: str
    accepted: tuple[Told, ...]
    refused: tuple[Told, ...]
    municipality: str = "nyborg"


def application(on: str = "2021-02-01", **data: Any) -> Told:
    return told("ApplicationReceived", on, **({"applicants": ["p-mor"]} | data))


def asked(on: str = "2021-02-03", **data: Any) -> Told:
    return told("InformationRequested", on, **({"source": "hospital", "without_consent_basis": None} | data))


def consent(on: str = "2021-02-01", valid_to: str | None = None) -> Told:
    return told("ConsentGiven", on, given_by=["p-mor"], sources=["hospital", "gp"], valid_to=valid_to)


def refusal(on: str, source: str = "hospital") -> Told:
    return told("ConsentRefused", on, by="p-far", sources=[source])


def refused(ground: str = "specialised_health", reason: str = "Elementet er sygehusbehandling.") -> Told:
    element = {"method": "metode 1", "element": "trykkammer", "reason": reason}
    about = {"application": "ApplicationReceived"}
    return told("HjemmetraeningRefused", "2021-12-08", about, ground=ground, elements_refused=[element])


def sent(on: str) -> Told:
    return replace(SENT, on=date.fromisoformat(on))


def extended(to: str) -> Told:
    return told("PartshoeringDeadlineExtended", "2022-03-10", {"hearing": "hearing"}, new_due_on=to)


def decided(**data: Any) -> Told:
    return told("MaalgruppeDecided", "2021-06-01", **data)


def opened(**data: Any) -> Told:
    return told("BoernefagligUndersoegelseOpened", "2021-06-02", **data)


def method(resultat: str) -> Told:
    return told("MethodChangeDecided", "2022-01-01", resultat=resultat)


def report(**data: Any) -> Told:
    return told("TilsynsrapportPrepared", "2022-06-20", {"tilsyn": "TilsynHeld"}, **data)


def _approver(role: str = "leder") -> dict[str, str]:
    return {"user_id": "u-led-01", "name": "Poul Prøve", "role": role}


def corrected(target: str = "MaalgruppeDecided", on: str = "2022-02-01", **data: Any) -> Told:
    said = {
        "field": "about",
        "old": "phone_call",
        "new": "other",
        "approved_by": _approver(),
        "letter_was_right": None,
    } | data
    return told("EntryCorrected", on, {"target": target}, **said)


def annulled(target: str = "MaalgruppeDecided") -> Told:
    return told("EntryAnnulled", "2022-02-02", {"target": target}, approved_by=_approver())


def mandate(**data: Any) -> Told:
    said = {
        "mandate": "m-1", "holder_unit": "ledelse", "holder_user": None, "granted_by": {"unit": "pa", "name": "Navn"},
        "event_types": ["MaalgruppeDecided"], "valid_from": "2021-06-01", "valid_to": None,
    }  # fmt: skip
    return told("MandateRegistered", "2021-01-01", **(said | data))


def by_mandate() -> Told:
    return MAALGRUPPE.by("u-1", "registrator").mandated("m-1", "pa")


def raised(on: str, **data: Any) -> Told:
    return told("BudgetPostAdjusted", on, resultat="forhoejet", **({"year": 2034} | data))


def klage(on: str, refs: dict[str, Any] | None = None, **data: Any) -> Told:
    return told("KlageReceived", on, {"decision": "letter"} if refs is None else refs, key="klage", **data)


def forwarded(on: str = "2023-06-01") -> Told:
    return told("KlageForwarded", on, {"klage": "klage"})


def genvurdering(resultat: str = "fastholdt", user: str = "u-2") -> Told:
    about = {"klage": "klage"}
    return told("GenvurderingCompleted", "2023-05-22", about, resultat_genvurdering=resultat).by(user, "soc_raadgiver")


EDGES = {
    "every applicant holds custody": Edge(
        "G01", (application(applicants=["p-mor", "p-far"]),),
        (told("PartyRegistered", "2021-01-01", party="p-far", kind="parent", custody="none"),
         application(applicants=["p-mor", "p-far"])),
    ),
    "someone applies": Edge("G01", (application(),), (application(applicants=[]),)),
    "custody is there on the day": Edge(
        "G01", (told("PartyRegistered", "2021-02-01", party="p-ven", kind="custody_holder", custody="sole"),
                application(applicants=["p-ven"])),
        (told("PartyRegistered", "2021-02-02", party="p-ven", kind="custody_holder", custody="sole"),
         application(applicants=["p-ven"])),
    ),
    "the child is not 18 yet": Edge("G01", (application("2034-09-13"),), (application("2034-09-14"),)),
    "in Nyborg the child is in the group first": Edge(
        "G01N", (MAALGRUPPE, application("2021-06-01")), (MAALGRUPPE, application("2021-05-31")),
    ),
    "there is consent to ask a source": Edge("G02", (consent(), asked()), (consent(), asked(source="school"))),
    "a consent has not run out": Edge(
        "G02", (consent(valid_to="2021-02-03"), asked()), (consent(valid_to="2021-02-02"), asked()),
    ),
    "a consent was not taken back for the source": Edge(
        "G02", (consent(), refusal("2021-02-02", "gp"), asked()), (consent(), refusal("2021-02-02"), asked()),
    ),
    "a consent counts again after a refusal": Edge(
        "G02", (refusal("2021-02-01"), consent(), asked()), (consent(), refusal("2021-02-01"), asked()),
    ),
    "without consent the law is named": Edge(
        "G02", (asked(without_consent_basis="barnets lov § 20, stk. 2"),), (asked(),),
    ),
    "the group rests on information": Edge(
        "G03 THIN_BASIS", (told("MaalgruppeAssessmentStepRecorded", "2021-06-01"), MAALGRUPPE),
        (told("MaalgruppeAssessmentStepRecorded", "2021-06-02"), MAALGRUPPE),
    ),
    "the newest decision says the child is in the group": Edge(
        "G04", (told("MaalgruppeDecided", "2021-05-01", resultat="ikke_omfattet"), MAALGRUPPE, APPLICATION, approval()),
        (MAALGRUPPE, told("MaalgruppeDecided", "2021-07-01", resultat="ikke_omfattet"), APPLICATION, approval()),
    ),
    "the undersøgelse is at most twelve months old": Edge(
        "G05", (*EXAMINED, APPLICATION, approval("2022-09-30")), (*EXAMINED, APPLICATION, approval("2022-10-01")),
    ),
    "the child was talked with, or the omission has its reason": Edge(
        "G05", (*EXAMINED[:2], told("ChildTalkOmitted", "2021-06-22", ABOUT), APPLICATION, approval()),
        (*EXAMINED[:2], APPLICATION, approval()),
    ),
    "in Esbjerg the adviser has met the child": Edge(
        "G06", (APPLICATION, told("MeetingHeld", "2021-12-08", child_present=True), approval()),
        (APPLICATION, told("MeetingHeld", "2021-12-08", child_present=False), approval()), "esbjerg",
    ),
    "a health professional has assessed physical training": Edge(
        "G07", (APPLICATION, told("HealthAssessmentReceived", "2021-12-08"), approval(physical_health_elements=True)),
        (APPLICATION, approval(physical_health_elements=True)),
    ),
    "a method is refused without a health assessment": Edge(
        "G07", (told("MethodChangeDecided", "2022-01-01", physical_health_elements=True, resultat="afslaaet"),),
        (told("MethodChangeDecided", "2022-01-01", physical_health_elements=True, resultat="delvist_godkendt"),),
    ),
    "physical training is not specialised treatment": Edge(
        "G08", (told("MethodElementDecided", "2022-01-01", health_class="physical_health", resultat="godkendt"),),
        (told("MethodElementDecided", "2022-01-01", health_class="specialised_health", resultat="godkendt"),),
    ),
    "each refused element has its reason": Edge(
        "G09 GENERAL_REFUSAL", (APPLICATION, refused(reason="Elementet er sygehusbehandling.")),
        (APPLICATION, refused(reason=" ")),
    ),
    "what is needed for the indstilling is there": Edge(
        "G10", (APPLICATION, *EXAMINED, *PLAN, told("IndstillingPrepared", "2021-09-30", recommendation="godkend")),
        (APPLICATION, *EXAMINED, *PLAN[:-1], told("IndstillingPrepared", "2021-09-30", recommendation="godkend")),
        "aarhus",
    ),
    "an indstilling after a tilsyn needs no new application": Edge(
        "G10", (told("IndstillingPrepared", "2021-09-30", recommendation="fortsaet"),),
        (told("IndstillingPrepared", "2021-09-30", recommendation="afslag"),), "aarhus",
    ),
    "a hearing nobody answered is over after its last day": Edge("G11", (HEARING, SENT), (HEARING, sent("2022-03-15"))),
    "a hearing that was answered is over": Edge(
        "G11", (HEARING, told("PartshoeringAnswered", "2022-03-05", {"hearing": "hearing"}), sent("2022-03-05")),
        (HEARING, told("PartshoeringAnswered", "2022-03-06", {"hearing": "hearing"}), sent("2022-03-05")),
    ),
    "a longer deadline is waited for": Edge(
        "G11", (HEARING, extended("2022-03-20"), sent("2022-03-21")), (HEARING, extended("2022-03-20"), SENT),
    ),
    "every hearing is over": Edge("G11", (HEARING, SENT), (HEARING, told(
        "IndstillingSentToVisitation", "2022-03-16", {"hearings": ()}))),
    "it was decided at a visitation": Edge(
        "G12", (APPLICATION, *VISITATION, approval(refs={"visitation": "VisitationHeld"})),
        (APPLICATION, *VISITATION, approval()), "esbjerg",
    ),
    "a postponed visitation decides nothing": Edge(
        "G12", (APPLICATION, *VISITATION, approval("2021-11-18", {"visitation": "VisitationHeld"})),
        (APPLICATION, *VISITATION, told("VisitationHeld", "2021-11-19", resultat="udsat"),
         approval(refs={"visitation": "VisitationHeld"})), "aarhus",
    ),
    "a child outside the group is refused without visitation": Edge(
        "G12", (APPLICATION, refused(ground="maalgruppe")), (APPLICATION, refused(ground="tarv_og_trivsel")), "aarhus",
    ),
    "a decision names its law": Edge("G13", (MAALGRUPPE,), (decided(hjemmel=[]),)),
    "what is not wholly favourable is reasoned": Edge(
        "G13", (decided(favourable="full", begrundelse=None),), (decided(favourable="partial", begrundelse=None),),
    ),
    "what is not wholly favourable tells how to complain": Edge(
        "G13", (decided(favourable="none"),), (decided(favourable="none", klagevejledning=None),),
    ),
    "reasons that were erased were given": Edge(
        "G13", (decided(favourable="none", begrundelse=ERASED),), (decided(favourable="none", begrundelse="  "),),
    ),
    "a decision is dated by its letter": Edge(
        "G13", (decided(sent_on="2021-06-01"),), (decided(sent_on="2021-05-31"),),
    ),
    "an undersøgelse issued as a decision says what a decision says": Edge(
        "G13", (opened(issued_as_decision=False, decided_by=None, hjemmel=None),),
        (opened(issued_as_decision=True, decided_by=None),),
    ),
    "an approval is open-ended, or says why not": Edge(
        "G14 TIME_LIMITED", (APPLICATION, approval(ends_on="2022-12-31", time_limit_reason=ERASED)),
        (APPLICATION, approval(ends_on="2022-12-31", time_limit_reason=None)),
    ),
    "the family is heard before the end": Edge(
        "G16", (HEARING, ended("2022-03-16", {"hearing": "hearing"})),
        (HEARING, ended("2022-03-15", {"hearing": "hearing"})),
    ),
    "a dialogue about the end is a hearing": Edge(
        "G16", (told("MeetingHeld", "2022-06-01", kind="termination_dialogue"), ended(refs={"meeting": "MeetingHeld"})),
        (told("MeetingHeld", "2022-06-01", kind="home_visit"), ended(refs={"meeting": "MeetingHeld"})),
    ),
    "a method is used after it was decided on": Edge(
        "G21", (method("godkendt"), told("MethodChangeImplemented", "2022-01-01", {"decision": "MethodChangeDecided"})),
        (method("godkendt"), told("MethodChangeImplemented", "2021-12-31", {"decision": "MethodChangeDecided"})),
    ),
    "a refused method is not used": Edge(
        "G21", (method("delvist_godkendt"), told("MethodChangeImplemented", "2022-01-01", USED)),
        (method("afslaaet"), told("MethodChangeImplemented", "2022-01-01", USED)),
    ),
    "the genvurdering comes first": Edge(
        "G23", (LETTER, klage("2023-04-26"), genvurdering(), forwarded()), (LETTER, klage("2023-04-26"), forwarded()),
    ),
    "a klage that was met in full is not sent on": Edge(
        "G23", (LETTER, klage("2023-04-26"), genvurdering("delvist_medhold"), forwarded()),
        (LETTER, klage("2023-04-26"), genvurdering("medhold"), forwarded()),
    ),
    "a late klage is sent on without genvurdering": Edge(
        "G23", (LETTER, klage("2023-04-28"), forwarded()), (LETTER, klage("2023-04-27"), forwarded()),
    ),
    "what was sent back is taken up first": Edge(
        "G24", (*SENT_BACK, told("HjemvisningReopened", "2022-05-10", {"ankestyrelsen": "AnkestyrelsenDecided"}),
                told("MaalgruppeDecided", "2022-05-10")),
        (*SENT_BACK, told("MaalgruppeDecided", "2022-05-10")),
    ),
    "only what was sent back is taken up": Edge(
        "G24", (*SENT_BACK[:1], told("AnkestyrelsenDecided", "2022-05-02", {"klager": ("klage",)}, udfald="aendret"),
                told("MaalgruppeDecided", "2022-05-02")),
        (*SENT_BACK, told("MaalgruppeDecided", "2022-05-02")),
    ),
    "the report says why the child was not there": Edge(
        "G25", (replace(TILSYN, data={"child_present": False, "child_absent_reason": "Sygdom."}), report()),
        (TILSYN, report()),
    ),
    "the report is reasoned": Edge(
        "G25", (replace(TILSYN, data={"child_present": True}), report()),
        (replace(TILSYN, data={"child_present": True}), report(begrundelse="")),
    ),
    "help is granted up to the 18th birthday": Edge(
        "G26", (APPLICATION, approval(starts_on="2034-09-13")), (APPLICATION, approval(starts_on="2034-09-14")),
    ),
    "a klage that was right raises a post of the year in which childhood ended": Edge(
        "G26", (raised("2034-11-01", cause="ankestyrelsen"),), (raised("2034-11-01", cause="change_of_need"),),
    ),
    "no year after childhood is raised": Edge(
        "G26", (raised("2035-11-01", year=2034, cause="klage"),), (raised("2035-11-01", year=2035, cause="klage"),),
    ),
    "a refusal is no grant": Edge(
        "G26", (told("OtherSupportGranted", "2034-09-14", resultat="afslaaet"),),
        (told("OtherSupportGranted", "2034-09-14", resultat="bevilget"),),
    ),
    "an entry that is no decision is corrected": Edge(
        "G27", (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded")), (MAALGRUPPE, corrected()),
    ),
    "a decision is corrected when the letter was right": Edge(
        "G27", (MAALGRUPPE, corrected(letter_was_right=True)), (MAALGRUPPE, corrected(letter_was_right=False)),
    ),
    "a decision is not corrected behind its own date": Edge(
        "G27", (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded", "2020-01-01")),
        (MAALGRUPPE, corrected(on="2020-01-01")),
    ),
    "a decision is not annulled": Edge(
        "G27", (told("NoteRecorded", "2022-01-01"), annulled("NoteRecorded")), (MAALGRUPPE, annulled()),
    ),
    "what a letter said is not changed by annulling a correction": Edge(
        "G27", (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded"), annulled("EntryCorrected")),
        (MAALGRUPPE, corrected(letter_was_right=True), annulled("EntryCorrected")),
    ),
    "a hearing gives two weeks": Edge(
        "G30 SHORT_HEARING", (told("PartshoeringSent", "2022-03-01", answer_due_on="2022-03-15"),),
        (told("PartshoeringSent", "2022-03-01", answer_due_on="2022-03-14"),),
    ),
    "two weeks end on an open day": Edge(  # 14 days on is a Saturday
        "G30 SHORT_HEARING", (told("PartshoeringSent", "2022-03-05", answer_due_on="2022-03-21"),),
        (told("PartshoeringSent", "2022-03-05", answer_due_on="2022-03-19"),),
    ),
    "a genvurdering is made by another": Edge(
        "G31", (LETTER, klage("2023-04-26"), genvurdering(user="u-2")),
        (LETTER, klage("2023-04-26"), genvurdering(user="u-1")),
    ),
    "a leader approves a correction": Edge(
        "G31", (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded")),
        (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded", approved_by=_approver(role="soc_raadgiver"))),
    ),
    "another approves a correction": Edge(
        "G31", (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded").by("u-1", "soc_raadgiver")),
        (told("NoteRecorded", "2022-01-01"), corrected("NoteRecorded").by("u-led-01", "leder")),
    ),
    "a role records what is its own": Edge(
        "G32", (MAALGRUPPE.by("u-1", "pa_konsulent"),), (MAALGRUPPE.by("u-1", "fc_raadgiver"),), "aarhus",
    ),
    "a citizen only drafts": Edge(
        "G32", (application().by("u-1", "frh_raadgiver"),), (application().by("u-1", "borger"),), "esbjerg",
    ),
    "a leader corrects what a leader recorded": Edge(
        "G32", (told("NoteRecorded", "2022-01-01").by("u-1", "leder"), corrected("NoteRecorded").by("u-2", "leder")),
        (told("NoteRecorded", "2022-01-01").by("u-1", "soc_raadgiver"), corrected("NoteRecorded").by("u-2", "leder")),
    ),
    "a mandate covers the type": Edge(
        "G32", (mandate(), by_mandate()), (mandate(event_types=["CaseClosed"]), by_mandate()),
    ),
    "a mandate covers the day": Edge(
        "G32", (mandate(valid_to="2021-06-01"), by_mandate()), (mandate(valid_to="2021-05-31"), by_mandate()),
    ),
    "a mandate is held by the unit that uses it": Edge(
        "G32", (mandate(), by_mandate()), (mandate(holder_unit="visitationsudvalg"), by_mandate()),
    ),
    "a mandate is there": Edge("G32", (mandate(), by_mandate()), (by_mandate(),)),
    "a klage names the decision": Edge("G39", (LETTER, klage("2023-04-26")), (LETTER, klage("2023-04-26", {}))),
    "a klage over the time names the application": Edge(
        "G39", (APPLICATION, klage("2023-04-26", {"application": "ApplicationReceived"}, kind="processing_time")),
        (LETTER, klage("2023-04-26", kind="processing_time")),
    ),
    "in Aarhus the group is decided when it was asked for": Edge(
        "G42", (told("MaalgruppeAssessmentRequested", "2021-03-25"),
                replace(MAALGRUPPE, refs={"requested": "MaalgruppeAssessmentRequested"})), (MAALGRUPPE,), "aarhus",
    ),
    "a delay is told in writing": Edge(
        "G43", (told("DeadlineExtensionNotified", "2022-01-01", written=True),),
        (told("DeadlineExtensionNotified", "2022-01-01", written=False),),
    ),
    "reasons are asked for within 14 days": Edge(
        "LATE_REQUEST", (told("WrittenReasonsRequested", "2022-01-15", oral_decision_on="2022-01-01"),),
        (told("WrittenReasonsRequested", "2022-01-16", oral_decision_on="2022-01-01"),),
    ),
    "a decision rests on the law of its day": Edge(
        "WRONG_LAW_PERIOD", (told("AktindsigtDecided", "2023-12-31", hjemmel=["serviceloven § 32 a, stk. 1"]),),
        (told("AktindsigtDecided", "2024-01-01", hjemmel=["Serviceloven § 32 a, stk. 1"]),),
    ),
    "barnets lov was no law before 2024": Edge(
        "WRONG_LAW_PERIOD", (told("AktindsigtDecided", "2024-01-01", hjemmel=["barnets lov § 85"]),),
        (told("AktindsigtDecided", "2023-12-31", hjemmel=["barnets lov § 85"]),),
    ),
    "repayment of an older year may rest on serviceloven": Edge(
        "WRONG_LAW_PERIOD",
        (told("TilbagebetalingskravIssued", "2024-04-01", hjemmel=["serviceloven § 164"], year=2023),),
        (told("TilbagebetalingskravIssued", "2025-04-01", hjemmel=["serviceloven § 164"], year=2024),),
    ),
    "accounts that show what to repay of an older year may rest on serviceloven": Edge(
        "WRONG_LAW_PERIOD", (told("AccountsDecided", "2024-03-20", hjemmel=["serviceloven § 164"], year=2023),),
        (told("AccountsDecided", "2024-03-20", hjemmel=["serviceloven § 41"], year=2023),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_the_line_is_drawn_where_the_law_draws_it(name: str) -> None:
    edge = EDGES[name]
    assert edge.guard not in broken(edge.municipality, *edge.accepted)
    assert edge.guard in broken(edge.municipality, *edge.refused)


def test_a_guard_of_one_municipality_is_not_asked_in_another() -> None:
    assert "G12" not in broken("nyborg", APPLICATION, approval())
    assert "G01N" not in broken("aarhus", application())
