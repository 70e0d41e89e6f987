"""The streams of a book as one process reads them: what it has at hand, and what is new in the store."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from ledger.facts.acts import ActProposed
from ledger.facts.entry import Entry
from ledger.facts.lifecycle import EntryCorrected
from ledger.store.codec import Codec
from ledger.store.head import Head
from ledger.store.recorder import LedgerRecorder
from ledger.store.remembered import Remembered
from ledger.store.together import Together
from ledger.store.vault import Vault

_NOT_KEPT_AS_GIVEN: Final = (EntryCorrected, ActProposed)


class Read(NamedTuple):
    """Some streams as all of them stood at one moment."""

    entries: list[list[Entry[Any]]]
    """The entries of each, in version order; none for a stream that is not there."""
    destroyed: int
    """How many keys had been destroyed by then."""


class _Found(NamedTuple):
    """A stream before it is read out."""

    at_hand: list[Entry[Any]]
    new: list[StoredEvent]


class Streams:
    """Reads streams. The store is asked each time; who ask at the same moment are answered together."""

    def __init__(self, recorder: LedgerRecorder, codec: Codec, vault: Vault) -> None:
        self.remembered = Remembered(0)
        """What a process that serves many requests has read already; nothing where each is read anew."""
        self._recorder = recorder
        self._codec = codec
        self._vault = vault
        self._asking = Together(self._ask)

    def read(self, streams: Sequence[UUID]) -> Read:
        """The streams as they stand now, or a moment later."""
        found, destroyed = self._asking.do(streams)
        for stream, (at_hand, new) in zip(streams, found, strict=True):
            if new:
                at_hand.extend(map(self._codec.to_domain_event, new))
                self.remembered.put(stream, destroyed, at_hand)
        return Read([entries for entries, _ in found], destroyed)

    def appended(self, head: Head, entries: Sequence[Entry[Any]], destroyed: int) -> None:
        """Remembers what was appended here after `head`, sealed when so many keys were destroyed.

        Not the acts of which the store keeps less than they were given, or not in the very same form.
        """
        if head.case_id in self.remembered and not any(isinstance(one.fact, _NOT_KEPT_AS_GIVEN) for one in entries):
            self.remembered.add(head.case_id, destroyed, head.version, entries)

    def _ask(self, asked: Sequence[Sequence[UUID]]) -> list[tuple[list[_Found], int]]:
        """For each who asks, what is at hand of their streams and what is new. They read it out themselves."""
        while True:
            destroyed = self._vault.destroyed
            at_hand = {stream: self.remembered.get(stream, destroyed) for streams in asked for stream in streams}
            stored, now = self._recorder.select_new({stream: len(entries) for stream, entries in at_hand.items()})
            if now == destroyed:
                break
            self._vault.learn(now)  # what is at hand may hold what a destroyed key had opened
        new: dict[UUID | str, list[StoredEvent]] = {stream: [] for stream in at_hand}
        for one in stored:
            new[one.originator_id].append(one)
        return [([_Found(list(at_hand[one]), new[one]) for one in streams], destroyed) for streams in asked]
