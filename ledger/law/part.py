"""Who has part in a case: what makes a look at it a matter of course, and every other look one to ask about."""

from typing import Final

from ledger.facts.entry import Actor
from ledger.facts.history import History
from ledger.facts.lifecycle import CaseAssigned

CITIZEN: Final = "borger"
"""Role of one whose own case it is; whether it is, is asked before."""
_NEVER_THEIR_CASE: Final = ("leder", "registrator", "revisor")
"""Roles whose task is to look at the cases of others, whatever they recorded there (ROLES §1)."""


def has_part(history: History, actor: Actor) -> bool:
    """Whether the case is the actor's: it is given to them, or their role in their unit has recorded in it.

    Of the history all that is recorded counts, whichever day it is asked about.
    """
    given = [entry.fact for entry in history.recorded if isinstance(entry.fact, CaseAssigned)]
    if given and given[-1].user_id == actor.user_id:
        return True
    return any((entry.actor.role, entry.actor.unit) == (actor.role, actor.unit) for entry in history.recorded)


def purpose_needed(history: History, actor: Actor) -> bool:
    """Whether the actor must state a purpose to look: a citizen never, a leader, registrar or auditor always."""
    if actor.role == CITIZEN:
        return False
    return looks_at_others_cases(actor) or not has_part(history, actor)


def looks_at_others_cases(actor: Actor) -> bool:
    """Whether every case they look at is another's."""
    return actor.role in _NEVER_THEIR_CASE
