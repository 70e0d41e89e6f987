"""Acts that take two persons: one proposes, another confirms or rejects (ROLES §4).

Corrections and annulments come about in no other way. The proposal holds the complete candidate, sealed as
the fact would be; confirming appends the confirmation and the fact as one act. Who approved is filled in
from who confirmed, never from what anyone claims.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from commands.check import CaseSoFar, fact_type, read_fact
from commands.reading import read_as
from commands.record import IDS, Asked, Receipt, act_once, check_actor, refuse_if_guarded
from ledger.errors import FailedGuard, Fault, Invalid, Refused
from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Task
from ledger.facts.lifecycle import NEEDS_TWO
from ledger.store.ledger import Ledger

ANOTHER_PERSON: Final = FailedGuard(
    "G31",
    "Handlingen skal udføres eller godkendes af en anden medarbejder, som er leder.",
    "god forvaltningsskik (to personer om en rettelse)",
)


def propose(ledger: Ledger, case_id: UUID, asked: Asked, actor: Actor, *, request_id: str) -> Receipt:
    """Proposes a correction or an annulment. It has no effect until a leader confirms it."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        check_actor(ledger, actor)
        if "approved_by" in asked.data:
            raise Invalid(Fault("data.approved_by", "udfyldes af systemet, når en leder godkender"))
        read_as(IDS, asked.document_ids, at="document_ids")
        candidate = _draft(asked, actor, actor, case)
        refuse_if_guarded(ledger, candidate, case, but=ANOTHER_PERSON.id)  # who approves it is not known yet
        data = {name: value for name, value in candidate.fact.as_data().items() if name != "approved_by"}
        proposal = ActProposed(
            proposed_type=asked.type, proposed_on=asked.occurred_on, data=data, refs=dict(asked.refs),
            document_ids=asked.document_ids or None,
        )  # fmt: skip
        return [Draft(proposal, ledger.today(), actor, "api")]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["propose", asked])


def confirm(ledger: Ledger, case_id: UUID, version: int, actor: Actor, *, request_id: str) -> Receipt:
    """Confirms a proposal: the fact is recorded by the one who proposed it, approved by `actor`."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        proposal = _answerable(ledger, case, version, actor)
        if proposal.erased:
            raise Invalid(Fault("proposal", f"oplysningerne i forslaget i version {version} er slettet"))
        fact = proposal.fact
        asked = Asked(fact.proposed_type, fact.proposed_on, fact.data, fact.refs, fact.document_ids or ())
        candidate = _draft(asked, actor, proposal.actor, case)
        refuse_if_guarded(ledger, candidate, case)
        return [Draft(ActConfirmed(), ledger.today(), actor, "api", {"proposal": version}), candidate]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["confirm", version])


def reject(ledger: Ledger, case_id: UUID, version: int, reason: str, actor: Actor, *, request_id: str) -> Receipt:
    """Rejects a proposal, with the reason."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        _answerable(ledger, case, version, actor)
        rejected = read_fact(ActRejected, {"reason": reason})
        draft = Draft(rejected, ledger.today(), actor, "api", {"proposal": version})
        refuse_if_guarded(ledger, draft, case)
        return [draft]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["reject", version, reason])


def _draft(asked: Asked, approver: Actor, proposer: Actor, case: CaseSoFar) -> Draft:
    """The correction or annulment that is proposed, as it is recorded when `approver` confirms it."""
    cls = fact_type(asked.type)
    if not isinstance(asked.data, Mapping):
        raise Invalid(Fault("data", "skal være et objekt"))
    if cls not in NEEDS_TWO:
        raise Invalid(Fault("type", f"{asked.type} registreres direkte; kun rettelser og annulleringer foreslås"))
    if not 1 <= _target(asked) <= len(case.entries):
        raise Invalid(Fault("refs.target", "mangler eller peger på en version, som ikke findes"))
    approved_by = {"user_id": approver.user_id, "name": approver.name, "role": approver.role}
    fact = read_fact(cls, {**asked.data, "approved_by": approved_by})
    return Draft(fact, asked.occurred_on, proposer, "api", asked.refs, document_ids=asked.document_ids)


def _target(asked: Asked) -> int:
    target = asked.refs.get("target")
    return target if isinstance(target, int) else 0


def _answerable(ledger: Ledger, case: CaseSoFar, version: int, actor: Actor) -> Entry[ActProposed]:
    municipality = check_actor(ledger, actor)
    proposal = case.at(version) if 1 <= version <= len(case.entries) else None
    if proposal is None or not isinstance(proposal.fact, ActProposed):
        raise Invalid(Fault("proposal", f"version {version} er ikke et forslag"))
    answered = (ActConfirmed, ActRejected)
    if any(isinstance(entry.fact, answered) and entry.pointer("proposal") == version for entry in case.entries):
        raise Invalid(Fault("proposal", f"forslaget i version {version} er allerede besvaret"))
    if actor.user_id == proposal.actor.user_id or actor.role not in municipality.tasks[Task.LEDER]:
        raise Refused(ANOTHER_PERSON)
    return proposal
