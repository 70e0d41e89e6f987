"""Ændringer: what changes while the training runs – methods, family, school, and periods without training."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Decision, Fact, Task, ref
from ledger.facts.values import (
    X100,
    AsHealth,
    AsIdentity,
    AsMoney,
    AsPlan,
    DataKind,
    Day,
    Oere,
    PartyRef,
    PlainText,
    Private,
    Sensitive,
    Slug,
    SlugText,
    Text,
)


class MethodResultat(Slug):
    """What was decided about a supplementary method or a change of method."""

    GODKENDT = "godkendt", "godkendt"
    DELVIST_GODKENDT = "delvist_godkendt", "delvist godkendt"
    AFSLAAET = "afslaaet", "afslået"


class ChangeAbout(Slug):
    """Whose circumstances changed."""

    FAMILY = "family", "familien"
    CHILD = "child", "barnet"


class ChangeKind(Slug):
    """What kind of change."""

    DIVORCE = "divorce", "skilsmisse"
    ILLNESS = "illness", "sygdom"
    NEW_PARTNER = "new_partner", "ny partner"
    NEW_SIBLING = "new_sibling", "ny bror eller søster"
    SIBLING_SCHOOL = "sibling_school", "søskendes skolegang"
    DAY_CARE_OR_SCHOOL_START = "day_care_or_school_start", "start i dagtilbud eller skole"
    REDUCED_SCHOOL = "reduced_school", "nedsat skoletid"
    NEGATIVE_DEVELOPMENT = "negative_development", "negativ udvikling"
    MOVED = "moved", "flytning"
    OTHER = "other", "andet"


class SchoolingKind(Slug):
    """What changed in the child's schooling."""

    SCHOOL_START = "school_start", "skolestart"
    REDUCED_HOURS = "reduced_hours", "nedsat skoletid"
    FULL_HOURS = "full_hours", "fuld skoletid"
    HOMESCHOOLING_ENDED = "homeschooling_ended", "hjemmeundervisning ophørt"


class AbsenceKind(Slug):
    """Why the training pauses or changes for a time."""

    TRAINING_FREE = "training_free", "træningsfri"
    ABROAD = "abroad", "udlandsophold"
    MATERNITY = "maternity", "barsel"
    HOLIDAY = "holiday", "ferie"


class ReplacementOffer(Slug):
    """What the child is offered instead of training at home."""

    DAY_CARE = "day_care", "dagtilbud"
    SPECIAL_DAY_OFFER = "special_day_offer", "særligt dagtilbud"
    SCHOOL = "school", "skole"
    CLUB = "club", "klub"


@dataclass(slots=True)
class ChangesState:
    """The changes of a case."""

    supplements_decided: list[Entry["MethodSupplementDecided"]] = field(default_factory=list)
    changes_decided: list[Entry["MethodChangeDecided"]] = field(default_factory=list)
    circumstances: list[Entry["CircumstancesChanged"]] = field(default_factory=list)
    schooling: list[Entry["SchoolingRegistered"]] = field(default_factory=list)
    absences: list[Entry["AbsencePlanned"]] = field(default_factory=list)
    replacement_offers: list[Entry["ReplacementOfferArranged"]] = field(default_factory=list)


class MethodSupplementRequested(
    Fact,
    type="MethodSupplementRequested",
    dansk="Supplerende metode ansøgt",
    data=DataKind.PLAN,
    says="Supplerende metode ansøgt med en merudgift på {extra_cost_oere}: {method}[ ({elements})].",
    by=(Task.AUTH, Task.CITIZEN),
    changes_no_state=True,
):
    """The family applied to train with one more method."""

    method: Text = Field(description="the method")
    elements: tuple[Text, ...] | None = Field(None, description="elements of the method")
    extra_cost_oere: AsMoney[Oere] = Field(description="expected extra cost, in øre")
    reason: Text | None = Field(None, description="why")


class MethodSupplementDecided(
    Decision,
    type="MethodSupplementDecided",
    dansk="Supplerende metode afgjort",
    data=DataKind.DECISIONS,
    says="Supplerende metode {resultat}: {method}; fysiske, sundhedsfaglige elementer: {physical_health_elements}.",
    by=(Task.AUTH,),
    refs=(ref("request", "MethodSupplementRequested", required=True), ref("visitation", "VisitationHeld")),
):
    """The decision on a supplementary method."""

    resultat: MethodResultat = Field(description="what was decided")
    method: AsPlan[Text] = Field(description="the method")
    physical_health_elements: AsHealth[bool] = Field(description="whether it has physical elements of health care")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.supplements_decided.append(entry)


class MethodChangeRequested(
    Fact,
    type="MethodChangeRequested",
    dansk="Metodeskift ansøgt",
    data=DataKind.PLAN,
    says="Metodeskift ansøgt med en merudgift på {extra_cost_oere}: fra {from_method} til {to_method}.",
    by=(Task.AUTH, Task.CITIZEN),
    changes_no_state=True,
):
    """The family applied to train with another method."""

    from_method: Text = Field(description="method until now")
    to_method: Text = Field(description="method wanted")
    extra_cost_oere: AsMoney[Oere] = Field(description="expected extra cost, in øre")
    reason: Text | None = Field(None, description="why")


class MethodChangeDecided(
    Decision,
    type="MethodChangeDecided",
    dansk="Metodeskift afgjort",
    data=DataKind.DECISIONS,
    says="Metodeskift {resultat}: fra {from_method} til {to_method};"
    " fysiske, sundhedsfaglige elementer: {physical_health_elements}.",
    by=(Task.AUTH,),
    refs=(ref("request", "MethodChangeRequested", required=True), ref("visitation", "VisitationHeld")),
):
    """The decision on a change of method."""

    resultat: MethodResultat = Field(description="what was decided")
    from_method: AsPlan[Text] = Field(description="method until now")
    to_method: AsPlan[Text] = Field(description="method wanted")
    physical_health_elements: AsHealth[bool] = Field(description="whether it has physical elements of health care")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.changes_decided.append(entry)


class MethodChangeImplemented(
    Fact,
    type="MethodChangeImplemented",
    dansk="Metode taget i brug",
    data=DataKind.PLAN,
    says="Metode taget i brug fra den {from_on}: {method}.",
    by=(Task.AUTH,),
    refs=(ref("decision", "MethodChangeDecided", "MethodSupplementDecided", required=True),),
    changes_no_state=True,
):
    """The family began to train with a method that had been decided on."""

    method: Text = Field(description="the method")
    from_on: Day = Field(description="first day of training with it")


class CircumstancesChanged(
    Fact,
    type="CircumstancesChanged",
    dansk="Ændrede forhold meddelt",
    data=DataKind.HEALTH,
    says="Ændrede forhold for {about} meddelt af {reported_by}: {kind}[ siden den {since}];"
    " behov for ny undersøgelse: {needs_new_undersoegelse}.",
    by=(Task.AUTH, Task.CITIZEN),
):
    """Someone told that the circumstances of the child or the family had changed."""

    about: ChangeAbout = Field(description="whose circumstances changed")
    kind: ChangeKind = Field(description="kind of change")
    reported_by: PartyRef = Field(description="party who told")
    since: Day | None = Field(None, description="day of the change")
    description: Text | None = Field(None, description="what changed")
    needs_new_undersoegelse: bool = Field(description="whether a new børnefaglig undersøgelse is needed")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.circumstances.append(entry)


class HomeSchoolingNotified(
    Fact,
    type="HomeSchoolingNotified",
    dansk="Hjemmeundervisning meddelt",
    data=DataKind.PLAN,
    says="Hjemmeundervisning fra den {teaching_starts_on} meddelt af {by}; underviser: {teacher}.",
    by=(Task.BK, Task.AUTH),
    changes_no_state=True,
):
    """The parents gave notice that they will teach the child at home."""

    by: PartyRef = Field(description="party who gave notice")
    place: AsIdentity[Private[PlainText]] = Field(description="where the child is taught")
    teacher: PartyRef = Field(description="party who teaches")
    teaching_starts_on: Day = Field(description="first day of teaching")


class SchoolingRegistered(
    Fact,
    type="SchoolingRegistered",
    dansk="Skoleforhold registreret",
    data=DataKind.PLAN,
    says="Skoleforhold registreret: {kind} fra den {from_on}; timer om ugen: {hours_per_week_x100}.",
    by=(Task.BK, Task.AUTH),
):
    """The child's schooling changed."""

    kind: SchoolingKind = Field(description="what changed")
    hours_per_week_x100: X100 = Field(description="hours at school a week, in hundredths")
    medical_certificate_on: AsHealth[Sensitive[Day]] | None = Field(None, description="day of the medical certificate")
    from_on: Day = Field(description="day the change takes effect")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.schooling.append(entry)


class AbsencePlanned(
    Fact,
    type="AbsencePlanned",
    dansk="Periode uden/ændret træning",
    data=DataKind.PLAN,
    says="{kind} planlagt[ for {parent}] fra den {from_on} til den {to_on}.",
    by=(Task.AUTH, Task.CITIZEN),
):
    """A period was planned in which the training pauses or changes."""

    kind: AbsenceKind = Field(description="why the training pauses or changes")
    from_on: Day = Field(description="first day")
    to_on: Day = Field(description="last day")
    parent: PartyRef | None = Field(None, description="parent it is about")
    note: AsHealth[Text] | None = Field(None, description="note")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.absences.append(entry)


class ReplacementOfferArranged(
    Fact,
    type="ReplacementOfferArranged",
    dansk="Andet tilbud aftalt",
    data=DataKind.PLAN,
    says="Andet tilbud aftalt fra den {from_on}: {offer}.",
    by=(Task.AUTH, Task.BK),
):
    """It was arranged what the child gets instead of training at home."""

    offer: ReplacementOffer = Field(description="what the child is offered")
    from_on: Day = Field(description="first day")
    responsible_unit: SlugText = Field(description="slug of the unit responsible for it")

    def apply(self, state: ChangesState, entry: Entry[Any]) -> None:
        state.replacement_offers.append(entry)
