"""Who answers a proposal (ROLES §4): always another person than its maker, and whose task it is."""

from ledger.facts.fact import Fact, Task
from ledger.facts.lifecycle import NEEDS_TWO
from ledger.law.municipality import Municipality


def answering_roles(here: Municipality, proposed: type[Fact], proposer_role: str) -> tuple[str, ...]:
    """The roles that may confirm or reject a proposal of a type: those who may record it, where nothing else is said.

    The authority answers a citizen's draft, a leader a correction or an annulment.
    """
    if here.is_citizen(proposer_role):
        return here.tasks[Task.AUTH]
    if proposed in NEEDS_TWO:
        return here.tasks[Task.LEDER]
    return tuple(role for role in here.roles if here.may_record(role, proposed))
