"""Acts that take two persons: one proposes, another confirms or rejects (ROLES §4).

Corrections and annulments come about in no other way. The proposal holds the complete candidate, sealed as
the fact would be; confirming appends the confirmation and the fact as one act. Who approved is filled in
from who confirmed, never from what anyone claims.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from commands.check import CaseSoFar, check, fact_type, read_fact
from commands.reading import read_as
from commands.record import IDS, NOT_YOUR_ROLE, Asked, Receipt, act_once, check_actor
from ledger.errors import FailedGuard, Fault, Invalid, Refused
from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.facts.fact import Fact, Task
from ledger.facts.lifecycle import NEEDS_TWO
from ledger.law.municipality import Municipality
from ledger.store.ledger import Ledger

ANOTHER_PERSON: Final = FailedGuard(
    "G31", "Handlingen skal udføres eller godkendes af en anden medarbejder, som er leder.", "ROLES §4"
)


def propose(ledger: Ledger, case_id: UUID, asked: Asked, actor: Actor, *, request_id: str) -> Receipt:
    """Proposes a correction or an annulment. It has no effect until a leader confirms it."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        municipality = check_actor(ledger, actor)
        if "approved_by" in asked.data:
            raise Invalid(Fault("data.approved_by", "udfyldes af systemet, når en leder godkender"))
        read_as(IDS, asked.document_ids, at="document_ids")
        candidate = _candidate(asked, actor, case)
        guards = check(candidate, asked.occurred_on, ledger.today(), asked.refs, case)
        if not _may_correct(municipality, actor.role, case.at(_target(asked))):
            guards.append(NOT_YOUR_ROLE)
        if guards:
            raise Refused(*guards)
        data = {name: value for name, value in candidate.as_data().items() if name != "approved_by"}
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
        candidate = _candidate(asked, actor, case)
        guards = check(candidate, asked.occurred_on, ledger.today(), asked.refs, case)
        if guards:
            raise Refused(*guards)
        return [
            Draft(ActConfirmed(), ledger.today(), actor, "api", {"proposal": version}),
            Draft(candidate, asked.occurred_on, proposal.actor, "api", asked.refs, document_ids=asked.document_ids),
        ]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["confirm", version])


def reject(ledger: Ledger, case_id: UUID, version: int, reason: str, actor: Actor, *, request_id: str) -> Receipt:
    """Rejects a proposal, with the reason."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        _answerable(ledger, case, version, actor)
        rejected = read_fact(ActRejected, {"reason": reason})
        draft = Draft(rejected, ledger.today(), actor, "api", {"proposal": version})
        guards = check(rejected, draft.occurred_on, ledger.today(), draft.refs, case)
        if guards:
            raise Refused(*guards)
        return [draft]

    return act_once(ledger, case_id, drafts, actor, request_id=request_id, what=["reject", version, reason])


def _candidate(asked: Asked, approver: Actor, case: CaseSoFar) -> Fact:
    cls = fact_type(asked.type)
    if not isinstance(asked.data, Mapping):
        raise Invalid(Fault("data", "skal være et objekt"))
    if cls not in NEEDS_TWO:
        raise Invalid(Fault("type", f"{asked.type} registreres direkte; kun rettelser og annulleringer foreslås"))
    if not 1 <= _target(asked) <= len(case.entries):
        raise Invalid(Fault("refs.target", "mangler eller peger på en version, som ikke findes"))
    approved_by = {"user_id": approver.user_id, "name": approver.name, "role": approver.role}
    return read_fact(cls, {**asked.data, "approved_by": approved_by})


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


def _may_correct(municipality: Municipality, role: str, target: Entry[Any]) -> bool:
    """Who may record a type may correct it; a leader corrects what leaders, registrars and the system recorded."""
    if role in municipality.tasks[Task.LEDER]:
        roles = [role for task in (Task.LEDER, Task.ADMIN, Task.SYS) for role in municipality.tasks[task]]
        return target.actor.role in roles
    return municipality.may_record(role, type(target.fact))
