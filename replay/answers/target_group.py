"""Målgruppe: who decided that the child belongs to the group, and whether that came before the training."""

from collections.abc import Sequence
from typing import Any, Final

from ledger.facts.assessment import MaalgruppeAssessmentStepRecorded, MaalgruppeDecided, MaalgruppeResult
from ledger.facts.decision import HjemmetraeningApproved
from ledger.facts.entry import Entry
from ledger.facts.intake import InformationReceived
from ledger.facts.sentence import danish_day, listed
from replay.answers import Asked, Found, question
from replay.answers.common import decided_by, quoted
from replay.answers.wording import chosen, joined, on, versions_of, was_before

_NO_BASIS: Final = "Afgørelsens egen angivelse af, hvilke oplysninger den bygger på"


@question(21, "Hvem afgjorde, om barnet er i målgruppen, hvornår og på hvilket grundlag?")
def who_decided_on_the_group(asked: Asked, decision: int | None = None) -> Found:
    """The decision on målgruppe, and what it rests on: as it says itself, else what was on record before it."""
    every = asked.told.of(MaalgruppeDecided)
    decided = chosen(every, decision)
    if decided is None:
        return Found("Sagen har ingen afgørelse om målgruppe.", missing=("Målgruppeafgørelse",))
    fact = decided.fact
    basis, earlier = _basis(asked, decided), [one for one in every if was_before(one, decided)]
    return Found(
        joined(
            f"{decided_by(asked, decided)}, afgjorde, {_says(decided)} ({listed(fact.hjemmel)}).",
            _sent(decided),
            _rests_on(decided, basis),
            f"Begrundelse: {quoted(fact.begrundelse)}." if fact.begrundelse is not None else None,
            *(f"Tidligere afgørelse, sendt {on(one.occurred_on)}: {one.fact.resultat.dansk}." for one in earlier),
        ),
        {
            "version": decided.version,
            "resultat": fact.resultat,
            "decided_by": fact.decided_by.unit,
            "decided_by_name": fact.decided_by.name,
            "decided_on": fact.decided_on,
            "sent_on": fact.sent_on,
            "hjemmel": fact.hjemmel,
            "begrundelse": fact.begrundelse,
            "basis": [{"version": one.version, "type": one.type, "occurred_on": one.occurred_on} for one in basis],
            "documents": [one for one in fact.facts_relied_on or () if isinstance(one, str)],
        },
        versions_of([decided], basis, earlier) | set(decided.pointers("requested")),
        () if fact.facts_relied_on else (_NO_BASIS,),
    )


def _says(decided: Entry[MaalgruppeDecided]) -> str:
    is_in = decided.fact.resultat is MaalgruppeResult.OMFATTET
    return f"at barnet {'er' if is_in else 'ikke er'} omfattet af målgruppen"


def _sent(decided: Entry[MaalgruppeDecided]) -> str:
    fact = decided.fact
    if fact.decided_on and fact.decided_on != fact.sent_on:
        return f"Afgørelsen blev truffet {on(fact.decided_on)} og sendt {on(fact.sent_on)}."
    return f"Afgørelsen blev sendt {on(fact.sent_on)}."


def _basis(asked: Asked, decided: Entry[MaalgruppeDecided]) -> Sequence[Entry[Any]]:
    if decided.fact.facts_relied_on:
        named = (asked.told.at(one) for one in decided.fact.facts_relied_on if isinstance(one, int))
        return [entry for entry in named if entry is not None]
    kinds = (InformationReceived, MaalgruppeAssessmentStepRecorded)
    return [one for one in asked.history.told if isinstance(one.fact, kinds) and was_before(one, decided)]


def _rests_on(decided: Entry[MaalgruppeDecided], basis: Sequence[Entry[Any]]) -> str:
    relied_on = decided.fact.facts_relied_on
    if relied_on:
        documents = (f"dokument {one}" for one in relied_on if isinstance(one, str))
        return f"Den angiver at bygge på {listed([*map(_named, basis), *documents])}."
    unsaid = "Den angiver ikke selv, hvilke oplysninger den bygger på"
    if basis:
        return f"{unsaid}; forud for den er registreret {listed(map(_named, basis))}."
    return f"{unsaid}, og der er ikke registreret oplysninger eller led i vurderingen forud for den."


def _named(entry: Entry[Any]) -> str:
    day = danish_day(entry.occurred_on)
    match entry.fact:
        case InformationReceived() as fact:
            return f"oplysninger fra {fact.source} ({day})"
        case MaalgruppeAssessmentStepRecorded() as fact:
            return f"{fact.kind.dansk}{f' {fact.place.dansk}' if fact.place else ''} ({day})"
        case fact:
            return f"{fact.declared.dansk} ({day})"


@question(22, "Blev hjemmetræningen godkendt før målgruppeafgørelsen?")
def approved_before_the_group_was_decided(asked: Asked, decision: int | None = None) -> Found:
    """The approval beside the decision on målgruppe that was in force then, by day and by version."""
    approved = chosen(asked.told.of(HjemmetraeningApproved), decision)
    if approved is None:
        return Found("Sagen har ingen godkendelse af hjemmetræning.")
    every = asked.told.of(MaalgruppeDecided)
    before = [one for one in every if was_before(one, approved)]
    group = before[-1] if before else next(iter(every), None)
    return Found(
        _order(approved, group, came_before=bool(before)),
        {
            "approved": {"version": approved.version, "sent_on": approved.occurred_on},
            "maalgruppe": group
            and {"version": group.version, "sent_on": group.occurred_on, "resultat": group.fact.resultat},
            "approved_first": not before,
        },
        versions_of([approved], [group] if group else []),
        () if group else ("Målgruppeafgørelse",),
    )


def _order(
    approved: Entry[HjemmetraeningApproved], group: Entry[MaalgruppeDecided] | None, *, came_before: bool
) -> str:
    approval = f"{on(approved.occurred_on)} (nr. {approved.version})"
    if group is None:
        return f"Hjemmetræningen blev godkendt {approval}; der er ikke registreret nogen målgruppeafgørelse."
    decided = f"{on(group.occurred_on)} (nr. {group.version})"
    says = _says(group)
    if came_before and group.fact.resultat is MaalgruppeResult.OMFATTET:
        return f"Nej. Det blev afgjort {decided}, {says}; hjemmetræningen blev godkendt bagefter, {approval}."
    if came_before:
        return f"Ja. Da hjemmetræningen blev godkendt {approval}, gjaldt afgørelsen {decided}, {says}."
    if group.occurred_on <= approved.occurred_on:
        return (
            f"Hjemmetræningen blev godkendt {approval}. Afgørelsen, {says}, er dateret"
            f" {danish_day(group.occurred_on)}, men først registreret derefter (nr. {group.version})."
        )
    return f"Ja. Hjemmetræningen blev godkendt {approval}; først {decided} blev det afgjort, {says}."
