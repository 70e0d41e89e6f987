"""Intake (henvendelse og ansøgning): enquiry, guidance, meetings, consent, application and information."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Part, State, Task, ref, refs
from ledger.facts.values import (
    AsDecision,
    AsHealth,
    AsPlan,
    AsSibling,
    Count,
    DataKind,
    Day,
    Id,
    LawText,
    PartyRef,
    Slug,
    Text,
)


class ContactForm(Slug):
    """How the family and the authority were in contact."""

    PHONE = "phone", "telefon"
    DIGITAL_POST = "digital_post", "Digital Post"
    LETTER = "letter", "brev"
    PERSONAL = "personal", "personligt fremmøde"


class MeetingKind(Slug):
    """What a meeting or talk was for."""

    IN_DEPTH_TALK = "in_depth_talk", "uddybende samtale"
    PLAN_GUIDANCE = "plan_guidance", "vejledningsmøde om tids- og faseplanen"
    KICK_OFF = "kick_off", "opstartsmøde"
    HOME_VISIT = "home_visit", "hjemmebesøg"
    CHILD_MET = "child_met", "møde med barnet"
    PARENT_TALK = "parent_talk", "samtale med forældrene"
    FUTURE_TALK = "future_talk", "samtale om fremtiden efter det 18. år"
    SCHOOL_PLANNING = "school_planning", "møde om skolegang"
    REDUCED_HOURS_FOLLOW_UP = "reduced_hours_follow_up", "opfølgning på nedsat timetal i skolen"
    HOMESCHOOLING_TILSYN = "homeschooling_tilsyn", "tilsyn med hjemmeundervisning"
    TERMINATION_DIALOGUE = "termination_dialogue", "dialogmøde om ophør"
    OTHER = "other", "andet møde"


class MeetingPlace(Slug):
    """Where a meeting was held."""

    HOME = "home", "i hjemmet"
    OFFICE = "office", "på kontoret"
    SCHOOL = "school", "på skolen"
    ONLINE = "online", "online"


class ConsentForm(Slug):
    """How a consent was given."""

    WRITTEN = "written", "skriftligt"
    DIGITAL = "digital", "digitalt"
    ORAL = "oral", "mundtligt"


class ConsentRefusal(Slug):
    """Whether a consent was never given, or taken back."""

    REFUSED = "refused", "afslået"
    WITHDRAWN = "withdrawn", "trukket tilbage"


class MethodKind(Slug):
    """What kind of training method."""

    CONVENTIONAL = "conventional", "konventionel"
    ALTERNATIVE = "alternative", "alternativ"


class ApplicationPart(Slug):
    """What is enclosed with an application."""

    APPLICATION_FORM = "application_form", "ansøgningsskema"
    METHOD_OVERVIEW = "method_overview", "metodeoversigt"
    PLAN = "plan", "tids- og faseplan"
    UGESKEMA = "ugeskema", "ugeskema"
    BUDGET = "budget", "budget"
    TAF = "taf", "ansøgning om tabt arbejdsfortjeneste"


class CombinedWith(Slug):
    """What the training is combined with."""

    NONE = "none", "intet andet tilbud"
    DAY_CARE = "day_care", "dagtilbud"
    SCHOOL = "school", "skole"
    CLUB = "club", "klub"


class InformationKind(Slug):
    """What kind of information is asked for."""

    STATUS = "status", "statusbeskrivelse"
    MEDICAL = "medical", "lægelige oplysninger"
    SCHOOL = "school", "oplysninger om skolegang"
    PPR = "ppr", "PPR-vurdering"
    EMPLOYMENT = "employment", "oplysninger om ansættelse"
    STATEMENT = "statement", "udtalelse"
    OTHER = "other", "andre oplysninger"


class InformationPurpose(Slug):
    """What the information is for."""

    APPLICATION = "application", "ansøgningen"
    UNDERSOEGELSE = "undersoegelse", "den børnefaglige undersøgelse"
    TILSYN = "tilsyn", "tilsynet"
    TAF = "taf", "tabt arbejdsfortjeneste"


class AppliedMethod(Part):
    """A training method that the family applies for."""

    method: Text = Field(description="name of the method")
    kind: MethodKind = Field(description="conventional or alternative")
    elements: tuple[Text, ...] = Field(description="elements of the method")


@dataclass(slots=True)
class IntakeState:
    """What the family asked for, agreed to and was met about, and what is known of it."""

    enquiries: list[Entry["EnquiryReceived"]] = field(default_factory=list)
    meetings: list[Entry["MeetingHeld"]] = field(default_factory=list)
    consents: list[Entry["ConsentGiven"]] = field(default_factory=list)
    refused_consents: list[Entry["ConsentRefused"]] = field(default_factory=list)
    applications: list[Entry["ApplicationReceived"]] = field(default_factory=list)
    supplements: list[Entry["ApplicationSupplemented"]] = field(default_factory=list)
    withdrawals: list[Entry["ApplicationWithdrawn"]] = field(default_factory=list)
    information_requested: list[Entry["InformationRequested"]] = field(default_factory=list)
    information_received: list[Entry["InformationReceived"]] = field(default_factory=list)
    information_not_provided: list[Entry["InformationNotProvided"]] = field(default_factory=list)


class EnquiryReceived(
    Fact,
    type="EnquiryReceived",
    dansk="Henvendelse modtaget",
    data=DataKind.CASE,
    says="Henvendelse modtaget[ fra {contact}] ({channel}) om ”{topic}”.",
    by=(Task.AUTH,),
):
    """Someone got in touch about home training."""

    channel: ContactForm = Field(description="how they got in touch")
    contact: PartyRef | None = Field(None, description="party who got in touch")
    topic: AsHealth[Text] = Field(description="what it was about")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.enquiries.append(entry)

    def moves(self, state: State) -> State:
        return "henvendelse"


class GuidanceGiven(
    Fact,
    type="GuidanceGiven",
    dansk="Vejledning givet / ansøger kontaktet",
    data=DataKind.CASE,
    says="Vejledning givet[ til {to}] ({form}) om {topics}"
    "[; oplyst sagsbehandlingstid: ”{stated_processing_time}”][; afgørelse ventes {stated_expected_on}].",
    by=(Task.AUTH,),
    changes_no_state=True,
):
    """The authority guided the family, or contacted the applicant."""

    form: ContactForm = Field(description="how the guidance was given")
    topics: AsHealth[tuple[Text, ...]] = Field(description="what it was about")
    stated_processing_time: AsDecision[Text] | None = Field(None, description="processing time that was stated")
    stated_expected_on: Day | None = Field(None, description="day that was stated for the decision")
    to: PartyRef | None = Field(None, description="party who was guided")


class MeetingHeld(
    Fact,
    type="MeetingHeld",
    dansk="Møde/samtale afholdt",
    data=DataKind.CASE,
    says="{kind} holdt[ {place}]; barnet til stede: {child_present}.",
    by=(Task.AUTH, Task.PA, Task.BK),
    refs=(ref("plan", "TidsOgFaseplanReceived"), ref("application", "ApplicationReceived")),
):
    """A meeting or a talk with the family was held."""

    kind: MeetingKind = Field(description="what the meeting was for")
    participants: tuple[Id, ...] = Field(description="party refs, unit slugs or user ids of those present")
    child_present: bool = Field(description="whether the child was there")
    place: MeetingPlace | None = Field(None, description="where it was held")
    summary: AsHealth[Text] | None = Field(None, description="what was said")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.meetings.append(entry)


class ConsentGiven(
    Fact,
    type="ConsentGiven",
    dansk="Samtykke givet",
    data=DataKind.HEALTH,
    says="{given_by} gav {form} samtykke til at indhente oplysninger fra {sources}; formål: ”{purpose}”"
    "[; gælder til {valid_to}].",
    by=(Task.AUTH, Task.CITIZEN),
):
    """The parents agreed that information about the child may be gathered."""

    given_by: tuple[PartyRef, ...] = Field(description="parties who gave it")
    sources: tuple[Id, ...] = Field(
        description="sources it covers: hospital, institution, school, gp, psychologist, ppr, employer …"
    )
    purpose: Text = Field(description="what the information is for")
    valid_to: Day | None = Field(None, description="last day of the consent; absent = no end")
    form: ConsentForm = Field(description="how it was given")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.consents.append(entry)


class ConsentRefused(
    Fact,
    type="ConsentRefused",
    dansk="Samtykke afslået eller trukket tilbage",
    data=DataKind.HEALTH,
    says="Samtykke til at indhente oplysninger fra {sources} {kind} af {by}[; begrundelse: ”{reason}”]"
    "[; rådgiveren kontakter familien {follow_up_contact_on}].",
    by=(Task.AUTH,),
):
    """A party refused a consent, or took it back."""

    kind: ConsentRefusal = Field(description="refused, or taken back")
    by: PartyRef = Field(description="party who refused")
    sources: tuple[Id, ...] = Field(description="sources that may not be asked")
    reason: Text | None = Field(None, description="why")
    follow_up_contact_on: Day | None = Field(None, description="day the adviser contacts the family")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.refused_consents.append(entry)


class ApplicationReceived(
    Fact,
    type="ApplicationReceived",
    dansk="Ansøgning modtaget",
    data=DataKind.CASE,
    says="Ansøgning om hjemmetræning modtaget fra {applicants}[; ønsket timetal om ugen: {hours_per_week}]"
    "[; vedlagt: {parts}].",
    by=(Task.AUTH, Task.CITIZEN),
):
    """The parents applied for approval to train the child at home."""

    applicants: tuple[PartyRef, ...] = Field(description="parties who apply")
    methods: AsPlan[tuple[AppliedMethod, ...]] = Field(description="methods they want to use")
    hours_per_week: AsPlan[Count] | None = Field(None, description="training, whole hours a week")
    parts: tuple[ApplicationPart, ...] = Field(description="what is enclosed")
    combined_with: CombinedWith | None = Field(None, description="what the training is combined with")
    reason: AsHealth[Text] | None = Field(None, description="why they apply")
    home_conditions: AsHealth[Text] | None = Field(None, description="conditions in the home")
    own_resources: AsHealth[Text] | None = Field(None, description="the parents' own resources")
    child_wellbeing: AsHealth[Text] | None = Field(None, description="how the child is doing")
    siblings: AsSibling[Text] | None = Field(None, description="siblings")
    network: AsHealth[Text] | None = Field(None, description="the family's network")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.applications.append(entry)

    def moves(self, state: State) -> State:
        return "ansoegt"


class ApplicationSupplemented(
    Fact,
    type="ApplicationSupplemented",
    dansk="Ansøgning suppleret",
    data=DataKind.CASE,
    says="Ansøgning suppleret[ med {parts}].",
    by=(Task.AUTH, Task.CITIZEN),
    refs=(ref("application", "ApplicationReceived", required=True),),
):
    """The parents sent more for an application."""

    parts: tuple[ApplicationPart, ...] = Field(description="what was sent")
    note: AsHealth[Text] | None = Field(None, description="note on it")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.supplements.append(entry)


class ApplicationWithdrawn(
    Fact,
    type="ApplicationWithdrawn",
    dansk="Ansøgning trukket tilbage",
    data=DataKind.CASE,
    says="Ansøgning trukket tilbage af {by}[; begrundelse: ”{reason}”].",
    by=(Task.AUTH, Task.CITIZEN),
    refs=(ref("application", "ApplicationReceived", required=True),),
):
    """The parents took their application back."""

    by: PartyRef = Field(description="party who took it back")
    reason: AsHealth[Text] | None = Field(None, description="why")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.withdrawals.append(entry)

    def moves(self, state: State) -> State:
        return "trukket"


class InformationRequested(
    Fact,
    type="InformationRequested",
    dansk="Oplysninger indhentes",
    data=DataKind.HEALTH,
    says="{kind} indhentes fra {source} til brug for {purpose}[; svar ønskes senest {answer_by}]"
    "[; uden samtykke efter {without_consent_basis}].",
    by=(Task.AUTH, Task.PA),
    refs=(ref("application", "ApplicationReceived"),),
):
    """The authority asked a source for information about the child or the family."""

    source: Id = Field(description="id of the source, as in the consent")
    kind: InformationKind = Field(description="kind of information")
    purpose: InformationPurpose = Field(description="what it is for")
    answer_by: Day | None = Field(None, description="day by which an answer is wanted")
    without_consent_basis: LawText | None = Field(None, description="legal basis for asking without consent")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.information_requested.append(entry)

    def moves(self, state: State) -> State:
        return "oplysninger" if state == "ansoegt" else state


class InformationReceived(
    Fact,
    type="InformationReceived",
    dansk="Oplysninger modtaget",
    data=DataKind.HEALTH,
    says="Oplysninger modtaget fra {source}; helbredsoplysninger: {health}.",
    by=(Task.AUTH, Task.PA),
    refs=(refs("requests", "InformationRequested", required=True),),
):
    """A source answered one or more requests for information."""

    source: Id = Field(description="id of the source")
    health: bool = Field(description="whether it holds information on health")
    summary: Text | None = Field(None, description="what it says")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.information_received.append(entry)


class InformationNotProvided(
    Fact,
    type="InformationNotProvided",
    dansk="Oplysninger udebliver",
    data=DataKind.HEALTH,
    says="Oplysninger fra {source} udebliver[; årsag: ”{reason}”].",
    by=(Task.AUTH, Task.PA),
    refs=(refs("requests", "InformationRequested", required=True),),
):
    """A source will not answer; the requests count as answered."""

    source: Id = Field(description="id of the source")
    reason: Text | None = Field(None, description="why")

    def apply(self, state: IntakeState, entry: Entry[Any]) -> None:
        state.information_not_provided.append(entry)
