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
    numbers: Mapping[Word, Number] = {}
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
