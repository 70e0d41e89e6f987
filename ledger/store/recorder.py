"""What the two recorders can do beyond the library's protocol."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, NamedTuple
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, StoredEvent


class New(NamedTuple):
    """What is new in some streams."""

    events: Sequence[StoredEvent]
    """By version."""
    destroyed: int
    """How many keys had been destroyed by then."""


class LedgerRecorder(ApplicationRecorder):
    """Keeps the entries of one book and their numbers in its log."""

    numbers_at_once: ClassVar[bool]
    """Whether an append numbers its own entries; then every entry is in the log."""

    @abstractmethod
    def turn(self, stream: UUID) -> AbstractContextManager[None]:
        """Waits until no other process has the turn in a stream; it is given up at the end, or with the process.

        For a stream that many write to at once, and in which the order does not matter: without turns the head they
        read is old by the time they append, and whoever has most to write never gets to.
        """

    @abstractmethod
    def number(self) -> int:
        """Numbers entries that are committed and not numbered yet; says how many it was."""

    @abstractmethod
    def select_new(self, known: Mapping[UUID, int]) -> New:
        """What follows a version in each of some streams, as all of them stand at one moment."""

    @abstractmethod
    def seqs(self, case_id: UUID) -> dict[int, int]:
        """Version to seq, for the numbered entries of a stream."""

    @abstractmethod
    def numbered(self, places: Sequence[tuple[UUID, int]]) -> list[int | None]:
        """Numbers what can be, and gives the numbers of some entries, by stream and version; None for what has none."""

    @abstractmethod
    def sealed_after(self, seq: int, limit: int) -> list[tuple[int, StoredEvent, bytes]]:
        """What follows a number in the log: number, stored entry and the leaf the log holds for it."""

    @abstractmethod
    def next_after(self, seq: int) -> StoredEvent | None:
        """The entry that follows a number in the log; when there is none, the oldest that has no number yet."""

    @abstractmethod
    def unnumbered(self) -> int:
        """How many entries have no number yet."""

    @abstractmethod
    def find_request(self, mark: str) -> tuple[UUID, int] | None:
        """Stream and version of the first entry of the act that a request led to."""

    @abstractmethod
    def streams(self, first_type: str) -> list[UUID]:
        """Ids of all streams that begin with an entry of a type, sorted."""
