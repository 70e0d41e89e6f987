"""The end of a stream: what the next entry follows on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple
from uuid import UUID

from ledger.facts.entry import Entry
from ledger.facts.lifecycle import CaseOpened
from ledger.facts.retention import SubjectErased
from ledger.store.seal import NO_SEAL


class Head(NamedTuple):
    """The end of a stream: what the next entry follows on."""

    case_id: UUID
    version: int = 0
    seal: bytes = NO_SEAL
    recorded_at: datetime | None = None
    subjects: Mapping[str, UUID] = {}
    """Party ref to data subject, for every party that something was sealed for."""
    child: str = ""
    """Party ref of the child; empty in the book's own streams."""

    @classmethod
    def of(cls, case_id: UUID, entries: Sequence[Entry[Any]]) -> "Head":
        """The head of a stream whose entries are all given."""
        return reduce(cls.after, entries, cls(case_id))

    def after(self, entry: Entry[Any]) -> "Head":
        """The head after one more entry, as it was read from the ledger."""
        subjects, erased = self.subjects, isinstance(entry.fact, SubjectErased)
        if erased or not entry.subjects.items() <= subjects.items():
            subjects = {**subjects, **entry.subjects}
        if erased:  # what follows about the party gets a new data subject
            subjects = {party: one for party, one in subjects.items() if party != entry.fact.party}
        child = entry.fact.child if entry.version == 1 and isinstance(entry.fact, CaseOpened) else self.child
        return Head(self.case_id, entry.version, entry.seal, entry.recorded_at, subjects, child)

    def then(self, entry: Entry[Any]) -> "Head":
        """The head after one more entry of the same act, whose data subjects its sealer knows."""
        return Head(self.case_id, entry.version, entry.seal, entry.recorded_at, self.subjects, self.child)
