"""The sides of an append: the ledger, the raw driver and the library's own recorder.

A side is first made ready for a number of appends, outside the clock. What it returns then does only
the appends, one commit each, and is what is timed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from eventsourcing.persistence import ApplicationRecorder, StoredEvent

from ledger.store.codec import Occasion
from ledger.store.head import Head
from ledger.store.ledger import Ledger
from tests.benchmarks.facts import MUNICIPALITY, after, next_draft, open_cases
from tests.benchmarks.places import Place

Job = Callable[[], None]
Side = Callable[[int], Job]
"""Makes ready for so many appends, and gives the job that does them."""

CASES: Final = 10
"""How many cases a writer goes round."""
PLAIN_TABLE: Final = {
    "SQLite": "CREATE TABLE plain (case_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,"
    " entry BLOB NOT NULL, PRIMARY KEY (case_id, version)) WITHOUT ROWID",
    "PostgreSQL": "CREATE TABLE plain (case_id uuid NOT NULL, version integer NOT NULL, type text NOT NULL,"
    " entry bytea NOT NULL, PRIMARY KEY (case_id, version))",
}


def make_tables(place: Place) -> None:
    """Makes what the ledger is measured against."""
    with closing(place.raw()) as connection:
        connection.execute(PLAIN_TABLE[place.engine])
    place.library().create_table()


@contextmanager
def sides_at(place: Place, writer: str) -> Iterator[Mapping[str, Side]]:
    """The three sides of one writer, each with cases of its own."""
    with place.books() as books, closing(place.raw()) as raw:
        book = books.book(MUNICIPALITY)
        yield {
            "ledger": _ledger(book, open_cases(book, f"{writer}-ledger", CASES)),
            "raw": _raw(place, raw, Encoded(book, f"{writer}-raw")),
            "library": _library(place.library(), Encoded(book, f"{writer}-library")),
        }


class Encoded:
    """Entries as the ledger would store them: the same bytes for the sides that only insert."""

    def __init__(self, book: Ledger, name: str) -> None:
        self._book = book
        self._heads = open_cases(book, name, CASES)

    def next(self, count: int) -> list[StoredEvent]:
        """So many more, sealed and encoded."""
        return [self._one(index) for index in range(count)]

    def _one(self, index: int) -> StoredEvent:
        head = self._heads[index % CASES]
        draft = next_draft(head.version + 1)
        ((entry, kept),) = self._book.mapper.seal(head, [draft], _no_entry, Occasion(datetime.now(UTC)))
        self._heads[index % CASES] = after(head, entry)
        return StoredEvent(kept.originator_id, kept.originator_version, kept.topic, kept.state)


def _ledger(book: Ledger, heads: list[Head]) -> Side:
    def ready(count: int) -> Job:
        drafts = [next_draft(heads[index % CASES].version + 1 + index // CASES) for index in range(count)]

        def job() -> None:
            for index, draft in enumerate(drafts):
                place = index % CASES
                (entry,) = book.append(heads[place], [draft])
                heads[place] = after(heads[place], entry)

        return job

    return ready


def _raw(place: Place, connection: Any, encoded: Encoded) -> Side:
    on_sqlite = place.engine == "SQLite"
    statement = f"INSERT INTO plain VALUES ({', '.join('?' if on_sqlite else '%s' for _ in range(4))})"
    cursor = connection.cursor()

    def ready(count: int) -> Job:
        events = encoded.next(count)
        rows = [
            (str(e.originator_id) if on_sqlite else e.originator_id, e.originator_version, e.topic, e.state)
            for e in events
        ]

        def in_sqlite() -> None:
            for row in rows:
                cursor.execute(statement, row)

        def in_postgres() -> None:
            for row in rows:
                cursor.execute(statement, row, prepare=True)

        return in_sqlite if on_sqlite else in_postgres

    return ready


def _library(recorder: ApplicationRecorder, encoded: Encoded) -> Side:
    def ready(count: int) -> Job:
        events = encoded.next(count)

        def job() -> None:
            for event in events:
                recorder.insert_events([event])

        return job

    return ready


def _no_entry(version: int) -> Any:
    raise LookupError(version)
