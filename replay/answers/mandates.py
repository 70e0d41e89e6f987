"""Question 4: under what mandate a decision was made."""

from collections.abc import Iterator
from typing import Any

from ledger.facts.entry import Entry
from ledger.facts.lifecycle import MandateRegistered
from ledger.law.guards.lifecycle import covers
from ledger.law.guards.seen import CaseTold, Seen
from replay.answers import Asked, Found
from replay.answers.common import about_decision, decided_by, recorded_by, the_decision
from replay.answers.wording import joined, on


@about_decision(4, "Efter hvilken bemyndigelse?")
def mandate(asked: Asked, decision: Entry[Any]) -> Found:
    """The mandate that the one who recorded the decision acted under, if any."""
    decider, recorder = decided_by(asked, decision), recorded_by(asked, decision)
    who = f"{the_decision(decision)} er truffet af {decider}, og registreret af {recorder}."
    used = decision.on_behalf_of
    if used is None:
        return _without_mandate(decision, who)
    found = [one for one in _mandates(asked) if one.fact.mandate == used.mandate_ref]
    seen = Seen.by(decision, CaseTold(asked.history), asked.law)
    valid = [one for one in found if covers(one.fact, used, seen, decision.fact)]
    sentence = f"{who} Det skete på vegne af {used.name}, {asked.unit(used.unit)}, efter bemyndigelse"
    sentence += f" {used.mandate_ref}. {_validity(asked, found, valid, decision)}"
    missing = () if found else (f"bemyndigelsen {used.mandate_ref}",)
    own = [one.version for one in found if one.case_id == decision.case_id]
    data = {"on_behalf_of": used, "mandates": [one.fact.as_data() for one in found], "valid": bool(valid)}
    return Found(sentence, data, [decision.version, *own], missing)


def _without_mandate(decision: Entry[Any], who: str) -> Found:
    by = decision.fact.decided_by
    is_own = by is not None and by.unit == decision.actor.unit
    sentence = joined(
        who,
        None if is_own else "Den er altså registreret af en anden enhed end den, der har truffet den.",
        "Der er ikke registreret nogen bemyndigelse til at handle på andres vegne.",
    )
    missing = () if is_own else ("en bemyndigelse fra den enhed, der har truffet afgørelsen",)
    return Found(sentence, {"on_behalf_of": None}, [decision.version], missing)


def _mandates(asked: Asked) -> Iterator[Entry[MandateRegistered]]:
    """Those of the case, then those of the municipality's own book."""
    yield from asked.history.of(MandateRegistered)
    yield from (one for one in asked.law.mandates if one.occurred_on <= asked.history.as_of)


def _validity(
    asked: Asked, found: list[Entry[MandateRegistered]], valid: list[Entry[MandateRegistered]], decision: Entry[Any]
) -> str:
    if not found:
        return "Bemyndigelsen er ikke registreret."
    fact = (valid or found)[-1].fact
    until = f" til {on(fact.valid_to)}" if fact.valid_to else ""
    sentence = (
        f"Den er givet af {fact.granted_by.name}, {asked.unit(fact.granted_by.unit)}, til"
        f" {asked.unit(fact.holder_unit)} og gælder fra {on(fact.valid_from)}{until}"
    )
    covers = "den dækkede" if valid else "den dækkede ikke"
    return f"{sentence}; {covers} afgørelsen {on(decision.occurred_on)}."
