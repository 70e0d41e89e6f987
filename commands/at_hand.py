"""A stream as it stands, for whoever decides what to append to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from commands.check import CaseSoFar
from ledger.store.ledger import Ledger


@contextmanager
def at_hand(ledger: Ledger, stream: UUID) -> Iterator[CaseSoFar]:
    """The stream so far, and the law it is held against, as both stand at this moment. Only to be looked at.

    A process that remembers goes on with what it worked out for the last act, so that recording in a long case takes
    no longer than in a short one. Nobody else has it until the block ends.
    """
    entries, law, destroyed = ledger.under_the_law(stream)
    case: CaseSoFar = (ledger.remembered and ledger.remembered.lend(stream, destroyed)) or CaseSoFar()
    case.held_against = law
    for entry in entries[len(case.entries) :]:
        case.add(entry)
    try:
        yield case
    finally:
        if ledger.remembered:
            ledger.remembered.give_back(stream, destroyed, case)
