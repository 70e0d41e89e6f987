"""Who acts on a case: a member of staff as they are, a citizen as the party that they are in it."""

from dataclasses import replace
from uuid import UUID

from api.principal import Principal
from ledger.facts.entry import Actor
from ledger.law.rights import party_with_custody
from ledger.store.ledger import Ledger


def actor_on(book: Ledger, case_id: UUID, who: Principal) -> Actor:
    """The actor that the entries of a case name; a citizen's own CPR number finds the party, as it reads today."""
    if not book.here.is_citizen(who.actor.role):
        return who.actor
    return replace(who.actor, party=party_with_custody(book.load(case_id), who.cpr))
