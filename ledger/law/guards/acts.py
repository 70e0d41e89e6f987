"""Guards on acts of two persons: a proposal is answered by another person, whose task it is; a citizen drafts."""

from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.entry import Entry
from ledger.facts.fact import catalogue
from ledger.facts.lifecycle import NEEDS_TWO, PartyRegistered
from ledger.law.answering import answering_roles
from ledger.law.guards import guard
from ledger.law.guards.seen import Seen

Answer = ActConfirmed | ActRejected


@guard("G31", ActConfirmed, ActRejected, source="god forvaltningsskik (to personer)")
def proposal_is_answered_by_another(seen: Seen, _: Answer) -> bool:
    """Forslaget skal godkendes eller afvises af en anden end den, der har stillet det."""
    proposal = _proposal(seen)
    return proposal is None or proposal.actor.user_id != seen.actor.user_id


@guard("G31", ActConfirmed, ActRejected, source="god forvaltningsskik (to personer om en rettelse)")
def correction_is_answered_by_a_leader(seen: Seen, _: Answer) -> bool:
    """En rettelse eller annullering godkendes eller afvises af en leder."""
    proposal = _proposal(seen)
    return proposal is None or not _corrects(proposal) or _may_answer(seen, proposal)


@guard("G32", ActConfirmed, ActRejected, source="kommunens opgavefordeling (kompetence)")
def draft_is_answered_by_the_authority(seen: Seen, _: Answer) -> bool:
    """Et udkast fra en borger godkendes eller afvises af sagens rådgiver."""
    proposal = _proposal(seen)
    return proposal is None or not _is_draft(seen, proposal) or _may_answer(seen, proposal)


@guard("G32", ActConfirmed, ActRejected, source="kommunens opgavefordeling (kompetence)")
def second_person_may_record_it_too(seen: Seen, _: Answer) -> bool:
    """Den, der godkender eller afviser, skal selv måtte registrere det foreslåede."""
    proposal = _proposal(seen)
    if proposal is None or _corrects(proposal) or _is_draft(seen, proposal):
        return True
    return _may_answer(seen, proposal)


@guard("G32", ActProposed, source="kommunens opgavefordeling (borgeres udkast)")
def citizen_may_draft_it(seen: Seen, fact: ActProposed) -> bool:
    """Denne hændelse kan en borger ikke indsende et udkast til; kontakt sagens rådgiver."""
    here, role = seen.law.municipality, seen.actor.role
    return not here.is_citizen(role) or here.may_draft(role, catalogue()[fact.proposed_type])


@guard("G32", ActProposed, source="forældreansvarsloven § 2 (forældremyndighed)")
def citizen_has_custody(seen: Seen, _: ActProposed) -> bool:
    """Kun den, der har forældremyndigheden over barnet, kan indsende udkast på sagen."""
    if not seen.law.municipality.is_citizen(seen.actor.role):
        return True
    party = seen.newest(PartyRegistered, party=seen.actor.party)
    return party is not None and party.fact.has_custody


def _proposal(seen: Seen) -> Entry[ActProposed] | None:
    """What an answer answers."""
    return seen.pointed_one("proposal")


def _corrects(proposal: Entry[ActProposed]) -> bool:
    return catalogue()[proposal.fact.proposed_type] in NEEDS_TWO


def _is_draft(seen: Seen, proposal: Entry[ActProposed]) -> bool:
    return seen.law.municipality.is_citizen(proposal.actor.role)


def _may_answer(seen: Seen, proposal: Entry[ActProposed]) -> bool:
    proposed = catalogue()[proposal.fact.proposed_type]
    return seen.actor.role in answering_roles(seen.law.municipality, proposed, proposal.actor.role)
