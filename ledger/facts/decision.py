"""Decision (afgørelse): partshøring, visitation, the decision on hjemmetræning and notices of delay."""

from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Channel, Decision, Fact, Part, State, Task, ref, refs
from ledger.facts.values import (
    AsHealth,
    AsIdentity,
    AsMoney,
    AsPlan,
    Count,
    DataKind,
    Day,
    DocumentId,
    EntryRef,
    Id,
    Oere,
    PartyRef,
    Private,
    Slug,
    SlugText,
    StaffName,
    Text,
    Year,
)


class HearingSubject(Slug):
    """What the parties are heard about (partshøring)."""

    MAALGRUPPE_FACTS = "maalgruppe_facts", "oplysninger om målgruppe"
    BOERNEFAGLIG_UNDERSOEGELSE = "boernefaglig_undersoegelse", "børnefaglig undersøgelse"
    INDSTILLING = "indstilling", "indstilling"
    UNDERSOEGELSE_OG_INDSTILLING = "undersoegelse_og_indstilling", "børnefaglig undersøgelse og indstilling"
    TILSYNSRAPPORT = "tilsynsrapport", "tilsynsrapport"
    OPHOER = "ophoer", "ophør"
    TILBAGEBETALING = "tilbagebetaling", "tilbagebetaling"
    TAF = "taf", "tabt arbejdsfortjeneste"
    METODE = "metode", "metode"
    ANDET = "andet", "andet"


BEFORE_VISITATION: Final = (
    HearingSubject.BOERNEFAGLIG_UNDERSOEGELSE,
    HearingSubject.INDSTILLING,
    HearingSubject.UNDERSOEGELSE_OG_INDSTILLING,
)
"""A hearing about one of these brings the case into hoering."""


_HEARD_ABOUT: Final = {
    HearingSubject.BOERNEFAGLIG_UNDERSOEGELSE: DataKind.HEALTH,
    HearingSubject.TILBAGEBETALING: DataKind.MONEY,
    HearingSubject.TAF: DataKind.TAF,
}
"""Hearings that are themselves data of the kind they are about."""


class Recommendation(Slug):
    """What the indstilling recommends."""

    GODKEND = "godkend", "godkendelse"
    GODKEND_DELVIST = "godkend_delvist", "delvis godkendelse"
    AFSLAG = "afslag", "afslag"
    FORTSAET = "fortsaet", "fortsættelse"
    JUSTER = "juster", "justering"
    OPHOER = "ophoer", "ophør"


class VisitationResultat(Slug):
    """Outcome of the visitation meeting."""

    GODKENDT = "godkendt", "godkendt"
    DELVIST_GODKENDT = "delvist_godkendt", "delvist godkendt"
    AFSLAAET = "afslaaet", "afslået"
    FORTSAT = "fortsat", "fortsat"
    JUSTERET = "justeret", "justeret"
    OPHOERT = "ophoert", "ophørt"
    UDSAT = "udsat", "udsat"


class ToldForm(Slug):
    """How a decision was told orally."""

    PHONE = "phone", "telefonisk"
    PERSONAL = "personal", "personligt"


class Extent(Slug):
    """How much of the hjemmetræning applied for is approved."""

    FULL = "full", "fuldt ud"
    PARTIAL = "partial", "delvist"


class ApprovedResultat(Slug):
    """Outcome when hjemmetræning is approved."""

    GODKENDT = "godkendt", "godkendt"
    DELVIST_GODKENDT = "delvist_godkendt", "delvist godkendt"


class RefusedResultat(Slug):
    """Outcome when hjemmetræning is refused."""

    AFSLAAET = "afslaaet", "afslået"


class ReviewedResultat(Slug):
    """Outcome when hjemmetræning goes on after a tilsyn."""

    FORTSAT = "fortsat", "fortsat"
    JUSTERET = "justeret", "justeret"


class TerminatedResultat(Slug):
    """Outcome when hjemmetræning is brought to an end."""

    OPHOERT = "ophoert", "ophørt"


class ElementResultat(Slug):
    """Outcome for one element of a method."""

    GODKENDT = "godkendt", "godkendt"
    AFSLAAET = "afslaaet", "afslået"


class OtherSupportResultat(Slug):
    """Outcome for other support."""

    BEVILGET = "bevilget", "bevilget"
    DELVIST_BEVILGET = "delvist_bevilget", "delvist bevilget"
    AFSLAAET = "afslaaet", "afslået"


class RefusalGround(Slug):
    """Why hjemmetræning was refused."""

    MAALGRUPPE = "maalgruppe", "barnet er ikke omfattet af målgruppen"
    TARV_OG_TRIVSEL = "tarv_og_trivsel", "hensynet til barnets tarv og trivsel"
    PARENTS_NOT_ABLE = "parents_not_able", "forældrene kan ikke varetage træningen"
    METHOD_NOT_DOCUMENTABLE = "method_not_documentable", "metoden er ikke dokumenterbar"
    SPECIALISED_HEALTH = "specialised_health", "metoden er specialiseret sundhedsfaglig"
    INSUFFICIENT_INFORMATION = "insufficient_information", "oplysningerne er utilstrækkelige"


class TerminationGround(Slug):
    """Why hjemmetræning was brought to an end."""

    NO_EFFECT = "no_effect", "træningen virker ikke"
    NOT_IN_CHILDS_INTEREST = "not_in_childs_interest", "træningen er ikke til barnets bedste"
    PARENTS_NOT_ABLE = "parents_not_able", "forældrene kan ikke varetage træningen"
    PARENTS_WISH = "parents_wish", "forældrenes ønske"
    MOVED = "moved", "familien er flyttet"


class HealthClass(Slug):
    """How far an element of a method is a matter of health care."""

    NONE = "none", "ikke sundhedsfagligt"
    PHYSICAL_HEALTH = "physical_health", "fysisk, sundhedsfagligt"
    SPECIALISED_HEALTH = "specialised_health", "specialiseret sundhedsfagligt"


class Provision(Slug):
    """Which other support was decided on."""

    MERUDGIFTER = "merudgifter", "merudgifter"
    HJAELPEMIDDEL = "hjaelpemiddel", "hjælpemiddel"
    AFLASTNING = "aflastning", "aflastning"
    OTHER = "other", "andet"


class HeardPost(Part):
    """What one budget post would cost the family, as they are heard about it."""

    year: Year = Field(description="budget year")
    post: Id = Field(description="id of the budget post")
    approved_oere: Oere = Field(description="approved, in øre")
    accepted_oere: Oere = Field(description="documented and accepted, in øre")
    repay_oere: Oere = Field(description="to be repaid, in øre")


class VisitationMember(Part):
    """One who took part in the visitation meeting."""

    name: StaffName = Field(description="name of the member of staff (public office, kept in clear)")
    role: Id = Field(description="role in the meeting")


class RefusedElement(Part):
    """An element of a method that was refused."""

    method: Text = Field(description="method it belongs to")
    element: Text = Field(description="the element")
    reason: Text | None = Field(None, description="reason of its own")


@dataclass(slots=True)
class DecisionState:
    """The hearings of a case and the decisions on hjemmetræning."""

    hearings: dict[int, Entry["PartshoeringSent"]] = field(default_factory=dict)
    """By version."""
    new_due_on: dict[int, Day] = field(default_factory=dict)
    """Version of a hearing to the day it was last extended to."""
    closed_hearings: set[int] = field(default_factory=set)
    """Versions of the hearings that were answered or expired."""
    visitations: dict[int, Entry["VisitationHeld"]] = field(default_factory=dict)
    """By version."""
    approved: list[Entry["HjemmetraeningApproved"]] = field(default_factory=list)
    refused: list[Entry["HjemmetraeningRefused"]] = field(default_factory=list)
    reviewed: list[Entry["HjemmetraeningReviewed"]] = field(default_factory=list)
    terminated: list[Entry["HjemmetraeningTerminated"]] = field(default_factory=list)
    started: list[Entry["HjemmetraeningStarted"]] = field(default_factory=list)
    ended_at_18: Entry["HjemmetraeningEndedAtAge18"] | None = None


class PartshoeringSent(
    Fact,
    type="PartshoeringSent",
    dansk="Partshøring sendt",
    data=DataKind.DECISIONS,
    says="Partshøring om {subject}[ (foreslået krav: {proposed_oere})] sendt til {to} ({channel})"
    "[; svarfrist {answer_due_on}].",
    by=(Task.AUTH, Task.PA),
    refs=(refs("about"), ref("tilsyn", "TilsynHeld")),
):
    """The parties were asked to comment before something is decided."""

    subject: HearingSubject = Field(description="what they are heard about")
    channel: Channel = Field(description="how it was sent")
    to: tuple[PartyRef, ...] = Field(description="parties it was sent to")
    answer_due_on: Day | None = Field(None, description="last day to answer, when other than the usual one")
    proposed_oere: AsMoney[Oere] | None = Field(None, description="repayment the authority has in mind, in øre")
    per_post: AsMoney[tuple[HeardPost, ...]] | None = Field(None, description="that repayment, post by post")
    child_heard_too: bool | None = Field(None, description="whether the child is heard as well")

    @property
    def data_kind(self) -> DataKind:
        return _HEARD_ABOUT.get(self.subject, self.declared.data)

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.hearings[entry.version] = entry

    def moves(self, state: State) -> State:
        return "hoering" if self.subject in BEFORE_VISITATION else state


class PartshoeringDeadlineExtended(
    Fact,
    type="PartshoeringDeadlineExtended",
    dansk="Høringsfrist forlænget",
    data=DataKind.DECISIONS,
    says="Høringsfrist forlænget efter ønske fra {asked_by}[ med begrundelsen ”{reason}”] til {new_due_on}.",
    by=(Task.AUTH, Task.PA),
    refs=(ref("hearing", "PartshoeringSent", required=True),),
):
    """The parties got more time to answer a hearing."""

    new_due_on: Day = Field(description="new last day to answer")
    asked_by: PartyRef = Field(description="party that asked for it")
    reason: Text | None = Field(None, description="why")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        for hearing in entry.pointers("hearing"):
            state.new_due_on[hearing] = self.new_due_on


class PartshoeringAnswered(
    Fact,
    type="PartshoeringAnswered",
    dansk="Høringssvar modtaget",
    data=DataKind.DECISIONS,
    says="Høringssvar modtaget fra {by}[; enig: {agrees}].",
    by=(Task.AUTH, Task.PA, Task.CITIZEN),
    refs=(ref("hearing", "PartshoeringSent", required=True),),
):
    """A party answered a hearing."""

    by: tuple[PartyRef, ...] = Field(description="parties that answered")
    comments: Text | None = Field(None, description="what they said")
    agrees: bool | None = Field(None, description="whether they agree")
    changes_made: Text | None = Field(None, description="what the authority changed because of it")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.closed_hearings.update(entry.pointers("hearing"))


class PartshoeringExpired(
    Fact,
    type="PartshoeringExpired",
    dansk="Høringsfrist udløbet uden svar",
    data=DataKind.DECISIONS,
    says="Høringsfristen udløb {due_on} uden svar.",
    by=(Task.SYS,),
    refs=(ref("hearing", "PartshoeringSent", required=True),),
):
    """The last day to answer a hearing passed without an answer."""

    due_on: Day = Field(description="last day to answer")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.closed_hearings.update(entry.pointers("hearing"))


class IndstillingPrepared(
    Fact,
    type="IndstillingPrepared",
    dansk="Indstilling udarbejdet",
    data=DataKind.DECISIONS,
    says="Indstilling om {recommendation} udarbejdet.",
    by=(Task.AUTH,),
    refs=(
        ref("undersoegelse", "BoernefagligUndersoegelseClosed", "BoernefagligUndersoegelseOpened"),
        ref("plan_assessment", "TidsOgFaseplanAssessed"),
        ref("tilsyn", "TilsynHeld"),
    ),
    changes_no_state=True,
):
    """The adviser's recommendation (indstilling) to the Visitationsudvalg was written."""

    recommendation: Recommendation = Field(description="recommendation")
    begrundelse: Text = Field(description="reasons for the recommendation")
    tarv_og_trivsel: AsHealth[Text] | None = Field(None, description="the child's welfare and well-being")
    parental_resources: AsHealth[Text] | None = Field(
        None, description="whether the parents are able to do the training"
    )
    documentable: AsPlan[Text] | None = Field(None, description="whether the method can be documented")


class IndstillingSentToVisitation(
    Fact,
    type="IndstillingSentToVisitation",
    dansk="Indstilling sendt til Visitationsudvalget",
    data=DataKind.CASE,
    says="Indstilling sendt til Visitationsudvalget[ med bilag {documents}].",
    by=(Task.AUTH,),
    refs=(
        ref("indstilling", "IndstillingPrepared", required=True),
        refs("hearings", "PartshoeringSent", required=True),
    ),
    changes_no_state=True,
):
    """The recommendation went to the Visitationsudvalg with the papers."""

    documents: tuple[DocumentId, ...] | None = Field(None, description="documents that went along")

    def moves(self, state: State) -> State:
        return "visitation"


class VisitationHeld(
    Fact,
    type="VisitationHeld",
    dansk="Visitationsmøde afholdt",
    data=DataKind.DECISIONS,
    says="Visitationsmøde afholdt; resultat: {resultat}.",
    by=(Task.VU,),
    refs=(ref("sent", "IndstillingSentToVisitation", required=True),),
):
    """The Visitationsudvalg met and settled, or postponed, the case."""

    members: tuple[VisitationMember, ...] = Field(description="those who took part")
    resultat: VisitationResultat = Field(description="outcome")
    minutes: Text | None = Field(None, description="minutes")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.visitations[entry.version] = entry

    def moves(self, state: State) -> State:
        return "visitation"


class DecisionToldOrally(
    Fact,
    type="DecisionToldOrally",
    dansk="Afgørelse meddelt mundtligt",
    data=DataKind.DECISIONS,
    says="Afgørelse meddelt {to} mundtligt ({form}): {resultat}.",
    by=(Task.AUTH,),
    refs=(ref("visitation", "VisitationHeld"),),
    changes_no_state=True,
):
    """A party was told the outcome before the letter."""

    to: PartyRef = Field(description="party that was told")
    resultat: VisitationResultat = Field(description="outcome")
    form: ToldForm = Field(description="how")


class VisitationOutcomeReceived(
    Fact,
    type="VisitationOutcomeReceived",
    dansk="Skriftlig bevilling/afslag modtaget fra Visitationsudvalget",
    data=DataKind.DECISIONS,
    says="Visitationsudvalgets skriftlige svar modtaget: {resultat}.",
    by=(Task.AUTH,),
    refs=(ref("visitation", "VisitationHeld", required=True),),
    changes_no_state=True,
):
    """The adviser received the outcome of the visitation in writing."""

    resultat: VisitationResultat = Field(description="outcome")


class WrittenReasonsRequested(
    Fact,
    type="WrittenReasonsRequested",
    dansk="Skriftlig begrundelse ønsket",
    data=DataKind.DECISIONS,
    says="Skriftlig begrundelse for den mundtlige afgørelse af {oral_decision_on} ønsket af {by}.",
    by=(Task.AUTH,),
    refs=(ref("told", "DecisionToldOrally"),),
    changes_no_state=True,
):
    """A party asked for written reasons for a decision told orally."""

    by: PartyRef = Field(description="party that asked")
    oral_decision_on: Day = Field(description="day the decision was told")


class WrittenReasonsSent(
    Fact,
    type="WrittenReasonsSent",
    dansk="Skriftlig begrundelse sendt",
    data=DataKind.DECISIONS,
    says="Skriftlig begrundelse sendt.",
    by=(Task.AUTH,),
    refs=(ref("request", "WrittenReasonsRequested", required=True),),
    changes_no_state=True,
):
    """The written reasons were sent."""

    text: Text = Field(description="the reasons")


class HjemmetraeningApproved(
    Decision,
    type="HjemmetraeningApproved",
    dansk="Hjemmetræning godkendt",
    data=DataKind.DECISIONS,
    says="Hjemmetræning {resultat}: {hours_per_week} timer om ugen[ med {methods}][ fra {starts_on}][ til {ends_on}].",
    by=(Task.AUTH,),
    refs=(ref("application", "ApplicationReceived", required=True), ref("visitation", "VisitationHeld")),
):
    """The parents may train their child at home, fully or in part as applied for."""

    resultat: ApprovedResultat = Field(description="outcome")
    extent: Extent = Field(description="how much of what was applied for")
    hours_per_week: AsPlan[Count] = Field(description="whole hours of training a week")
    methods: AsPlan[tuple[Text, ...]] = Field(description="approved methods")
    goals_ref: EntryRef | None = Field(None, description="entry with the goals the approval builds on")
    tilsyn_framework: Text = Field(description="how tilsyn will be held")
    starts_on: Day | None = Field(None, description="first day")
    ends_on: Day | None = Field(None, description="last day; normally absent, approval is open-ended")
    time_limit_reason: Text | None = Field(None, description="special reason for a last day")
    physical_health_elements: AsHealth[bool] = Field(description="whether it has physical, health-related elements")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.approved.append(entry)

    def moves(self, state: State) -> State:
        return "bevilget"


class HjemmetraeningRefused(
    Decision,
    type="HjemmetraeningRefused",
    dansk="Hjemmetræning afslået",
    data=DataKind.DECISIONS,
    says="Hjemmetræning {resultat}; grund: {ground}.",
    by=(Task.AUTH,),
    refs=(
        ref("application", "ApplicationReceived", required=True),
        ref("visitation", "VisitationHeld"),
        ref("maalgruppe", "MaalgruppeDecided"),
    ),
):
    """Hjemmetræning was refused."""

    resultat: RefusedResultat = Field(description="outcome")
    ground: RefusalGround = Field(description="why")
    elements_refused: AsPlan[tuple[RefusedElement, ...]] | None = Field(
        None, description="elements of methods that were refused, each with its reason"
    )

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.refused.append(entry)

    def moves(self, state: State) -> State:
        return "afslag"


class HjemmetraeningReviewed(
    Decision,
    type="HjemmetraeningReviewed",
    dansk="Hjemmetræning fortsat eller justeret",
    data=DataKind.DECISIONS,
    says="Hjemmetræning {resultat} fra {effective_on}.",
    by=(Task.AUTH,),
    refs=(ref("tilsyn", "TilsynHeld"), ref("visitation", "VisitationHeld")),
):
    """After a tilsyn the hjemmetræning goes on, as it is or adjusted."""

    resultat: ReviewedResultat = Field(description="outcome")
    changes: Text | None = Field(None, description="what is changed")
    effective_on: Day = Field(description="day it takes effect")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.reviewed.append(entry)


class HjemmetraeningTerminated(
    Decision,
    type="HjemmetraeningTerminated",
    dansk="Hjemmetræning ophørt ved afgørelse",
    data=DataKind.DECISIONS,
    says="Hjemmetræning {resultat} ved afgørelse med virkning fra {effective_on}; grund: {ground}"
    "[; varsel til hjælpetrænere løber til {helper_notice_until}].",
    by=(Task.AUTH,),
    refs=(ref("meeting", "MeetingHeld"), ref("visitation", "VisitationHeld")),
):
    """The municipality decided that the hjemmetræning ends."""

    resultat: TerminatedResultat = Field(description="outcome")
    ground: TerminationGround = Field(description="why")
    effective_on: Day = Field(description="day it takes effect")
    immediate: bool = Field(description="whether it ends without notice")
    replacement_offer: Text | None = Field(None, description="what the child is offered instead")
    helper_notice_until: Day | None = Field(None, description="day the helpers' notice runs out")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.terminated.append(entry)

    def moves(self, state: State) -> State:
        return "ophoert"

    def moves_on(self, occurred_on: Day) -> Day:
        return max(occurred_on, self.effective_on)


class HjemmetraeningStarted(
    Fact,
    type="HjemmetraeningStarted",
    dansk="Hjemmetræning startet",
    data=DataKind.CASE,
    says="Hjemmetræning startet {started_on}.",
    by=(Task.AUTH,),
):
    """The family began to train."""

    started_on: Day = Field(description="first day of training")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.started.append(entry)

    def moves(self, state: State) -> State:
        return "i_gang"


class HjemmetraeningEndedAtAge18(
    Fact,
    type="HjemmetraeningEndedAtAge18",
    dansk="Hjemmetræning ophørt ved 18 år",
    data=DataKind.CASE,
    says="Hjemmetræning ophørt, da den unge fyldte 18 år.",
    by=(Task.SYS,),
):
    """The hjemmetræning ended by itself on the 18th birthday."""

    birthday: AsIdentity[Private[Day]] = Field(description="the 18th birthday; equals occurred_on")

    def apply(self, state: DecisionState, entry: Entry[Any]) -> None:
        state.ended_at_18 = entry

    def moves(self, state: State) -> State:
        return "ophoert_18"


class MethodElementDecided(
    Decision,
    type="MethodElementDecided",
    dansk="Metodeelement afgjort",
    data=DataKind.DECISIONS,
    says="Elementet ”{element}” i metoden ”{method}” er {resultat}.",
    by=(Task.AUTH,),
    refs=(ref("application", "ApplicationReceived"),),
    changes_no_state=True,
):
    """One element of a method was approved or refused."""

    resultat: ElementResultat = Field(description="outcome")
    method: AsPlan[Text] = Field(description="method it belongs to")
    element: AsPlan[Text] = Field(description="the element")
    health_class: AsHealth[HealthClass] = Field(description="how far it is a matter of health care")


class OtherSupportGranted(
    Decision,
    type="OtherSupportGranted",
    dansk="Anden støtte bevilget",
    data=DataKind.DECISIONS,
    says="Anden støtte ({provision}) {resultat}.",
    by=(Task.AUTH,),
    changes_no_state=True,
):
    """Support under other provisions was decided on."""

    resultat: OtherSupportResultat = Field(description="outcome")
    provision: Provision = Field(description="which support")
    description: Text = Field(description="what it covers")


class DeadlineExtensionNotified(
    Fact,
    type="DeadlineExtensionNotified",
    dansk="Udsættelse af frist meddelt skriftligt",
    data=DataKind.DECISIONS,
    says="Udsættelse af fristen {rule}[ fra {old_due_on}] til {new_expected_on} meddelt {to}"
    " med begrundelsen ”{reason}” ({channel}).",
    by=(Task.AUTH, Task.PA, Task.VU),
    refs=(ref("trigger", required=True),),
    changes_no_state=True,
):
    """The parties were told that a deadline will not be met, why, and the new day to expect."""

    rule: SlugText = Field(description="slug of the deadline rule")
    old_due_on: Day | None = Field(None, description="day it was due")
    new_expected_on: Day = Field(description="day now promised")
    reason: Text = Field(description="why it will not be met")
    written: bool = Field(description="whether the notice was in writing, as it must be")
    channel: Channel = Field(description="how it was sent")
    to: tuple[PartyRef, ...] = Field(description="parties it was sent to")
