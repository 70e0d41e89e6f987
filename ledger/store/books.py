"""The books one process serves: a ledger, a vault and a place for read models for each municipality.

Embedded, a book is a sub-directory of the data directory; on PostgreSQL it is a schema for each of the three.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ledger.clock import Clock
from ledger.errors import Conflict, Fault, Invalid, NotFound, SagsbogError
from ledger.facts.values import normal_case_number
from ledger.law.guards import check_guards
from ledger.law.rulebook import Rulebook, rulebook_in_force, unknown_municipality
from ledger.store.ledger import Address, Ledger, case_id_of
from ledger.store.postgres import PostgresLedgerFactory
from ledger.store.remembered import Remembered
from ledger.store.sqlite import SQLiteLedgerFactory
from ledger.store.vault import MasterKeyError, Vault, master_key_file, master_key_in

log = structlog.get_logger()
DATABASE_ERRORS: Final = (PersistenceError, psycopg.Error, SQLAlchemyError, sqlite3.Error)
"""What the database may answer on either engine when it fails."""
NOT_A_URL: Final = "SAGSBOG_DATABASE_URL skal have formen sqlite:///MAPPE eller postgresql://BRUGER@VÆRT/DATABASE."


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
        address = Address(database_url, master_key)
        if url.get_backend_name() == "sqlite":
            self._place: _Directory | _Database = _Directory(Path(url.database or "data"), address)
        elif url.get_backend_name() == "postgresql":
            self._place = _Database(address)
        else:
            raise SagsbogError(NOT_A_URL)

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
                    book.remembered = Remembered(self._remember) if self._remember else None
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


def _ids(book: Ledger, case: str) -> Iterator[UUID]:
    try:
        yield UUID(case)
    except ValueError:
        try:
            yield case_id_of(book.municipality, normal_case_number(case))
        except ValueError as error:
            raise Invalid(Fault("case", str(error))) from None


class _Directory:
    """Books as SQLite files."""

    def __init__(self, directory: Path, address: Address) -> None:
        self.directory = directory
        self.new_key_at: Path | None = None
        self._address = address

    def has(self, municipality: str) -> bool:
        book = self.directory / municipality
        has_ledger = (book / "ledger.sqlite").exists()
        if not has_ledger and (book / "vault.sqlite").exists():  # never a new ledger beside old keys
            raise SagsbogError(f"{book / 'ledger.sqlite'} mangler, men nøglerne er der. Læg kopien tilbage.")
        return has_ledger

    def open(self, municipality: str, clock: Clock, rulebook: Rulebook) -> Ledger:
        book = self.directory / municipality
        book.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.directory / "opening.sqlite", timeout=60)) as turn:
            turn.execute("BEGIN EXCLUSIVE")  # one process at a time: making a file and its WAL does not wait by itself
            if not self.has(municipality):
                (book / "ledger.sqlite").touch()  # first, so that keys alone always mean that a ledger was lost
            vault = Vault(sqlite_engine(book / "vault.sqlite"), self._master_key(), municipality)
            read_models = sqlite_engine(book / "readmodels.sqlite", synchronous="NORMAL")
            read_models.connect().close()
            return Ledger(
                municipality,
                SQLiteLedgerFactory(book / "ledger.sqlite"),
                vault,
                clock,
                rulebook,
                read_models=read_models,
                address=self._address,
            )

    def _master_key(self) -> bytes:
        if self._address.master_key:
            return master_key_in(self._address.master_key)
        path = self.directory / "master.key"
        if not path.exists() and any(self.directory.glob("*/vault.sqlite")):
            raise MasterKeyError(f"Hovednøglen {path} mangler. Læg kopien tilbage; en ny kan ikke åbne sagsbogen.")
        key, made = master_key_file(path)
        if made:
            log.info("master key made", path=str(path))
            self.new_key_at = path
        return key


def sqlite_engine(path: Path, synchronous: str = "FULL") -> Engine:
    """A file of the book beside the ledger itself. Its readers never wait, and what is deleted is gone.

    `synchronous`: FULL for what must be there when the power fails; NORMAL for what can be told again from the ledger.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def careful(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


class _Database:
    """Books as schemas of a PostgreSQL database."""

    new_key_at = None

    def __init__(self, address: Address) -> None:
        if not address.master_key:
            raise MasterKeyError("På PostgreSQL skal SAGSBOG_MASTER_KEY være sat (fx: openssl rand -base64 32).")
        self._address = address
        self._url = address.database_url
        self._key = master_key_in(address.master_key)

    def has(self, municipality: str) -> bool:
        with psycopg.connect(self._url) as connection:
            found = connection.execute("SELECT to_regclass(%s)", [f"sagsbog_{municipality}.sequencer"]).fetchone()
        return found is not None and found[0] is not None

    def open(self, municipality: str, clock: Clock, rulebook: Rulebook) -> Ledger:
        schema, keys = f"sagsbog_{municipality}", f"sagsbog_{municipality}_vault"
        engine = create_engine(make_url(self._url).set(drivername="postgresql+psycopg"))
        # Read models name no schema: so they can be built in one and put into use in another.
        read_models = create_engine(engine.url, execution_options={"schema_translate_map": {None: f"{schema}_read"}})
        with psycopg.connect(self._url, autocommit=True) as connection:  # held by the session until the vault stands
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 3))", [keys])
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(keys)))
            vault = Vault(engine, self._key, municipality, schema=keys)
        factory = PostgresLedgerFactory(self._url, schema)
        return Ledger(municipality, factory, vault, clock, rulebook, read_models=read_models, address=self._address)
