"""Tabt arbejdsfortjeneste (TAF): the benefit for earnings a parent loses by training the child at home."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Decision, Fact, Task, ref
from ledger.facts.values import (
    X100,
    Count,
    DataKind,
    Day,
    Oere,
    PartyRef,
    SensitiveOfParent,
    Slug,
    Text,
)


class TafResultat(Slug):
    """What was decided about an application."""

    BEVILGET = "bevilget", "bevilget"
    DELVIST_BEVILGET = "delvist_bevilget", "delvist bevilget"
    AFSLAAET = "afslaaet", "afslået"


class TafAdjustmentResultat(Slug):
    """What was decided about a running benefit."""

    FORHOEJET = "forhoejet", "forhøjet"
    NEDSAT = "nedsat", "nedsat"
    OPHOERT = "ophoert", "ophørt"


class ReassessmentCause(Slug):
    """What gave cause to assess the benefit anew."""

    TERMINATION = "termination", "hjemmetræningens ophør"
    SCHOOL_AGE = "school_age", "skolealder"
    FAMILY_CHANGE = "family_change", "ændringer i familien"
    ANNUAL = "annual", "årlig vurdering"
    OTHER = "other", "andet"


class ReassessmentConclusion(Slug):
    """Where a new assessment points."""

    UNCHANGED = "unchanged", "uændret"
    INCREASE = "increase", "forhøjelse"
    REDUCE = "reduce", "nedsættelse"
    END = "end", "ophør"


class TafAdjustmentReason(Slug):
    """Why a running benefit was changed."""

    TERMINATION = "termination", "hjemmetræningens ophør"
    SCHOOL_AGE = "school_age", "skolealder"
    FAMILY_CHANGE = "family_change", "ændringer i familien"
    INCOME = "income", "ændret indkomst"
    AGE_18 = "age_18", "barnet fylder 18 år"
    OTHER = "other", "andet"


@dataclass(slots=True)
class LostEarningsState:
    """The tabt arbejdsfortjeneste of a case."""

    decided: list[Entry["TabtArbejdsfortjenesteDecided"]] = field(default_factory=list)
    reassessed: list[Entry["TabtArbejdsfortjenesteReassessed"]] = field(default_factory=list)
    adjusted: list[Entry["TabtArbejdsfortjenesteAdjusted"]] = field(default_factory=list)


class TabtArbejdsfortjenesteRequested(
    Fact,
    type="TabtArbejdsfortjenesteRequested",
    dansk="Tabt arbejdsfortjeneste ansøgt",
    data=DataKind.TAF,
    says="Tabt arbejdsfortjeneste ansøgt for {parent}: {hours_x100} ud af {work_hours_x100} timer om ugen.",
    by=(Task.AUTH, Task.CITIZEN),
    changes_no_state=True,
):
    """A parent applied for the benefit."""

    parent: PartyRef = Field(description="parent who loses earnings")
    hours_x100: X100 = Field(description="hours of the benefit a week, in hundredths")
    work_hours_x100: X100 = Field(description="whole working time a week, in hundredths of an hour")
    monthly_income_oere: SensitiveOfParent[Oere] | None = Field(None, description="the parent's monthly income, in øre")
    payslip_months: Count | None = Field(None, description="number of months with payslips enclosed")


class TabtArbejdsfortjenesteDecided(
    Decision,
    type="TabtArbejdsfortjenesteDecided",
    dansk="Tabt arbejdsfortjeneste afgjort",
    data=DataKind.TAF,
    says="Tabt arbejdsfortjeneste for {parent} {resultat}:"
    " {hours_x100} ud af {work_hours_x100} timer om ugen fra den {from_on}.",
    by=(Task.AUTH,),
    refs=(ref("request", "TabtArbejdsfortjenesteRequested"),),
):
    """The decision on the benefit: hours, amounts and the day it starts."""

    resultat: TafResultat = Field(description="what was decided")
    parent: PartyRef = Field(description="parent who loses earnings")
    hours_x100: X100 = Field(description="hours of the benefit a week, in hundredths")
    work_hours_x100: X100 = Field(description="whole working time a week, in hundredths of an hour")
    income_basis_oere: SensitiveOfParent[Oere] = Field(
        description="monthly income the benefit is reckoned from, in øre"
    )
    cap_oere: Oere = Field(description="monthly cap, in øre")
    deductions_oere: Oere = Field(description="deducted a month, in øre")
    benefits_added_oere: Oere = Field(description="benefits added a month, in øre")
    monthly_taf_oere: SensitiveOfParent[Oere] = Field(description="benefit a month, in øre")
    pension_oere: Oere = Field(description="pension contribution a month, in øre")
    atp_recipient_oere: Oere | None = Field(None, description="ATP paid by the recipient a month, in øre")
    atp_municipality_oere: Oere | None = Field(None, description="ATP paid by the municipality a month, in øre")
    helhedsvurdering: Text = Field(description="assessment of the family's whole situation")
    homeschooling_hours_x100: X100 = Field(
        description="hours of the benefit a week that are for homeschooling, in hundredths"
    )
    from_on: Day = Field(description="day the decision takes effect")

    def apply(self, state: LostEarningsState, entry: Entry[Any]) -> None:
        state.decided.append(entry)


class TabtArbejdsfortjenesteReassessed(
    Fact,
    type="TabtArbejdsfortjenesteReassessed",
    dansk="Tabt arbejdsfortjeneste vurderet på ny",
    data=DataKind.TAF,
    says="Tabt arbejdsfortjeneste for {parent} vurderet på ny; anledning: {cause}; konklusion: {conclusion}.",
    by=(Task.AUTH,),
):
    """A running benefit was assessed anew. A change of it is a decision of its own."""

    parent: PartyRef = Field(description="parent who gets the benefit")
    cause: ReassessmentCause = Field(description="what gave cause")
    helhedsvurdering: Text = Field(description="assessment of the family's whole situation")
    conclusion: ReassessmentConclusion = Field(description="where the assessment points")
    school_hours_x100: X100 | None = Field(None, description="hours the child is at school a week, in hundredths")

    def apply(self, state: LostEarningsState, entry: Entry[Any]) -> None:
        state.reassessed.append(entry)


class TabtArbejdsfortjenesteAdjusted(
    Decision,
    type="TabtArbejdsfortjenesteAdjusted",
    dansk="Tabt arbejdsfortjeneste ændret eller ophørt",
    data=DataKind.TAF,
    says="Tabt arbejdsfortjeneste for {parent} {resultat}:"
    " fra {old_hours_x100} til {new_hours_x100} timer om ugen fra den {effective_on}; årsag: {reason_code}.",
    by=(Task.AUTH,),
    refs=(ref("reassessment", "TabtArbejdsfortjenesteReassessed"),),
):
    """The decision to raise, reduce or end a running benefit."""

    resultat: TafAdjustmentResultat = Field(description="what was decided")
    parent: PartyRef = Field(description="parent who gets the benefit")
    old_hours_x100: X100 = Field(description="hours a week until now, in hundredths")
    new_hours_x100: X100 = Field(description="hours a week from now on, in hundredths; 0 = ended")
    effective_on: Day = Field(description="day the change takes effect")
    monthly_taf_oere: SensitiveOfParent[Oere] = Field(description="benefit a month from now on, in øre")
    reason_code: TafAdjustmentReason = Field(description="why it was changed")

    def apply(self, state: LostEarningsState, entry: Entry[Any]) -> None:
        state.adjusted.append(entry)
