"""The proposals of a case that nobody has answered yet: corrections, large amounts, and citizens' drafts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ledger.facts.acts import ActProposed
from ledger.facts.case import fold
from ledger.facts.entry import Actor, Entry, OnBehalfOf
from ledger.facts.fact import catalogue
from ledger.facts.history import History
from ledger.law.answering import answering_roles
from ledger.law.law import Law


@dataclass(frozen=True)
class ProposalRow:
    """One open proposal."""

    version: int
    """Of the proposal: what is confirmed or rejected."""
    type: str
    """Stored name of what is proposed."""
    title: str
    proposed_on: date
    """The day that what is proposed is said to have happened."""
    proposed_by: Actor
    recorded_at: datetime
    mandate: OnBehalfOf | None
    is_draft: bool
    """Handed in by a citizen."""
    answered_by: tuple[str, ...]
    """Roles that may confirm or reject it; never the one who proposed it."""
    entries: tuple[int, ...]


def tell(history: History, law: Law) -> Iterator[ProposalRow]:
    """The open proposals, in the order they were made."""
    return (_row(entry, law) for _, entry in sorted(fold(history).acts.open.items()))


def _row(entry: Entry[ActProposed], law: Law) -> ProposalRow:
    here, proposed = law.municipality, catalogue()[entry.fact.proposed_type]
    return ProposalRow(
        version=entry.version,
        type=entry.fact.proposed_type,
        title=proposed.declared.dansk,
        proposed_on=entry.fact.proposed_on,
        proposed_by=entry.actor,
        recorded_at=entry.recorded_at,
        mandate=entry.on_behalf_of,
        is_draft=here.is_citizen(entry.actor.role),
        answered_by=answering_roles(here, proposed, entry.actor.role),
        entries=(entry.version,),
    )
