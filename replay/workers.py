"""Telling cases in several processes at once: each opens the book for itself and tells some cases at a time.

On PostgreSQL a process writes its rows by itself. SQLite has one writer at a time, so there a process writes them in
memory and hands them over as the pages of a database, which is much cheaper than row by row.
"""

import gc
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection as Database
from sqlalchemy import Engine, Table, create_engine, delete

from ledger.errors import SagsbogError
from ledger.law.rulebook import Rulebook
from ledger.store.books import Books
from ledger.store.ledger import Address, Ledger
from projections.follower import Follower
from projections.tables import METADATA, PROGRESS, schema_of

_AT_ONCE: Final = 50  # cases told in one transaction


@dataclass(frozen=True)
class _Work:
    """What a process is to know to tell cases as the one that started it would."""

    address: Address
    municipality: str
    rulebook: Rulebook
    now: datetime
    """What its clock shows all along: every case is told for the same day."""
    schema: str | None
    """Where its rows go on PostgreSQL."""
    end: int
    """The number in the log up to which cases are told."""


_Piece = Sequence[UUID]


def tell(fresh: Follower, cases: Sequence[UUID], end: int, processes: int) -> None:
    """Tells cases up to a number of the log. SagsbogError when one of the processes ends before its time."""
    pieces = [cases[start : start + _AT_ONCE] for start in range(0, len(cases), _AT_ONCE)]
    if processes > 1:
        try:
            _tell_in_many(fresh, pieces, end, min(processes, len(pieces)))
        except (EOFError, BrokenPipeError):  # one that is gone says nothing more, and takes no more in
            says = "En af de processer, der genopbyggede, blev afbrudt. Læsemodellerne er, som de var; kør igen."
            raise SagsbogError(says) from None
    else:
        for piece in pieces:
            _tell_some(fresh, piece, end)


def _tell_some(fresh: Follower, cases: _Piece, end: int) -> None:
    with fresh.engine.begin() as connection:
        fresh.tell(connection, dict(_versions(fresh.ledger, cases, end)))


def _versions(ledger: Ledger, cases: _Piece, end: int) -> Iterator[tuple[UUID, int]]:
    """Cases that are in the log up to a number, with their newest version there."""
    for case_id in cases:
        if known := [version for version, seq in ledger.seqs(case_id).items() if seq <= end]:
            yield case_id, max(known)


def _processes() -> ForkServerContext:
    """Forked from a process that has read the program in, and nothing else: no connection may be in two processes."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _tell_in_many(fresh: Follower, pieces: Sequence[_Piece], end: int, processes: int) -> None:
    book, context = fresh.ledger, _processes()
    work = _Work(book.address, book.municipality, book.rulebook, book.clock(), schema_of(fresh.engine), end)
    with ExitStack() as started:
        heard = []
        for number in range(processes):
            hears, says = context.Pipe(duplex=False)
            process = context.Process(target=_tell_share, args=(work, pieces[number::processes], says), daemon=True)
            process.start()
            started.callback(_end, process)
            says.close()
            heard.append(hears)
        _hear_out(fresh.engine, heard)


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join()


def _hear_out(engine: Engine, heard: list[Connection]) -> None:
    """Takes in what the processes tell, until each has said that it is done."""
    while heard:
        for one in wait(heard):
            assert isinstance(one, Connection)
            match one.recv():
                case bytes() as pages:
                    if pages:
                        _take_in(engine, pages)
                case Exception() as error:
                    raise error
                case None:
                    heard.remove(one)


def _take_in(engine: Engine, pages: bytes) -> None:
    """Adds the rows of a database that is given as its pages."""
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH ':memory:' AS told")
        _sqlite(connection).deserialize(pages, name="told")
        for table in _tables():
            connection.exec_driver_sql(f"INSERT INTO main.{table.name} SELECT * FROM told.{table.name}")
        connection.commit()
        connection.exec_driver_sql("DETACH told")


def _tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table is not PROGRESS]


def _sqlite(connection: Database) -> Any:
    return connection.connection.driver_connection


def _tell_share(work: _Work, share: Sequence[_Piece], says: Connection) -> None:
    """In a process of its own: tells its share of the cases, and says what comes of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it answers to the keyboard, and ends it
    gc.freeze()  # what is loaded by now stays
    with suppress(BrokenPipeError):  # whoever started it is gone
        try:
            with Books(work.address.database_url, lambda: work.now, work.address.master_key, work.rulebook) as books:
                for pages in _told(work, books.book(work.municipality), share):
                    says.send(pages)
            says.send(None)
        except SagsbogError as error:
            says.send(SagsbogError(str(error)))  # its sentence; not every one of its kinds can be sent
        except Exception as error:  # noqa: BLE001  (it is raised where the rebuild was asked for)
            says.send(error)


def _told(work: _Work, book: Ledger, share: Sequence[_Piece]) -> Iterator[bytes]:
    """The rows of each piece as pages of a database; none on PostgreSQL, where they are written by now."""
    there = {"schema_translate_map": {None: work.schema}}
    engine = book.read_models.execution_options(**there) if work.schema else create_engine("sqlite://")  # in memory
    fresh = Follower(book, engine)
    for piece in share:
        _tell_some(fresh, piece, work.end)
        yield b"" if work.schema else _pages(engine)


def _pages(engine: Engine) -> bytes:
    """All that was told in memory, as the pages of the database, which is empty afterwards."""
    with engine.begin() as connection:
        pages: bytes = _sqlite(connection).serialize()
        for table in _tables():
            connection.execute(delete(table))
    return pages
