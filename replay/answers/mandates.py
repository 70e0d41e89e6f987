"""Question 4: under what mandate a decision was made, and who could have made it that day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.facts.entry import Entry
from ledger.facts.lifecycle import MandateRegistered
from ledger.facts.sentence import kroner, listed
from ledger.law.guards.mandates import covers, extends_to, mandates
from ledger.law.guards.seen import CaseTold, Seen
from replay.answers import Asked, Found
from replay.answers.common import about_decision, decided_by, recorded_by, the_decision
from replay.answers.wording import joined, on


@dataclass(frozen=True)
class Competent:
    """Someone who could have made a decision that day: by the table of who records what, or by a mandate."""

    role: str | None = None
    """Slug of the role, when it is by the table."""
    mandate: str | None = None
    holder_unit: str | None = None
    holder_user: str | None = None
    """When the mandate is personal."""
    on_behalf_of: str | None = None
    """Slug of the unit that granted the mandate."""
    max_amount_oere: int | None = None
    valid_to: date | None = None
    version: int | None = None
    """Of the mandate's entry: in the case, or in the municipality's own book when `in_book`."""
    in_book: bool = False


@about_decision(4, "Efter hvilken bemyndigelse?")
def mandate(asked: Asked, decision: Entry[Any]) -> Found:
    """The mandate that the one who recorded the decision acted under, if any, and who could have done so then."""
    seen = Seen.by(decision, CaseTold(asked.history), asked.law)
    used, could = _used(asked, seen, decision), list(_could(seen, decision))
    there = {one.version for one in could if one.version and not one.in_book}
    return Found(
        joined(used.sentence, _competence(asked, decision, could)), {**used.data, "could_decide": could},
        {*used.versions, *there}, used.missing,
    )  # fmt: skip


def _used(asked: Asked, seen: Seen, decision: Entry[Any]) -> Found:
    decider, recorder = decided_by(asked, decision), recorded_by(asked, decision)
    who = f"{the_decision(decision)} er truffet af {decider}, og registreret af {recorder}."
    used = decision.on_behalf_of
    if used is None:
        return _without_mandate(decision, who)
    found = [one for one in _mandates(asked) if one.fact.mandate == used.mandate_ref]
    valid = [one for one in found if covers(one.fact, seen, decision.fact)]
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


def _could(seen: Seen, decision: Entry[Any]) -> Iterator[Competent]:
    """Who could have made the decision, with what was registered before it and in force on its day."""
    here = seen.law.municipality
    yield from (Competent(role=role) for role in here.roles if here.may_record(role, type(decision.fact)))
    for name, entry in sorted(mandates(seen).items()):
        fact = entry.fact
        if extends_to(fact, seen, decision.fact):
            yield Competent(
                mandate=name, holder_unit=fact.holder_unit, holder_user=fact.holder_user,
                on_behalf_of=fact.granted_by.unit, max_amount_oere=fact.max_amount_oere, valid_to=fact.valid_to,
                version=entry.version, in_book=entry.case_id != decision.case_id,
            )  # fmt: skip


def _competence(asked: Asked, decision: Entry[Any], could: list[Competent]) -> str:
    if not could:
        return f"Ingen havde kompetencen til den {on(decision.occurred_on)}."
    return f"Kompetencen til den lå {on(decision.occurred_on)} {listed(_named(asked, one) for one in could)}."


def _named(asked: Asked, one: Competent) -> str:
    if one.role:
        return f"hos rollen ”{asked.law.municipality.roles[one.role]}”"
    who = asked.unit(one.holder_unit) + (f" ({one.holder_user})" if one.holder_user else "")
    limit = "" if one.max_amount_oere is None else f", højst {kroner(one.max_amount_oere)}"
    return f"hos {who} på vegne af {asked.unit(one.on_behalf_of)} (bemyndigelse {one.mandate}{limit})"


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
