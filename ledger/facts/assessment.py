"""Assessment (målgruppe, børnefaglig undersøgelse): may the child be trained at home, and what is needed."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import (
    DECISION_REFS,
    Channel,
    DecidedBy,
    Decision,
    Fact,
    Favourable,
    Klagevejledning,
    Part,
    State,
    Task,
    ref,
)
from ledger.facts.values import (
    AsHealth,
    AsSibling,
    DataKind,
    Day,
    DocumentId,
    FactRef,
    Id,
    LawText,
    PartyRef,
    PlainText,
    Sensitive,
    Slug,
    Text,
    Version,
)


class AssessmentStepKind(Slug):
    """What was done to assess the child."""

    OBSERVATION = "observation", "observation"
    PARENT_TALK = "parent_talk", "samtale med forældrene"
    FILE_REVIEW = "file_review", "gennemgang af sagens akter"
    VISITATION_GROUP_ASSESSMENT = "visitation_group_assessment", "vurdering i visitationsgruppen"


class AssessmentPlace(Slug):
    """Where the child was assessed."""

    SCHOOL = "school", "på skolen"
    INSTITUTION = "institution", "i institutionen"
    HOME = "home", "i hjemmet"
    OFFICE = "office", "på kontoret"


class MaalgruppeResult(Slug):
    """Whether the child belongs to the group (målgruppe)."""

    OMFATTET = "omfattet", "omfattet af målgruppen"
    IKKE_OMFATTET = "ikke_omfattet", "ikke omfattet af målgruppen"


class GoalsSetBy(Slug):
    """Who set the goals."""

    PAEDAGOGISK_AFDELING = "paedagogisk_afdeling", "Pædagogisk Afdeling"
    PARENTS = "parents", "forældrene"


class GoalsAnswer(Slug):
    """What the parents answered."""

    ACCEPTED = "accepted", "accepteret"
    REJECTED = "rejected", "afvist"


class UndersoegelseKind(Slug):
    """Whether it is the first undersøgelse or a new look at an earlier one."""

    INITIAL = "initial", "første undersøgelse"
    UPDATE = "update", "opdatering"


class UndersoegelseConsent(Slug):
    """Whether the parents consent to the undersøgelse."""

    WITH_CONSENT = "with_consent", "med samtykke"
    WITHOUT_CONSENT = "without_consent", "uden samtykke"


class UndersoegelseCause(Slug):
    """What made the undersøgelse necessary."""

    APPLICATION = "application", "ansøgning"
    METHOD_CHANGE = "method_change", "ændring af metode"
    FAMILY_CHANGE = "family_change", "ændringer i familien"
    TILSYN = "tilsyn", "tilsyn"


class UndersoegelseResult(Slug):
    """The one outcome of opening an undersøgelse by a decision."""

    IGANGSAT = "igangsat", "igangsat"


class ChildTalkForm(Slug):
    """How the child was talked with."""

    TALK = "talk", "samtale"
    PLAY = "play", "leg"
    DRAWING = "drawing", "tegning"
    OBSERVATION = "observation", "observation"
    OTHER = "other", "anden form"


class OmissionGround(Slug):
    """Why the talk with the child was left out."""

    MATURITY = "maturity", "barnets modenhed"
    NATURE_OF_CASE = "nature_of_case", "sagens karakter"


class HealthDiscipline(Slug):
    """The profession behind a health assessment."""

    FYSIOTERAPEUT = "fysioterapeut", "fysioterapeut"
    ERGOTERAPEUT = "ergoterapeut", "ergoterapeut"
    TALE_HOERE = "tale_hoere", "tale-høre-pædagog"
    LAEGE = "laege", "læge"
    OTHER = "other", "anden fagperson"


class HealthContext(Slug):
    """What a health assessment is for."""

    APPROVAL = "approval", "godkendelse"
    TILSYN = "tilsyn", "tilsyn"
    METHOD_CHANGE = "method_change", "ændring af metode"


class SiblingsAssessed(Slug):
    """What was found about siblings."""

    NEED_FOUND = "need_found", "søskende har behov for støtte"
    NO_NEED = "no_need", "søskende har ikke behov for støtte"
    NO_SIBLINGS = "no_siblings", "barnet har ingen søskende"


class Goal(Part):
    """A goal for the child."""

    id: PlainText | None = Field(None, description="id of the goal in the case")
    text: PlainText | None = Field(None, description="the goal")
    area: PlainText | None = Field(None, description="area of the child's development")


@dataclass(slots=True)
class AssessmentState:
    """What was found out and decided about the child and the family."""

    maalgruppe_requested: list[Entry["MaalgruppeAssessmentRequested"]] = field(default_factory=list)
    maalgruppe_steps: list[Entry["MaalgruppeAssessmentStepRecorded"]] = field(default_factory=list)
    maalgruppe_decided: list[Entry["MaalgruppeDecided"]] = field(default_factory=list)
    goals: list[Entry["GoalsSet"]] = field(default_factory=list)
    undersoegelser_opened: list[Entry["BoernefagligUndersoegelseOpened"]] = field(default_factory=list)
    undersoegelser_closed: list[Entry["BoernefagligUndersoegelseClosed"]] = field(default_factory=list)
    child_talks: list[Entry["ChildTalkHeld"]] = field(default_factory=list)
    omitted_child_talks: list[Entry["ChildTalkOmitted"]] = field(default_factory=list)
    health_assessments: list[Entry["HealthAssessmentReceived"]] = field(default_factory=list)


class MaalgruppeAssessmentRequested(
    Fact,
    type="MaalgruppeAssessmentRequested",
    dansk="Sag oversendt til målgruppevurdering",
    data=DataKind.CASE,
    says="Sagen oversendt til målgruppevurdering, runde {round}.",
    by=(Task.AUTH,),
):
    """The case was sent to those who assess whether the child belongs to the group."""

    documents: tuple[DocumentId, ...] | None = Field(None, description="documents that went along")
    round: Version = Field(description="1, and 2 … after the appeal body sent the case back")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.maalgruppe_requested.append(entry)

    def moves(self, state: State) -> State:
        return "maalgruppe"


class MaalgruppeAssessmentStepRecorded(
    Fact,
    type="MaalgruppeAssessmentStepRecorded",
    dansk="Led i målgruppevurdering",
    data=DataKind.HEALTH,
    says="Led i målgruppevurderingen: {kind}[ {place}].",
    by=(Task.PA, Task.AUTH, Task.VG),
):
    """One step of the assessment: the child was seen, the parents heard or the papers read."""

    kind: AssessmentStepKind = Field(description="what was done")
    place: AssessmentPlace | None = Field(None, description="where")
    participants: tuple[Id, ...] | None = Field(
        None, description="party refs, unit slugs or user ids of those who took part"
    )
    conclusion: Text | None = Field(None, description="what it showed")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.maalgruppe_steps.append(entry)


class MaalgruppeDecided(
    Decision,
    type="MaalgruppeDecided",
    dansk="Målgruppeafgørelse",
    data=DataKind.DECISIONS,
    says="Afgørelse om målgruppe sendt til {recipients}: Barnet er {resultat} ({hjemmel}).",
    by=(Task.PA,),
    refs=(ref("requested", "MaalgruppeAssessmentRequested"),),
):
    """It was decided whether the child belongs to the group that may be trained at home."""

    resultat: MaalgruppeResult = Field(description="whether the child belongs to the group")
    functional_impairment: AsHealth[Text] | None = Field(None, description="the child's impairment")
    support_need: AsHealth[Text] | None = Field(None, description="the child's need for support")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.maalgruppe_decided.append(entry)

    def moves(self, state: State) -> State:
        return "undersoegelse_og_plan" if self.resultat is MaalgruppeResult.OMFATTET else "maalgruppe"


class GoalsSet(
    Fact,
    type="GoalsSet",
    dansk="Mål fastsat",
    data=DataKind.PLAN,
    says="Mål for barnet fastsat af {set_by}.",
    by=(Task.PA,),
):
    """The goals of the training were set."""

    goals: Sensitive[tuple[Goal, ...]] = Field(description="the goals")
    set_by: GoalsSetBy = Field(description="who set them")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.goals.append(entry)


class GoalsAnswered(
    Fact,
    type="GoalsAnswered",
    dansk="Forældrenes svar på mål",
    data=DataKind.PLAN,
    says="Målene {answer} af {by}.",
    by=(Task.AUTH,),
    refs=(ref("goals", "GoalsSet", required=True),),
    changes_no_state=True,
):
    """A parent accepted or rejected the goals."""

    answer: GoalsAnswer = Field(description="accepted or rejected")
    by: PartyRef = Field(description="party who answered")
    comment: Text | None = Field(None, description="what they said")


class BoernefagligUndersoegelseOpened(
    Fact,
    type="BoernefagligUndersoegelseOpened",
    dansk="Børnefaglig undersøgelse igangsat",
    data=DataKind.HEALTH,
    says="Børnefaglig undersøgelse ({kind}) igangsat {consent}; anledning {anledning_on}"
    "[; årsag: {cause}][; meddelt som afgørelse {sent_on}].",
    by=(Task.AUTH,),
    refs=DECISION_REFS,
):
    """An undersøgelse of the child and the family began; a decision only when it was issued as one."""

    resultat: UndersoegelseResult | None = Field(None, description="outcome, when issued as a decision")
    kind: UndersoegelseKind = Field(description="first undersøgelse, or an update")
    anledning_on: Day = Field(description="day the authority became aware; the deadline counts from it")
    consent: UndersoegelseConsent = Field(description="with or without the parents' consent")
    bisidder_offered: bool = Field(description="whether the child was offered a companion")
    purpose: Text = Field(description="what it is for")
    issued_as_decision: bool = Field(description="whether it was sent as a decision")
    cause: UndersoegelseCause | None = Field(None, description="what made it necessary")
    hjemmel: tuple[LawText, ...] | None = Field(None, description="paragraph and law")
    begrundelse: Text | None = Field(None, description="reasons, with the facts given weight")
    facts_relied_on: tuple[FactRef, ...] | None = Field(
        None, description="versions and document ids of the information the decision rests on"
    )
    klagevejledning: Klagevejledning | None = Field(None, description="guidance on complaints")
    sent_on: Day | None = Field(None, description="day the written decision left the authority")
    channel: Channel | None = Field(None, description="how it was sent")
    recipients: tuple[PartyRef, ...] | None = Field(None, description="parties it was sent to")
    decided_by: DecidedBy | None = Field(None, description="who made the decision")
    decided_on: Day | None = Field(None, description="day it was made, when before it was sent")
    favourable: Favourable | None = Field(None, description="how far it goes along with the parties")

    @property
    def decides(self) -> bool:
        return self.issued_as_decision

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.undersoegelser_opened.append(entry)


class ChildTalkHeld(
    Fact,
    type="ChildTalkHeld",
    dansk="Børnesamtale afholdt",
    data=DataKind.HEALTH,
    says="Børnesamtale holdt ({form}); uden forældre: {without_parents}"
    "[; bisidder til stede: {bisidder_present}][; emner: {topics}].",
    by=(Task.AUTH,),
    refs=(ref("undersoegelse", "BoernefagligUndersoegelseOpened", required=True),),
):
    """The child was talked with, or heard in another way that suits the child."""

    form: ChildTalkForm = Field(description="how the child was talked with")
    without_parents: bool = Field(description="whether the parents were out of the room")
    topics: tuple[Text, ...] = Field(description="what it was about")
    views: Text | None = Field(None, description="what the child thinks")
    bisidder_present: bool | None = Field(None, description="whether the child's companion was there")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.child_talks.append(entry)


class ChildTalkOmitted(
    Fact,
    type="ChildTalkOmitted",
    dansk="Børnesamtale undladt",
    data=DataKind.HEALTH,
    says="Børnesamtale undladt på grund af {ground}; barnets holdning indhentet på anden måde {views_obtained_on}.",
    by=(Task.AUTH,),
    refs=(ref("undersoegelse", "BoernefagligUndersoegelseOpened", required=True),),
):
    """The talk with the child was left out for a reason; the child's views were found another way."""

    ground: OmissionGround = Field(description="ground for leaving it out")
    begrundelse: Text = Field(description="reasons")
    views_obtained_how: Text = Field(description="how the child's views were found")
    views_obtained_on: Day = Field(description="day the child's views were found")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.omitted_child_talks.append(entry)


class HealthAssessmentReceived(
    Fact,
    type="HealthAssessmentReceived",
    dansk="Sundhedsfaglig vurdering",
    data=DataKind.HEALTH,
    says="Sundhedsfaglig vurdering af metoden ”{method}” modtaget fra {discipline} til brug for {context}.",
    by=(Task.AUTH, Task.SUND),
):
    """A health professional assessed a training method for this child."""

    discipline: HealthDiscipline = Field(description="profession")
    method: Text = Field(description="method assessed")
    conclusion: Text = Field(description="what it concludes")
    context: HealthContext = Field(description="what it is for")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.health_assessments.append(entry)


class BoernefagligUndersoegelseInterimAssessed(
    Fact,
    type="BoernefagligUndersoegelseInterimAssessed",
    dansk="Foreløbig vurdering",
    data=DataKind.HEALTH,
    says="Foreløbig vurdering: Den børnefaglige undersøgelse ventes afsluttet {expected_on}; begrundelse: ”{reason}”.",
    by=(Task.AUTH,),
    refs=(ref("undersoegelse", "BoernefagligUndersoegelseOpened", required=True),),
    changes_no_state=True,
):
    """The undersøgelse takes longer: what is known so far, and when it is expected to be done."""

    reason: Text = Field(description="why it takes longer")
    expected_on: Day = Field(description="day it is expected to be done")


class BoernefagligUndersoegelseClosed(
    Fact,
    type="BoernefagligUndersoegelseClosed",
    dansk="Børnefaglig undersøgelse afsluttet",
    data=DataKind.HEALTH,
    says="Børnefaglig undersøgelse afsluttet; {siblings_assessed}[; barnets holdning indhentet {child_opinion_on}].",
    by=(Task.AUTH,),
    refs=(ref("undersoegelse", "BoernefagligUndersoegelseOpened", required=True),),
):
    """The undersøgelse was finished."""

    child: Text = Field(description="development, behaviour, health, school and leisure of the child")
    family: Text = Field(description="the family")
    parental_resources: Text = Field(description="the parents' resources")
    network: Text | None = Field(None, description="the family's network")
    siblings_assessed: AsSibling[SiblingsAssessed] = Field(description="what was found about siblings")
    child_opinion: Text | None = Field(None, description="what the child thinks")
    child_opinion_on: Day | None = Field(None, description="day the child's opinion was found")
    parents_opinion: Text | None = Field(None, description="what the parents think")
    professional_assessment: Text = Field(description="the professional assessment")

    def apply(self, state: AssessmentState, entry: Entry[Any]) -> None:
        state.undersoegelser_closed.append(entry)
