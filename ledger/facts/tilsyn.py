"""Tilsyn: the municipality's visits to see how the child, the family and the training are doing."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from ledger.facts.entry import Entry
from ledger.facts.fact import Fact, Task, ref
from ledger.facts.values import (
    AsHealth,
    AsPlan,
    AsSibling,
    DataKind,
    Day,
    Id,
    PlainText,
    Sensitive,
    Slug,
    SlugText,
    Text,
)


class TilsynKind(Slug):
    """What kind of tilsyn."""

    ORDINARY = "ordinary", "ordinært"
    EXTRA = "extra", "ekstra"
    OPFOELGNING = "opfoelgning", "opfølgning"


class StatementSource(Slug):
    """From whom a statement is wanted before the tilsyn."""

    INSTITUTION = "institution", "institution"
    SIBLINGS = "siblings", "søskende"
    SCHOOL = "school", "skole"


class AskedBy(Slug):
    """Who asked for the tilsyn to be moved."""

    FAMILY = "family", "familien"
    MUNICIPALITY = "municipality", "kommunen"


class TilsynIndstilling(Slug):
    """What the report recommends."""

    FORTSAETTELSE = "fortsaettelse", "fortsættelse"
    JUSTERING = "justering", "justering"
    OPHOER = "ophoer", "ophør"


@dataclass(slots=True)
class TilsynState:
    """The tilsyn of a case."""

    planned_on: dict[str, Day | None] = field(default_factory=dict)
    """Tilsyn id to the day it is now planned for; None = called off."""
    held: list[Entry["TilsynHeld"]] = field(default_factory=list)
    reports: list[Entry["TilsynsrapportPrepared"]] = field(default_factory=list)


class TilsynPlanned(
    Fact,
    type="TilsynPlanned",
    dansk="Tilsyn planlagt",
    data=DataKind.CASE,
    says="{kind} tilsyn planlagt til {planned_on}.",
    by=(Task.AUTH,),
):
    """A tilsyn was agreed or announced for a day."""

    tilsyn: Id = Field(description="id of the tilsyn in the case")
    planned_on: Day = Field(description="day it is planned for")
    kind: TilsynKind = Field(description="kind of tilsyn")
    statements_wanted: tuple[StatementSource, ...] | None = Field(None, description="from whom a statement is wanted")
    supervision_took_place: bool | None = Field(None, description="whether minutes of a supervision are due")

    def apply(self, state: TilsynState, entry: Entry[Any]) -> None:
        state.planned_on[self.tilsyn] = self.planned_on


class TilsynRescheduled(
    Fact,
    type="TilsynRescheduled",
    dansk="Tilsyn flyttet eller aflyst",
    data=DataKind.CASE,
    says="Tilsyn flyttet eller aflyst efter ønske fra {asked_by}[; ny dato {new_planned_on}]: {reason}",
    by=(Task.AUTH,),
    refs=(ref("planned", "TilsynPlanned", required=True),),
):
    """A planned tilsyn was moved to another day, or called off."""

    tilsyn: Id = Field(description="id of the tilsyn in the case")
    new_planned_on: Day | None = Field(None, description="new day; absent = called off")
    reason: AsHealth[Text] = Field(description="why")
    asked_by: AskedBy = Field(description="who asked for it")

    def apply(self, state: TilsynState, entry: Entry[Any]) -> None:
        state.planned_on[self.tilsyn] = self.new_planned_on


class TilsynHeld(
    Fact,
    type="TilsynHeld",
    dansk="Tilsyn afholdt",
    data=DataKind.CASE,
    says="{kind} tilsyn holdt; barnet til stede: {child_present}[ ({child_absent_reason})].",
    by=(Task.AUTH, Task.PA),
    refs=(ref("planned", "TilsynPlanned"),),
):
    """The municipality visited the home to see how child, family and training are doing."""

    kind: TilsynKind = Field(description="kind of tilsyn")
    participants: tuple[Id, ...] = Field(description="party refs, unit slugs or user ids of those present")
    units: tuple[SlugText, ...] = Field(description="units that took part")
    child_present: bool = Field(description="whether the child was there")
    child_absent_reason: AsHealth[Text] | None = Field(None, description="why the child was not there")
    child_talked_to: AsHealth[bool] | None = Field(None, description="whether someone talked with the child")
    siblings_seen: AsSibling[bool] | None = Field(None, description="whether siblings were seen")
    health_professional: bool = Field(description="whether a health professional took part")
    goal_fulfilment: AsPlan[Sensitive[tuple[PlainText, ...]]] | None = Field(
        None, description="how far each goal is reached"
    )
    consumption_checked: bool | None = Field(None, description="whether the use of the money was looked at")
    observation: AsHealth[Text] | None = Field(None, description="what was seen")

    def apply(self, state: TilsynState, entry: Entry[Any]) -> None:
        state.held.append(entry)


class TilsynsrapportPrepared(
    Fact,
    type="TilsynsrapportPrepared",
    dansk="Tilsynsrapport udarbejdet",
    data=DataKind.CASE,
    says="Tilsynsrapport udarbejdet; den indstiller {indstilling}[. Næste tilsyn {next_tilsyn_on}].",
    by=(Task.AUTH,),
    refs=(ref("tilsyn", "TilsynHeld", required=True),),
):
    """The report on a tilsyn with its reasoned recommendation. It is sent with PartshoeringSent."""

    indstilling: TilsynIndstilling = Field(description="recommendation")
    begrundelse: AsHealth[Text] = Field(description="reasons for the recommendation")
    overall: AsHealth[Text] = Field(description="overall assessment")
    health: AsHealth[Text] | None = Field(None, description="health")
    learning: AsHealth[Text] | None = Field(None, description="learning")
    leisure: AsHealth[Text] | None = Field(None, description="leisure")
    development: AsHealth[Text] | None = Field(None, description="development")
    family: AsHealth[Text] | None = Field(None, description="family")
    next_tilsyn_on: Day | None = Field(None, description="day of the next tilsyn")

    def apply(self, state: TilsynState, entry: Entry[Any]) -> None:
        state.reports.append(entry)
