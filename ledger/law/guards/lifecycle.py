"""Guards on who may record what, and on corrections: a letter that was sent is never rewritten."""

from typing import Any

from ledger.facts.acts import ActConfirmed, ActProposed
from ledger.facts.entry import Entry, versions_in
from ledger.facts.fact import Fact, Task
from ledger.facts.lifecycle import NEEDS_TWO, EntryAnnulled, EntryCorrected
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen

Correction = EntryCorrected | EntryAnnulled


@guard("G27", EntryCorrected, EntryAnnulled, source="forvaltningsretten: en meddelt afgørelse ændres ved ny afgørelse")
def sent_decision_stands(seen: Seen, fact: Correction) -> bool:
    """En udsendt afgørelse rettes ikke i registret; træf en ny afgørelse eller foretag genvurdering."""
    if isinstance(fact, EntryCorrected) and fact.letter_was_right:
        return True
    return not any(target.fact.decides for target in _reached(seen, _target(seen)))


def _target(seen: Seen) -> Entry[Any] | None:
    """What is corrected: found whatever its day is, and also when it is annulled by now."""
    return next((seen.told.reads(version) for version in versions_in(seen.refs.get("target"))), None)


def _reached(seen: Seen, target: Entry[Any] | None) -> list[Entry[Any]]:
    """What a correction changes: its target, and what that corrects in turn when it is a correction itself."""
    found = []
    while target is not None:
        found.append(target)
        further = target.pointer("target") if isinstance(target.fact, Correction) else None
        target = seen.told.reads(further) if further else None
    return found


@guard("G31", EntryCorrected, EntryAnnulled, source="god forvaltningsskik (to personer om en rettelse)")
def correction_is_approved_by_a_leader(seen: Seen, fact: Correction) -> bool:
    """Handlingen skal udføres eller godkendes af en anden medarbejder."""
    another = fact.approved_by.user_id != seen.actor.user_id
    return another and fact.approved_by.role in seen.law.municipality.tasks[Task.LEDER]


@guard(
    "G32",
    Fact,
    source="kommunens opgavefordeling (kompetence)",
)
def role_may_record(seen: Seen, fact: Fact) -> bool:
    """Din rolle må ikke registrere denne hændelse."""
    if seen.on_behalf_of is not None:  # the mandate says what it covers, whatever one's own role is
        return True
    if isinstance(fact, NEEDS_TWO):
        return _may_correct(seen, _target(seen))
    here, role = seen.law.municipality, seen.actor.role
    if here.is_citizen(role):  # what they hand in has guards of its own
        return isinstance(fact, ActProposed) or (here.may_draft(role, type(fact)) and _is_confirmed(seen))
    return here.may_record(role, type(fact))


def _is_confirmed(seen: Seen) -> bool:
    """Whether the entry right before a fact confirms it."""
    before = seen.told.reads(seen.version - 1)
    return before is not None and isinstance(before.fact, ActConfirmed)


def _may_correct(seen: Seen, target: Entry[Any] | None) -> bool:
    """Who may record a type may correct it; a leader corrects what leaders, registrars and the system recorded."""
    municipality, role = seen.law.municipality, seen.actor.role
    if target is None:
        return True
    if role in municipality.tasks[Task.LEDER]:
        return any(target.actor.role in municipality.tasks[task] for task in (Task.LEDER, Task.ADMIN, Task.SYS))
    return municipality.may_record(role, type(target.fact))
