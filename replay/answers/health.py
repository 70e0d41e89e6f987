"""Sundhedsfaglige elementer: who looked at the methods that touch on health, and what was approved of them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.facts.assessment import HealthAssessmentReceived
from ledger.facts.changes import MethodChangeDecided, MethodSupplementDecided
from ledger.facts.decision import ElementResultat, HealthClass, HjemmetraeningApproved, MethodElementDecided
from ledger.facts.entry import Entry
from ledger.facts.sentence import danish_day, listed
from ledger.facts.tilsyn import TilsynHeld
from replay.answers import Asked, Found, question
from replay.answers.common import named, quoted
from replay.answers.wording import joined, on, versions_of, was_before

_METHODS: Final = (HjemmetraeningApproved, MethodChangeDecided, MethodSupplementDecided)


@question(26, "Blev sundhedsfaglige inddraget, hvor metoden har fysiske, sundhedsfaglige elementer?")
def health_professionals_took_part(asked: Asked) -> Found:
    """The assessments before each decision on such a method, and who came to the tilsyn after the first of them."""
    decisions = [one for one in asked.history.told if isinstance(one.fact, _METHODS) and _approves(one)]
    if not decisions:
        return Found("Sagen har ingen afgørelse, der godkender en træningsmetode.")
    physical = [one for one in decisions if one.fact.physical_health_elements]
    if not physical:
        told = listed(f"{named(one)} af {danish_day(one.occurred_on)}" for one in decisions)
        return Found(
            f"Ingen godkendt metode angives at have fysiske, sundhedsfaglige elementer: {told}.",
            [],
            versions_of(decisions),
        )
    return _involved(asked, physical)


def _approves(entry: Entry[Any]) -> bool:
    return bool(entry.fact.resultat != "afslaaet")


def _involved(asked: Asked, physical: Sequence[Entry[Any]]) -> Found:
    before = {one.version: _assessments(asked, one) for one in physical}
    visits = [one for one in asked.told.of(TilsynHeld) if one.occurred_on >= physical[0].occurred_on]
    came = [one for one in visits if one.fact.health_professional]
    lead = "Nej." if not all(before.values()) else "Ja." if len(came) == len(visits) else "Delvist."
    unassessed = [one for one in physical if not before[one.version]]
    return Found(
        joined(lead, *(_assessed(one, before[one.version]) for one in physical), *_visited(visits, came)),
        [{"decision": one.version, "assessments": sorted(versions_of(before[one.version]))} for one in physical],
        versions_of(physical, *before.values(), visits),
        tuple(f"Sundhedsfaglig vurdering forud for {named(one)}" for one in unassessed),
    )


def _assessments(asked: Asked, decision: Entry[Any]) -> list[Entry[HealthAssessmentReceived]]:
    return [one for one in asked.told.of(HealthAssessmentReceived) if was_before(one, decision)]


def _assessed(decision: Entry[Any], before: Sequence[Entry[HealthAssessmentReceived]]) -> str:
    says = f"{named(decision)} af {danish_day(decision.occurred_on)} angiver fysiske, sundhedsfaglige elementer"
    if not before:
        return f"{says}; der er ikke registreret en sundhedsfaglig vurdering forud for den."
    return f"{says}; forud for den: {'; '.join(map(_assessment, before))}."


def _assessment(entry: Entry[HealthAssessmentReceived]) -> str:
    fact = entry.fact
    what = f"{quoted(fact.method)} vurderet {on(entry.occurred_on)} ({fact.discipline.dansk})"
    return f"{what}: {quoted(fact.conclusion)}"


def _visited(visits: Sequence[Entry[TilsynHeld]], came: Sequence[Entry[TilsynHeld]]) -> Iterator[str]:
    missed = [one for one in visits if one not in came]
    if came:
        yield f"En sundhedsfaglig deltog i tilsyn {listed(on(one.occurred_on) for one in came)}."
    if missed:
        yield f"Ingen sundhedsfaglig deltog i tilsyn {listed(on(one.occurred_on) for one in missed)}."
    if not visits:
        yield "Der er ikke holdt tilsyn siden."


@question(27, "Blev et specialiseret sundhedsfagligt element godkendt?")
def specialised_element_was_approved(asked: Asked) -> Found:
    """The elements that were decided on one by one; of what a method holds besides, the ledger says nothing."""
    decided = asked.told.of(MethodElementDecided)
    if not decided:
        return Found(
            "Der er ikke registreret nogen godkendelse af et specialiseret sundhedsfagligt element."
            " Sagen har ingen særskilte afgørelser om metodernes elementer, så det er ikke vurderet for dem hver især.",
            [],
            missing=("Afgørelser om de enkelte metodeelementer",),
        )
    special = [one for one in decided if _is_specialised(one.fact) and one.fact.resultat is ElementResultat.GODKENDT]
    return Found(
        joined("Ja." if special else "Nej.", "Afgjort er", "; ".join(map(_element, decided)) + "."),
        [
            {
                "version": one.version,
                "method": one.fact.method,
                "element": one.fact.element,
                "health_class": one.fact.health_class,
                "resultat": one.fact.resultat,
            }
            for one in decided
        ],
        versions_of(decided),
    )


def _is_specialised(fact: MethodElementDecided) -> bool:
    return fact.health_class is HealthClass.SPECIALISED_HEALTH


def _element(entry: Entry[MethodElementDecided]) -> str:
    fact = entry.fact
    where = f"{quoted(fact.element)} i {quoted(fact.method)}"
    return f"{where}: {fact.resultat.dansk}, {fact.health_class.dansk} ({danish_day(entry.occurred_on)})"
