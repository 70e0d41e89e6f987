"""A municipality as data: its units, its roles and which does what, its guards, windows and own deadline rules."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from ledger.facts.book import Certainty
from ledger.facts.fact import Fact, Task
from ledger.law.counting import Calendar
from ledger.law.rule import Rule, Said

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]


class Number(BaseModel):
    """A number of the law, with where it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int
    source: Said
    certainty: Certainty


class Numbers(BaseModel):
    """The numbers of the law by name. A municipality may set its own; the statute sets all but the municipal ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child_until_months: Number | None = None
    """Age at which a child is no longer one."""
    hearing_weeks: Number | None = None
    """The usual time to answer a hearing."""
    written_reasons_request_days: Number | None = None
    """How long after an oral decision written reasons can be asked for."""
    undersoegelse_valid_months: Number | None = None
    """How old a børnefaglig undersøgelse may be when hjemmetræning is approved."""
    goals_valid_months: Number | None = None
    """How long goals are good for."""
    tilsyn_a_year: Number | None = None
    """Tilsyn that a decision for a year names."""
    helper_insurance_hours: Number | None = None
    """Hours a year above which a helper must be insured."""
    second_approver_above_oere: Number | None = None
    """Amount above which another must approve."""
    taf_notice_weeks: Number | None = None
    """Notice before lost earnings end."""
    taf_notice_weeks_from_year: Number | None = None
    """Year from which that notice is counted in weeks …"""
    taf_notice_months_before_2018: Number | None = None
    """… and before which it was in months."""
    taf_school_hours_margin_x100: Number | None = None
    """How near the hours taken away may come to the school's (hundredths of an hour)."""
    hjemvisning_weeks: Number | None = None
    """Municipal: time to decide anew after Ankestyrelsen sent a case back."""
    nyborg_decision_weeks: Number | None = None
    """Municipal: a published time to decide an application."""

    @property
    def unset(self) -> list[str]:
        """What the statute leaves out and must not."""
        municipal = ("hjemvisning_weeks", "nyborg_decision_weeks")
        return [name for name, number in self if number is None and name not in municipal]


class Municipality(BaseModel):
    """One municipality's file of a rulebook. A new municipality is a new file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Word
    dansk: Said
    units: Mapping[Word, Said]
    roles: Mapping[Word, Said]
    tasks: Mapping[Task, tuple[Word, ...]]
    windows: Literal["from_start", "calendar_year"]
    """How the year in which tilsyn are counted lies."""
    cap_period: Literal["budget_year", "rolling_12_months"]
    """Over which period grants are held against the yearly cap."""
    guards: tuple[str, ...] = ()
    """Guards asked here besides those asked everywhere."""
    numbers: Numbers = Numbers()
    closing_days: Mapping[date, Said] = {}
    """Days the municipality keeps closed besides those of the law, each with its reason."""
    rule: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "Municipality":
        missing = set(Task) - set(self.tasks)
        if missing:
            raise ValueError(f"opgaver uden linje: {', '.join(sorted(missing))}")
        unknown = {role for roles in self.tasks.values() for role in roles} - set(self.roles)
        if unknown:
            raise ValueError(f"ukendte roller: {', '.join(sorted(unknown))}")
        return self

    @cached_property
    def calendar(self) -> Calendar:
        """Open and closed days here."""
        return Calendar(self.closing_days)

    def may_record(self, role: str, fact_type: type[Fact]) -> bool:
        """Whether a role may record a fact type here. A citizen only drafts."""
        tasks = (task for task in fact_type.declared.by if task is not Task.CITIZEN)
        return any(role in self.tasks[task] for task in tasks)

    def is_citizen(self, role: str) -> bool:
        """Whether a role is a citizen's: what they record is a draft."""
        return role in self.tasks[Task.CITIZEN]

    def may_draft(self, role: str, fact_type: type[Fact]) -> bool:
        """Whether a role may hand in a fact type as a draft, which the authority confirms."""
        return self.is_citizen(role) and Task.CITIZEN in fact_type.declared.by
