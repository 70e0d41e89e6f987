"""Answers that were told a moment ago: as long as nothing they rest on has changed, they are sent again."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final

_MOST: Final = 32_000_000  # bytes


@dataclass(frozen=True)
class Kept:
    """An answer as it was sent."""

    body: bytes
    version: int
    version_says_all: bool
    """Whether everyone who has read this version was told the same."""

    @property
    def etag(self) -> str:
        """The version, as the next write is to build on it."""
        return f'"{self.version}"'


class Answers:
    """The answers told last, up to a number of bytes in all. Each is kept for one reader and one question."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Hashable, Kept]] = OrderedDict()
        self._held = 0
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Hashable, standing: Hashable) -> Kept | None:
        """What was answered to a question, when all it rests on stands as it did."""
        with self._turn:
            then, kept = self._kept.get(question, (standing, None))
            if then != standing:
                self._drop(question)
                return None
            if kept:
                self._kept.move_to_end(question)
            return kept

    def put(self, question: Hashable, standing: Hashable, kept: Kept) -> None:
        """Keeps an answer; lets go of those that nobody has asked for the longest."""
        if len(kept.body) > self._most:
            return
        with self._turn:
            self._drop(question)
            self._kept[question] = (standing, kept)
            self._held += len(kept.body)
            while self._held > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, question: Hashable) -> None:
        _, kept = self._kept.pop(question, (None, None))
        self._held -= len(kept.body) if kept else 0
