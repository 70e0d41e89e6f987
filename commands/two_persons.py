"""Acts that take two persons: one proposes, another confirms or rejects (ROLES §4).

Corrections and annulments come about in no other way, and what a citizen hands in is a proposal too; a large
amount may be one. The proposal holds the complete candidate, sealed as the fact would be; confirming appends
the confirmation and the fact as one act. Who approved is filled in from who confirmed, never from what anyone
claims. Who may answer is a guard's question (ledger/law/guards/acts.py).
"""

from uuid import UUID

from commands.acts import act, in_turn
from commands.check import read_fact
from commands.record import Asked, Receipt, candidate, proposed, refuse_if_guarded
from commands.so_far import CaseSoFar
from ledger.errors import Fault, Invalid
from ledger.facts.acts import ActConfirmed, ActProposed, ActRejected
from ledger.facts.draft import Draft
from ledger.facts.entry import Actor, Entry
from ledger.store.ledger import Ledger


def propose(
    ledger: Ledger, case_id: UUID, asked: Asked, actor: Actor, *, request_id: str, if_version: int | None = None
) -> Receipt:
    """Proposes a correction, an annulment, or an amount that two are to approve. It has no effect until confirmed."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        return [proposed(ledger, asked, actor, case)]

    what = ["propose", asked]
    return act(ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version)


def confirm(
    ledger: Ledger, case_id: UUID, version: int, actor: Actor, *, request_id: str, if_version: int | None = None
) -> Receipt:
    """Confirms a proposal: the fact is recorded by the one who proposed it, approved by `actor`."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        proposal = open_proposal(case, version)
        answer = Draft(ActConfirmed(), ledger.today(), actor, "api", {"proposal": version})
        refuse_if_guarded(ledger, answer, case)  # first: whose answer it is not is not told what is wrong with it
        return in_turn(ledger, case, [answer, _candidate(proposal, actor)])

    what = ["confirm", version]
    return act(ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version)


def reject(
    ledger: Ledger,
    case_id: UUID,
    version: int,
    reason: str,
    actor: Actor,
    *,
    request_id: str,
    if_version: int | None = None,
) -> Receipt:
    """Rejects a proposal, with the reason."""

    def drafts(case: CaseSoFar) -> list[Draft]:
        open_proposal(case, version)
        rejected = read_fact(ActRejected, {"reason": reason})
        answer = Draft(rejected, ledger.today(), actor, "api", {"proposal": version})
        refuse_if_guarded(ledger, answer, case)
        return [answer]

    what = ["reject", version, reason]
    return act(ledger, case_id, drafts, actor, request_id=request_id, what=what, if_version=if_version)


def open_proposal(stream: CaseSoFar, version: int) -> Entry[ActProposed]:
    """A proposal of a case, or of the book, that nobody has answered; Invalid when it is not one."""
    proposal = stream.at(version) if 1 <= version <= len(stream.entries) else None
    if proposal is None or not isinstance(proposal.fact, ActProposed):
        raise Invalid(Fault("proposal", f"version {version} er ikke et forslag"))
    answered = (ActConfirmed, ActRejected)
    if any(isinstance(entry.fact, answered) and entry.pointer("proposal") == version for entry in stream.entries):
        raise Invalid(Fault("proposal", f"forslaget i version {version} er allerede besvaret"))
    return proposal


def _candidate(proposal: Entry[ActProposed], approver: Actor) -> Draft:
    """What is proposed, as it is recorded when `approver` confirms it."""
    if proposal.erased:
        raise Invalid(Fault("proposal", f"oplysningerne i forslaget i version {proposal.version} er slettet"))
    fact = proposal.fact
    refs = {name: tuple(to) if isinstance(to, list) else to for name, to in fact.refs.items()}
    asked = Asked(
        fact.proposed_type, fact.proposed_on, fact.data, refs, fact.document_ids or (), proposal.on_behalf_of
    )  # fmt: skip
    return candidate(asked, proposal.actor, approver)
