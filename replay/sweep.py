"""Sweeping: removes the keys that were made for entries which never came to be.

A key is committed before the entry it is made for. A writer that is killed in between, or is told that someone
else was first, leaves a key that no entry will ever name: its data subject is a random id, known to that one append
only. Such an orphan opens nothing, but it is kept for nothing, too.

A ledger put back from a copy older than its vault looks as if newer entries had never been. Do not sweep before it
is certain that no newer copy will be found: their keys are gone then.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from ledger.store.ledger import Ledger
from replay.verify import Verified, read_through

_AGE: Final = timedelta(days=1)  # an append takes seconds from its key to its entry; a machine may sleep in between
_RANDOM: Final = 4  # version of the ids made for parties of cases; those of the book's own periods are computed


@dataclass(frozen=True)
class Swept:
    """What became of the orphan keys of one book."""

    municipality: str
    keys: int
    """Keys looked at: those more than a day old and not destroyed."""
    removed: int
    why_not: str | None
    """Why nothing may be removed now."""

    @property
    def told(self) -> str:
        """The outcome in one line."""
        if self.why_not:
            return f"{self.municipality}: ingen nøgler er fjernet: {self.why_not}"
        return (
            f"{self.municipality}: {self.keys} nøgler ældre end et døgn er gennemgået,"
            f" {self.removed} uden registrering er fjernet."
        )


def sweep(ledger: Ledger) -> Swept:
    """Removes the keys that are more than a day old and named by no entry, if the ledger is whole."""
    old = ledger.vault.older_than(_AGE)  # asked first: whatever entries they were made for are committed by now
    verified, named = read_through(ledger)
    why_not = _why_not(verified)
    removed = 0 if why_not else ledger.vault.remove(filter(_of_a_party, old - named))
    return Swept(ledger.municipality, len(old), removed, why_not)


def _why_not(verified: Verified) -> str | None:
    """An entry that was changed, left out or not read may name any key."""
    if verified.faults:
        return f"efterprøvningen fandt {len(verified.faults)} fejl. Se dem med: sagsbog verify"
    if verified.not_numbered:
        return f"{verified.not_numbered} registreringer venter på deres nummer i loggen. Prøv igen om lidt."
    return None


def _of_a_party(subject: UUID) -> bool:
    """Whether a key is of a party of a case. That of a period is found again by name, before any entry names it."""
    return subject.version == _RANDOM
