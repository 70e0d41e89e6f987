"""Guards on who may record what, and on corrections: a letter that was sent is never rewritten."""

from typing import Any

from ledger.facts.entry import Entry, OnBehalfOf, versions_in
from ledger.facts.fact import Fact, Task
from ledger.facts.lifecycle import NEEDS_TWO, EntryAnnulled, EntryCorrected, MandateRegistered
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
    return seen.law.municipality.may_record(seen.actor.role, type(fact))


def _may_correct(seen: Seen, target: Entry[Any] | None) -> bool:
    """Who may record a type may correct it; a leader corrects what leaders, registrars and the system recorded."""
    municipality, role = seen.law.municipality, seen.actor.role
    if target is None:
        return True
    if role in municipality.tasks[Task.LEDER]:
        return any(target.actor.role in municipality.tasks[task] for task in (Task.LEDER, Task.ADMIN, Task.SYS))
    return municipality.may_record(role, type(target.fact))


@guard("G32", Fact, source="delegation af kompetence (den registrerede bemyndigelse)")
def mandate_covers(seen: Seen, fact: Fact) -> bool:
    """Bemyndigelsen findes ikke på sagen, gælder ikke på dagen eller dækker ikke hændelsen; registrér en, der gør."""
    mandate = seen.on_behalf_of
    if mandate is None:
        return True
    found = seen.newest(MandateRegistered, mandate=mandate.mandate_ref) or _of_the_book(seen, mandate)
    return found is not None and covers(found.fact, mandate, seen, fact)


def _of_the_book(seen: Seen, used: OnBehalfOf) -> Entry[MandateRegistered] | None:
    """The newest mandate of that id that is for every case."""
    found = (one for one in reversed(seen.law.mandates) if one.occurred_on <= seen.on)
    return next((one for one in found if one.fact.mandate == used.mandate_ref), None)


def covers(found: MandateRegistered, used: OnBehalfOf, seen: Seen, fact: Fact) -> bool:
    """Whether a mandate lets the one who records a fact do so on behalf of the one it names."""
    amount = getattr(fact, "amount_oere", None) or getattr(fact, "new_amount_oere", None) or 0
    return (
        found.holder_unit == seen.actor.unit
        and found.holder_user in (None, seen.actor.user_id)
        and found.granted_by.unit == used.unit
        and fact.declared.type in found.event_types
        and found.valid_from <= seen.on
        and (found.valid_to is None or seen.on <= found.valid_to)
        and (found.max_amount_oere is None or amount <= found.max_amount_oere)
    )
