"""Looks on their way into the access log: of many at once, in several threads and processes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final
from uuid import UUID

from ledger.errors import Conflict
from ledger.facts.draft import Draft
from ledger.facts.entry import Entry
from ledger.store.head import Head
from ledger.store.recorder import LedgerRecorder
from ledger.store.together import Together

_TRIES: Final = 20
"""How often one who has the turn may be overtaken by one who thinks to be alone: that one finds out at its next try."""


class Looks:
    """Appends looks. It does not matter in which order, so nobody is refused because another was first."""

    def __init__(
        self,
        stream: UUID,
        recorder: LedgerRecorder,
        head: Callable[[UUID], Head],
        append: Callable[[Head, Sequence[Draft]], list[Entry[Any]]],
    ) -> None:
        """`stream`: the access log. `head` and `append`: as of the ledger."""
        self._recorder = recorder
        self._head = head
        self._append = append
        self._end = Head(stream)
        """Where the looks ended that this process put on record last."""
        self._alone = False
        """Whether no other process did in between: then that is where they end."""
        self._together = Together(self.put_all)
        self._next = Lock()
        """One thread of this process at a time waits for a turn: each that waits holds a connection."""

    def put(self, look: Draft) -> None:
        """Appends a look; durable when this returns. Looks of a moment share one append."""
        self._together.do(look)

    def put_all(self, looks: Sequence[Draft]) -> list[Entry[Any]]:
        """Appends several looks at once; durable when this returns.

        Who is alone takes no turn, and need not ask where the looks end.
        """
        if self._alone:
            with suppress(Conflict):
                return self._put_after(self._end, looks)
        stream = self._end.case_id
        with self._next, self._recorder.turn(stream):
            for _ in range(_TRIES):
                head = self._head(stream)
                self._alone = head.seal == self._end.seal
                with suppress(Conflict):
                    return self._put_after(head, looks)
            return self._put_after(self._head(stream), looks)

    def _put_after(self, head: Head, looks: Sequence[Draft]) -> list[Entry[Any]]:
        entries = self._append(head, looks)
        self._end = head.after(entries[-1])
        return entries
