"""What keeps the read models up with the ledger while the service runs: a thread in every worker process.

The workers wait for each other by the tables' lock, so that any of them can end at any time. An error, of the
database or of a case that cannot be told, stops nothing: it is logged, and tried again after a growing pause.
"""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import Final

import structlog

from api.http.measured import DATABASE_ERRORS, FOLLOWER_ERRORS
from ledger.store.books import DATABASE_ERRORS as OF_THE_DATABASE
from ledger.store.books import Books
from ledger.store.ledger import Ledger
from projections.follower import Follower
from projections.tables import cursor

log = structlog.get_logger()
PAUSE: Final = 0.3  # seconds between looks at a book: a case that is written to often is told once for several writes
_LONGEST_PAUSE: Final = 5.0
_BATCH: Final = 200  # entries told at once: what a stop waits for
_LOOK_FOR_BOOKS: Final = 5.0  # seconds; another process may have made one


class Followed:
    """One book, and how its following goes."""

    def __init__(self, book: Ledger) -> None:
        self.book = book
        self._follower: Follower | None = None
        self._told_at: float | None = None
        self._pause = PAUSE
        self._next = 0.0

    def step(self, stop: Callable[[], bool]) -> None:
        """Tells what is new, until told to stop, unless it is not time yet. Never raises."""
        if monotonic() < self._next:
            return
        try:
            self._follower = self._follower or Follower(self.book)
            self._follower.catch_up(_BATCH, stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other books go on, and this one later
            self._failed(error)
        else:
            self._told_at, self._pause = monotonic(), PAUSE

    def _failed(self, error: Exception) -> None:
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._next = monotonic() + self._pause
        FOLLOWER_ERRORS.labels(self.book.municipality).inc()
        if isinstance(error, OF_THE_DATABASE):
            DATABASE_ERRORS.inc()
        log.error("follower failed", book=self.book.municipality, again_in=self._pause, exc_info=error)

    def behind(self) -> float | None:
        """Seconds since everything was told; None when that has not been yet."""
        return None if self._told_at is None else monotonic() - self._told_at

    def lag(self) -> int:
        """Entries in the log that are not told yet. Asks the database."""
        with self.book.read_models.connect() as connection:
            return (self.book.recorder.max_notification_id() or 0) - cursor(connection)


class Following(Thread):
    """Follows every book until it is told to stop."""

    def __init__(self, books: Books) -> None:
        super().__init__(name="follower")
        self._books = books
        self._stop_asked = Event()
        self._looked_at = float("-inf")
        self.has_looked = False
        """Whether it has been seen at all which books there are."""
        self.followed: dict[str, Followed] = {}

    def run(self) -> None:
        """Round by round, each book in turn."""
        while not self._stop_asked.is_set():
            self._look_for_books()
            for one in list(self.followed.values()):
                one.step(self._stop_asked.is_set)
            self._stop_asked.wait(PAUSE)

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
            self.followed.setdefault(book.municipality, Followed(book))
        self.has_looked = True

    def stop(self) -> None:
        """Ends it after what it is telling now; nothing is lost when that is cut short instead."""
        self._stop_asked.set()
        self.join()
