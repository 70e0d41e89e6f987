"""Entries that were read a moment ago: a process that serves many requests reads only what is new of a case.

What is recorded never changes, so what was read once stays right; but what a key opened must not outlive it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any
from uuid import UUID

from ledger.facts.entry import Entry


class Remembered:
    """The entries of the streams used last, up to a number of entries in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, tuple[int, Sequence[Entry[Any]]]] = OrderedDict()
        self._held = 0
        self._turn = Lock()

    def __contains__(self, stream: UUID) -> bool:
        """Whether a stream is there."""
        return stream in self._kept

    def get(self, stream: UUID, destroyed: int) -> Sequence[Entry[Any]]:
        """The first entries of a stream; none when they were read before any of the keys now destroyed was."""
        with self._turn:
            then, entries = self._kept.get(stream, (destroyed, ()))
            if then != destroyed:
                self._drop(stream)
                return ()
            if entries:
                self._kept.move_to_end(stream)
            return entries

    def put(self, stream: UUID, destroyed: int, entries: Sequence[Entry[Any]]) -> None:
        """Keeps a stream as it was read when so many keys were destroyed; lets go of those unused the longest."""
        if len(entries) > self._most:
            return
        with self._turn:
            self._drop(stream)
            self._kept[stream] = (destroyed, entries)
            self._held += len(entries)
            while self._held > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, stream: UUID) -> None:
        _, entries = self._kept.pop(stream, (0, ()))
        self._held -= len(entries)
