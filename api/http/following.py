"""What keeps the read models up with the ledger while the service runs.

Those of several machines wait for each other by the tables' lock, so that any of them can end at any time. An error, of
the database or of a case that cannot be told, stops nothing: it is logged, and tried again after a growing pause.
"""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Final

import structlog

from api.http.measured import DATABASE_ERRORS, FOLLOWER_ERRORS
from ledger.store.books import Books, database_errors
from ledger.store.ledger import Ledger
from projections.follower import Follower

log = structlog.get_logger()
PAUSE: Final = 0.3  # seconds between looks at a book: a case that is written to often is told once for several writes
_LONGEST_PAUSE: Final = 5.0
_MOST_REST: Final = 1.0  # seconds; with that, what `at_least` waits for comes in time
_LOOK_FOR_BOOKS: Final = 5.0  # seconds; another process may have made one


class Followed:
    """One book, and how its following goes."""

    def __init__(self, book: Ledger) -> None:
        self.book = book
        self._follower: Follower | None = None
        self._pause = PAUSE
        self._next = 0.0

    def step(self, stop: Callable[[], bool]) -> None:
        """Tells what is new, until told to stop, unless it is not time yet. Never raises."""
        if monotonic() < self._next:
            return
        began = monotonic()
        try:
            self._follower = self._follower or Follower(self.book)
            self._follower.catch_up(stop=stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other books go on, and this one later
            self._failed(error)
        else:
            self._pause = PAUSE
            # Under load longer than it took: a case that is written to often is told once for more writes.
            self._next = monotonic() + min(2 * (monotonic() - began), _MOST_REST)

    def _failed(self, error: Exception) -> None:
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._next = monotonic() + self._pause
        FOLLOWER_ERRORS.labels(self.book.municipality).inc()
        if isinstance(error, database_errors()):
            DATABASE_ERRORS.inc()
        log.error("follower failed", book=self.book.municipality, again_in=self._pause, exc_info=error)


class Following:
    """Follows every book until it is told to end."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._end_asked = Event()
        self._looked_at = float("-inf")
        self._followed: dict[str, Followed] = {}

    def run(self) -> None:
        """Round by round, each book in turn."""
        while not self._end_asked.is_set():
            self._look_for_books()
            for one in list(self._followed.values()):
                one.step(self._end_asked.is_set)
            self._end_asked.wait(PAUSE)

    def _look_for_books(self) -> None:
        """Those of this process at once, those that another process made a little later."""
        try:
            books = self._books.opened()
            if monotonic() - self._looked_at > _LOOK_FOR_BOOKS:
                self._looked_at = monotonic()
                books = self._books.existing()
        except Exception:
            DATABASE_ERRORS.inc()
            log.exception("follower failed")
            return
        for book in books:
            self._followed.setdefault(book.municipality, Followed(book))

    def end(self) -> None:
        """Lets `run` return after what it is telling now; nothing is lost when that is cut short instead."""
        self._end_asked.set()
