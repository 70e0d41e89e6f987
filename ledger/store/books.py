"""The books one process serves: a ledger, a vault and a place for read models for each municipality.

Embedded, a book is a sub-directory of the data directory; on PostgreSQL it is a schema for each of the three.
"""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from eventsourcing.persistence import PersistenceError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ledger.clock import Clock
from ledger.errors import Conflict, Fault, Invalid, NotFound, SagsbogError
from ledger.facts.values import normal_case_number
from ledger.law.guards import check_guards
from ledger.law.rulebook import Rulebook, rulebook_in_force, unknown_municipality
from ledger.store.ledger import Address, Ledger, case_id_of
from ledger.store.on_file import OnFile
from ledger.store.remembered import Remembered

if TYPE_CHECKING:
    from ledger.store.on_server import OnServer

NOT_A_URL: Final = "SAGSBOG_DATABASE_URL skal have formen sqlite:///MAPPE eller postgresql://BRUGER@VÆRT/DATABASE."


def database_errors() -> tuple[type[Exception], ...]:
    """What the database may answer when it fails, on the engines that this process uses."""
    driver = sys.modules.get("psycopg")
    return (PersistenceError, SQLAlchemyError, sqlite3.Error, *([driver.Error] if driver else []))


class Books:
    """Opens the books of a database as they are asked for."""

    def __init__(
        self,
        database_url: str,
        clock: Clock,
        master_key: str | None = None,
        rulebook: Rulebook | None = None,
        *,
        remember: int = 0,
    ) -> None:
        """`database_url`: sqlite:///DIRECTORY or postgresql://…; `master_key`: base64, required on PostgreSQL.

        `rulebook`: the law new entries are recorded under, when other than the one that comes with the program.
        `remember`: how many entries of each book to keep at hand once they are read; for a process that lives long.
        """
        try:
            url = make_url(database_url)
        except ArgumentError:
            raise SagsbogError(NOT_A_URL) from None
        self._clock = clock
        self._remember = remember
        self.rulebook = rulebook or rulebook_in_force()
        check_guards(self.rulebook)
        self._open: dict[str, Ledger] = {}
        self._opening = Lock()
        self._place = _place_of(url, Address(database_url, master_key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def new_key_at(self) -> Path | None:
        """Where a master key was made just now, None when it was there already."""
        return self._place.new_key_at

    def book(self, municipality: str) -> Ledger:
        """The book of a municipality, made at the first call."""
        if self.known(municipality) not in self._open:
            with self._opening:  # several threads may ask for it at once
                if municipality not in self._open:
                    book = self._place.open(municipality, self._clock, self.rulebook)
                    book.streams.remembered = Remembered(self._remember)
                    self._open[municipality] = book
        return self._open[municipality]

    def known(self, municipality: str) -> str:
        """The municipality, when the rulebook has a file for it; else Invalid."""
        if municipality not in self.rulebook.municipalities:
            raise unknown_municipality(self.rulebook, municipality)
        return municipality

    def made(self, municipality: str) -> Ledger | None:
        """The book of a municipality, None when it has not been made yet."""
        made = self.known(municipality) in self._open or self._place.has(municipality)
        return self.book(municipality) if made else None

    def opened(self) -> list[Ledger]:
        """The books that this process has opened already: found without asking the database."""
        return list(self._open.values())

    def existing(self) -> list[Ledger]:
        """The books that have been made, by municipality."""
        return [book for name in self.rulebook.municipalities if (book := self.made(name))]

    def now(self) -> datetime:
        """The instant the clock shows."""
        return self._clock()

    def find(self, case: str, among: Sequence[Ledger] | None = None) -> tuple[Ledger, UUID]:
        """The book and id of a case given by number or id. A number found in two books is a Conflict.

        `among`: the books that exist for the one who asks; None = every book.
        """
        books = self.existing() if among is None else among
        found = [(book, case_id) for book in books for case_id in _ids(book, case) if book.has(case_id)]
        if not found:
            raise NotFound(f"Der er ingen sag {case}. Se listen med: sagsbog cases")
        if len(found) > 1:
            both = " og ".join(f"{book.municipality} ({case_id})" for book, case_id in found)
            raise Conflict(f"Sagsnummeret {case} findes i flere kommuner: {both}. Brug sagens id i stedet.")
        return found[0]

    def close(self) -> None:
        """Lets go of every book."""
        for book in self._open.values():
            book.close()
        self._open.clear()


def _place_of(url: URL, address: Address) -> "OnFile | OnServer":
    if url.get_backend_name() == "sqlite":
        return OnFile(Path(url.database or "data"), address)
    if url.get_backend_name() == "postgresql":
        from ledger.store.on_server import OnServer  # noqa: PLC0415 - a sixth of all there is to read in

        return OnServer(address)
    raise SagsbogError(NOT_A_URL)


def _ids(book: Ledger, case: str) -> Iterator[UUID]:
    try:
        yield UUID(case)
    except ValueError:
        try:
            yield case_id_of(book.municipality, normal_case_number(case))
        except ValueError as error:
            raise Invalid(Fault("case", str(error))) from None
