"""Entries that were read a moment ago: a process that serves many requests reads only what is new of a case.

What is recorded never changes, so what was read once stays right; but what a key opened must not outlive it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from ledger.facts.entry import Entry


@dataclass
class _Kept:
    """A stream as it was read when so many keys were destroyed."""

    destroyed: int
    entries: list[Entry[Any]]
    worked_out: Any = None
    """What someone made of the entries (or of the first of them); None while it is lent."""


class Remembered:
    """The entries of the streams used last, up to a number of entries in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._held = 0
        self._turn = Lock()

    def __contains__(self, stream: UUID) -> bool:
        """Whether a stream is there."""
        return stream in self._kept

    def get(self, stream: UUID, destroyed: int) -> list[Entry[Any]]:
        """The first entries of a stream; none when they were read before any of the keys now destroyed was."""
        with self._turn:
            kept = self._standing(stream, destroyed)
            if kept is None:
                return []
            self._kept.move_to_end(stream)
            return kept.entries.copy()

    def put(self, stream: UUID, destroyed: int, entries: Sequence[Entry[Any]]) -> None:
        """Keeps a stream as it was read when so many keys were destroyed; lets go of those unused the longest."""
        if len(entries) > self._most:
            return
        with self._turn:
            before = self._standing(stream, destroyed)
            self._drop(stream)
            self._kept[stream] = _Kept(destroyed, list(entries), before.worked_out if before else None)
            self._hold(len(entries))

    def add(self, stream: UUID, destroyed: int, after: int, entries: Sequence[Entry[Any]]) -> None:
        """Keeps entries that follow on the first `after` of a stream, if it is those that are kept."""
        with self._turn:
            kept = self._standing(stream, destroyed)
            if kept and len(kept.entries) == after:
                kept.entries += entries
                self._hold(len(entries))

    def lend(self, stream: UUID, destroyed: int) -> Any:
        """What was worked out of a stream; None when there is nothing. Whoever takes it has it alone."""
        with self._turn:
            kept = self._standing(stream, destroyed)
            if kept is None:
                return None
            lent, kept.worked_out = kept.worked_out, None
            return lent

    def give_back(self, stream: UUID, destroyed: int, worked_out: Any) -> None:
        """Keeps what was worked out of a stream for as long as its entries are kept."""
        with self._turn:
            if kept := self._standing(stream, destroyed):
                kept.worked_out = worked_out

    def _hold(self, more: int) -> None:
        """Makes room for so many more entries: lets go of the streams that were not used the longest."""
        self._held += more
        while self._held > self._most:
            self._drop(next(iter(self._kept)))

    def _standing(self, stream: UUID, destroyed: int) -> _Kept | None:
        kept = self._kept.get(stream)
        if kept and kept.destroyed != destroyed:
            self._drop(stream)
            return None
        return kept

    def _drop(self, stream: UUID) -> None:
        if kept := self._kept.pop(stream, None):
            self._held -= len(kept.entries)
