"""Plan (tids- og faseplan, ugeskema): what the family will train, how, and when in the week."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict, Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Part, Task, ref
from ledger.facts.values import (
    Count,
    DataKind,
    Day,
    PlainText,
    Sensitive,
    Slug,
    Text,
    Version,
)


class PlanStage(Slug):
    """When in the case a plan was made."""

    DRAFT = "draft", "udkast"
    FINAL = "final", "endelig"
    BEFORE_TILSYN = "before_tilsyn", "før tilsyn"
    AFTER_TILSYN = "after_tilsyn", "efter tilsyn"


class PlanGoal(Part):
    """A goal of the plan: where the child is, where it should get, and how."""

    model_config = ConfigDict(serialize_by_alias=True)

    goal: PlainText | None = Field(None, description="the goal")
    status_now: PlainText | None = Field(None, description="where the child is now")
    goal_6_months: PlainText | None = Field(None, description="goal after six months")
    goal_1_year: PlainText | None = Field(None, description="goal after one year")
    method: PlainText | None = Field(None, description="method used")
    exercises: PlainText | None = Field(None, description="exercises")
    time: PlainText | None = Field(None, description="when and how much")
    equipment: PlainText | None = Field(None, description="equipment needed")
    documentation: PlainText | None = Field(None, description="how progress is documented")
    fulfilment: PlainText | None = Field(None, description="how far the goal is reached")
    continue_: bool | PlainText | None = Field(
        None, alias="continue", description="whether the goal goes on, and with what changes"
    )


@dataclass(slots=True)
class PlanState:
    """The plans and week schedules of a case."""

    plans: list[Entry["TidsOgFaseplanReceived"]] = field(default_factory=list)
    sent: list[Entry["TidsOgFaseplanSentForAssessment"]] = field(default_factory=list)
    assessed: list[Entry["TidsOgFaseplanAssessed"]] = field(default_factory=list)
    ugeskemaer: list[Entry["UgeskemaReceived"]] = field(default_factory=list)


class TidsOgFaseplanReceived(
    Fact,
    type="TidsOgFaseplanReceived",
    dansk="Tids- og faseplan modtaget",
    data=DataKind.PLAN,
    says="Tids- og faseplan, version {plan_version} ({stage}), modtaget.",
    by=(Task.AUTH, Task.CITIZEN),
    refs=(
        ref("application", "ApplicationReceived"),
        ref("meeting", "MeetingHeld"),
        ref("planned", "TilsynPlanned"),
        ref("tilsyn", "TilsynHeld"),
    ),
):
    """The parents handed in a plan of goals, methods and times."""

    plan_version: Version = Field(description="version of the plan in the case")
    stage: PlanStage = Field(description="when in the case it was made")
    goals: Sensitive[tuple[PlanGoal, ...]] = Field(description="the goals of the plan")

    def apply(self, state: PlanState, entry: Entry[Any]) -> None:
        state.plans.append(entry)


class TidsOgFaseplanAdjustmentRequested(
    Fact,
    type="TidsOgFaseplanAdjustmentRequested",
    dansk="Justering af plan anmodet",
    data=DataKind.PLAN,
    says="Forældrene bedt om at justere tids- og faseplanen: ”{what}”[; svar ønskes senest {answer_by}].",
    by=(Task.AUTH, Task.PA),
    refs=(ref("plan", "TidsOgFaseplanReceived", required=True),),
    changes_no_state=True,
):
    """The authority asked the parents to change the plan."""

    what: Text = Field(description="what should be changed")
    answer_by: Day | None = Field(None, description="day by which an answer is wanted")


class TidsOgFaseplanSentForAssessment(
    Fact,
    type="TidsOgFaseplanSentForAssessment",
    dansk="Plan sendt til vurdering",
    data=DataKind.PLAN,
    says="Tids- og faseplan, version {plan_version}, sendt til vurdering.",
    by=(Task.AUTH,),
    refs=(ref("plan", "TidsOgFaseplanReceived", required=True),),
):
    """The plan was sent to those who assess it."""

    plan_version: Version = Field(description="version of the plan in the case")

    def apply(self, state: PlanState, entry: Entry[Any]) -> None:
        state.sent.append(entry)


class TidsOgFaseplanAssessed(
    Fact,
    type="TidsOgFaseplanAssessed",
    dansk="Plan vurderet",
    data=DataKind.PLAN,
    says="Tids- og faseplan vurderet; målene kan dokumenteres: {documentable}.",
    by=(Task.PA,),
    refs=(ref("sent", "TidsOgFaseplanSentForAssessment", required=True),),
):
    """The plan was assessed: can its goals be documented?"""

    documentable: bool = Field(description="whether the goals can be documented")
    remarks: Text | None = Field(None, description="remarks on the plan")

    def apply(self, state: PlanState, entry: Entry[Any]) -> None:
        state.assessed.append(entry)


class UgeskemaReceived(
    Fact,
    type="UgeskemaReceived",
    dansk="Ugeskema modtaget",
    data=DataKind.PLAN,
    says="Ugeskema, version {ugeskema_version}, modtaget; træningstimer om ugen: {training_hours}"
    "[; skoletimer om ugen: {school_hours}].",
    by=(Task.AUTH, Task.CITIZEN),
):
    """The parents handed in a schedule of the child's week."""

    ugeskema_version: Version = Field(description="version of the schedule in the case")
    training_hours: Count = Field(description="training, hours a week")
    time_with_children: bool = Field(description="whether there is time with other children")
    free_time: bool = Field(description="whether there is free time")
    breaks: bool = Field(description="whether there are breaks")
    school_hours: Count | None = Field(None, description="school, hours a week")

    def apply(self, state: PlanState, entry: Entry[Any]) -> None:
        state.ugeskemaer.append(entry)
