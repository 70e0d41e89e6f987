"""The case so far: what whoever decides what to append to it looks things up in."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from ledger.facts.entry import Entry
from ledger.facts.history import annulments, corrected, history
from ledger.facts.lifecycle import (
    ConfidentialityChanged,
    DocumentAdded,
    EntryAnnulled,
    EntryCorrected,
    PartyRegistered,
)
from ledger.law.guards.seen import CaseTold
from ledger.law.law import Law
from ledger.store.head import Head
from ledger.store.ledger import Ledger


@dataclass
class CaseSoFar:
    """The entries a new fact follows on, and what is looked up in them."""

    entries: list[Entry[Any]] = field(default_factory=list)
    parties: set[str] = field(default_factory=set)
    """Party refs of the registrations in force."""
    documents: set[str] = field(default_factory=set)
    """Ids of the documents filed."""
    annulled: Mapping[int, int] = field(default_factory=dict)
    """Version to the version of the annulment in force."""
    corrected: dict[int, Entry[Any]] = field(default_factory=dict)
    """Version to the entry as it reads with its corrections in force."""
    head: Head | None = None
    """Its end; None when nothing was recorded yet."""
    was_marked: bool = False
    """Whether the confidentiality of anything in it was ever changed."""
    held_against: Law | None = None
    _told: CaseTold | None = None
    _latest: date = date.min

    @classmethod
    def of(cls, entries: Iterable[Entry[Any]], law: Law) -> "CaseSoFar":
        """A case whose entries are given in version order, and the law as it stood when they were read."""
        case = cls(held_against=law)
        for entry in entries:
            case.add(entry)
        return case

    @property
    def law(self) -> Law:
        """The law that a new fact is held against; a case that is read from a file is held against none."""
        assert self.held_against, "a live fact is held against the law"
        return self.held_against

    @property
    def told(self) -> CaseTold:
        """The case as guards look things up in it."""
        if self._told is None:
            self._told = CaseTold(history(self.entries, as_of=date.max))
        return self._told

    def add(self, entry: Entry[Any]) -> None:
        """The next entry of the case."""
        self.entries.append(entry)
        self.head = (self.head or Head(entry.case_id)).after(entry)
        self._tell(entry)
        match entry.fact:
            case PartyRegistered(party=party):
                self.parties.add(party)
            case DocumentAdded(document=document):
                self.documents.add(document)
            case ConfidentialityChanged():
                self.was_marked = True
            case EntryCorrected():
                self._correct(entry)
            case EntryAnnulled():
                self.annulled = annulments(self.entries)
                standing = [one for one in self.entries if one.version not in self.annulled]
                self.parties = {one.fact.party for one in standing if isinstance(one.fact, PartyRegistered)}
                self.documents = {one.fact.document for one in standing if isinstance(one.fact, DocumentAdded)}
                self.corrected = {}
                for one in standing:
                    self._correct(one)

    def _tell(self, entry: Entry[Any]) -> None:
        """Keeps `told` up with an entry that happened last; what changes or comes before others is told anew."""
        changes = isinstance(entry.fact, (EntryCorrected, EntryAnnulled))
        if self._told and not changes and entry.occurred_on >= self._latest:
            self._told.add(entry)
        else:
            self._told = None
        self._latest = max(self._latest, entry.occurred_on)

    def at(self, version: int) -> Entry[Any]:
        """The entry of a version that exists."""
        return self.entries[version - 1]

    def now_reads(self, version: int) -> Entry[Any] | None:
        """An entry with the corrections in force, None when it is annulled."""
        return None if version in self.annulled else self.corrected.get(version, self.at(version))

    def _correct(self, entry: Entry[Any]) -> None:
        if isinstance(entry.fact, EntryCorrected):
            for target in entry.pointers("target"):
                self.corrected[target] = corrected(self.corrected.get(target, self.at(target)), [entry])


@contextmanager
def at_hand(ledger: Ledger, stream: UUID) -> Iterator[CaseSoFar]:
    """The stream so far, and the law it is held against, as both stand at this moment. Only to be looked at.

    A process that remembers goes on with what it worked out for the last act, so that recording in a long case takes
    no longer than in a short one. Nobody else has it until the block ends.
    """
    entries, law, destroyed = ledger.under_the_law(stream)
    remembered = ledger.streams.remembered
    case: CaseSoFar = remembered.lend(stream, destroyed) or CaseSoFar()
    case.held_against = law
    for entry in entries[len(case.entries) :]:
        case.add(entry)
    try:
        yield case
    finally:
        remembered.give_back(stream, destroyed, case)
