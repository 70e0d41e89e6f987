"""Question 20: where the time from application to decision went."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from ledger.facts.assessment import (
    BoernefagligUndersoegelseClosed,
    BoernefagligUndersoegelseOpened,
    MaalgruppeAssessmentRequested,
    MaalgruppeDecided,
)
from ledger.facts.decision import (
    IndstillingSentToVisitation,
    PartshoeringAnswered,
    PartshoeringExpired,
    PartshoeringSent,
    VisitationHeld,
)
from ledger.facts.entry import Entry
from ledger.facts.fact import Fact
from ledger.facts.intake import ApplicationReceived, InformationReceived, InformationRequested
from ledger.facts.plan import TidsOgFaseplanAssessed, TidsOgFaseplanReceived
from ledger.facts.sentence import listed
from ledger.law.rule import Rule, Side
from replay.answers import Asked, Found, question
from replay.answers.common import days
from replay.answers.postponement import decision_on, decision_rule, no_deadline, none_applied, took
from replay.answers.wording import chosen, joined, versions_of
from replay.explain import Explanation, explain

_SIDES: Final = (Side.AUTHORITY, Side.PARENTS, Side.THIRD_PARTIES)  # as they are told
_PHASES: Final[tuple[tuple[str, type[Fact], tuple[type[Fact], ...]], ...]] = (
    ("indhentning af oplysninger", InformationRequested, (InformationReceived,)),
    ("målgruppevurdering", MaalgruppeAssessmentRequested, (MaalgruppeDecided,)),
    ("tids- og faseplan", TidsOgFaseplanReceived, (TidsOgFaseplanAssessed,)),
    ("børnefaglig undersøgelse", BoernefagligUndersoegelseOpened, (BoernefagligUndersoegelseClosed,)),
    ("partshøring", PartshoeringSent, (PartshoeringAnswered, PartshoeringExpired)),
    ("visitation", IndstillingSentToVisitation, (VisitationHeld,)),
)
"""The phases of metric M19 (REPORTS §2): name, what begins one, and what ends it. They may overlap."""


class Phase(NamedTuple):
    """A phase with both ends in the time from application to decision."""

    name: str
    first: Entry[Any]
    last: Entry[Any]

    @property
    def begins(self) -> date:
        """The day it counts from: of an undersøgelse, its anledning."""
        fact = self.first.fact
        return fact.anledning_on if isinstance(fact, BoernefagligUndersoegelseOpened) else self.first.occurred_on

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.last.occurred_on - self.begins).days


@question(20, "Hvilken del af forløbet brugte tiden?")
def where_the_time_went(asked: Asked, application: int | None = None) -> Found:
    """The days from application to decision: how long each phase took, and on whom each day waited."""
    applied = chosen(asked.told.of(ApplicationReceived), application)
    if applied is None:
        return none_applied(asked)
    rule, decision = decision_rule(asked), decision_on(asked, applied)
    phases = list(_phases(asked, applied, decision))
    told = _explained(asked, rule, applied) if rule else None
    sentence = joined(
        f"{took(asked, applied, decision)}.",
        f"Forløbets dele, som kan overlappe: {listed(f'{one.name} ({days(one.days)})' for one in phases)}."
        if phases
        else "Der er ikke registreret noget om forløbets dele.",
        _waited(asked, told) if told else f"{no_deadline(asked, applied, rule)} Dagene kan derfor ikke fordeles på,"
        " hvem der blev ventet på.",
    )  # fmt: skip
    data = {
        "phases": [_phase_data(one) for one in phases],
        "waited_by_side": told.waited_by_side if told else None,
        "waited_by_rule": dict(Counter(day.rule for day in told.waited)) if told else None,
    }
    ends = [entry for one in phases for entry in (one.first, one.last)]
    versions = versions_of([applied], [decision] if decision else [], ends) | set(told.entries if told else ())
    return Found(sentence, data, versions)


def _phase_data(phase: Phase) -> dict[str, Any]:
    return {"phase": phase.name, "from": phase.begins, "to": phase.last.occurred_on, "days": phase.days}


def _phases(asked: Asked, applied: Entry[Any], decision: Entry[Any] | None) -> Iterator[Phase]:
    until = decision.occurred_on if decision else asked.history.as_of
    within = [one for one in asked.history.told if applied.occurred_on <= one.occurred_on <= until]
    for name, begins, ends in _PHASES:
        first = next((one for one in within if isinstance(one.fact, begins)), None)
        last = next((one for one in reversed(within) if isinstance(one.fact, ends)), None)
        if first and last and first.occurred_on <= last.occurred_on:
            yield Phase(name, first, last)
    meeting = asked.told.at(decision.pointer("visitation") or 0) if decision else None
    if decision and meeting:
        yield Phase("afsendelse af afgørelsen", meeting, decision)


def _explained(asked: Asked, rule: Rule, applied: Entry[Any]) -> Explanation | None:
    """The deadline of the application day by day; None when none runs, as for older, migrated history."""
    if asked.history.is_migrated(applied):
        return None
    found = explain(asked.history, asked.law, rule.slug, applied.occurred_on, asked.names)
    return next((one for one in found if one.because.version == applied.version), None)


def _waited(asked: Asked, told: Explanation) -> str:
    sides = Counter(day.side for day in told.waited)
    on_whom = listed(f"{side.dansk} ({days(sides[side])})" for side in _SIDES if sides[side])
    titles = {rule.slug: rule.dansk for rule in asked.law.rules}
    by_rule = Counter(day.rule for day in told.waited if day.rule != told.rule)
    longest = listed(f"”{titles[slug]}” ({days(count)})" for slug, count in by_rule.most_common())
    return joined(
        f"Af dagene ventede sagen på: {on_whom}." if told.waited else None,
        f"Fordelt på frister i forløbet: {longest}; resten lå uden for dem." if by_rule else None,
    )
