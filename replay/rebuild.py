"""Telling all read models again: built beside, compared with the live ones at the same cursor, put in their place.

Readers never see a half-built model: until the one transaction that swaps, they read the old tables.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, Table, func, inspect, select, text, update
from sqlalchemy.schema import DropSchema

from ledger.errors import SagsbogError
from ledger.store.ledger import Ledger, book_stream
from ledger.store.on_file import sqlite_engine
from projections import access
from projections.follower import Follower
from projections.tables import METADATA, PROGRESS, TOLD, OutdatedError, cursor, lead, models, schema_of
from replay.workers import tell

log = structlog.get_logger()
_CASES_A_PROCESS: Final = 200  # at least: it takes most of a second to start one
_TRY_LOCK: Final = text("SELECT pg_try_advisory_lock(hashtextextended(:schema, 5))")
_UNLOCK: Final = text("SELECT pg_advisory_unlock(hashtextextended(:schema, 5))")
_BESIDE_FILE: Final = "readmodels.new.sqlite"


@dataclass(frozen=True)
class Compared:
    """One read model as it was told anew, beside the live one."""

    model: str
    rows: int
    live_rows: int
    equal: bool


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild told, whether nothing was left out, and whether it was put into use."""

    municipality: str
    cases: int
    versions: int
    """Entries of those cases."""
    log_size: int
    complete: bool
    """Every entry of the log is told, or belongs to one of the book's own streams."""
    models: tuple[Compared, ...]
    swapped: bool = False


def rebuild(ledger: Ledger, *, approved: bool = False, processes: int | None = None) -> Rebuilt:
    """Tells every case again. The new tables are put into use when they equal the live ones, or on `approved`.

    `processes`: how many tell cases at once; None = as many as the machine has cores, when there are cases for them.
    SagsbogError when one of them is killed, or another rebuild is under way; the live tables are as they were.
    """
    with _only_one(ledger.read_models), _beside(ledger.read_models) as engine:
        fresh = Follower(ledger, engine)
        _fill(fresh, processes)
        live = _live(ledger)
        with _joined(ledger.read_models, engine) as connection, connection.begin():
            found = _compared(connection, fresh, live)
            if found.complete and (approved or all(model.equal for model in found.models)):
                _swap(connection, engine)
                found = replace(found, swapped=True)
    log.info("rebuilt", book=ledger.municipality, swapped=found.swapped, log_size=found.log_size)
    return found


def _live(ledger: Ledger) -> Follower | None:
    """The follower of the live tables; None when they have another shape, so that nothing can be compared."""
    with suppress(OutdatedError):
        return Follower(ledger)
    return None


def _fill(fresh: Follower, processes: int | None) -> None:
    """Tells every case up to the end of the log as it is now."""
    while fresh.ledger.number():
        pass
    end = fresh.ledger.recorder.max_notification_id() or 0
    cases = fresh.ledger.cases()
    tell(fresh, cases, end, processes or min(os.cpu_count() or 1, len(cases) // _CASES_A_PROCESS))
    with fresh.engine.begin() as connection:
        access.tell_all(connection, fresh.ledger, end)
        connection.execute(update(PROGRESS).values(seq=end, rulebook=fresh.ledger.rulebook.digest))


def _compared(connection: Connection, fresh: Follower, live: Follower | None) -> Rebuilt:
    """Brings both up to the same number of the log, while nobody else moves the live tables, and compares them."""
    lead(connection)
    end = fresh.ledger.recorder.max_notification_id() or 0
    while live and live.advance(connection, until=end):
        pass
    with fresh.engine.begin() as other:
        while fresh.advance(other, until=end):
            pass
        cases, versions = other.execute(select(func.count(), func.coalesce(func.sum(TOLD.c.version), 0))).one()
        looks: int = other.execute(select(func.count()).select_from(access.LOOKS)).scalar_one()
        own = _in_log(fresh.ledger, "book", end) + looks
        compared = tuple(_compare(model.TABLE, connection if live else None, other) for model in models().values())
        whole = versions + own == end == cursor(other)
        return Rebuilt(fresh.ledger.municipality, cases, versions, end, whole, compared)


def _in_log(ledger: Ledger, stream: str, end: int) -> int:
    """How many entries of one of the book's own streams are in the log up to a number."""
    return sum(seq <= end for seq in ledger.seqs(book_stream(ledger.municipality, stream)).values())


def _compare(table: Table, live: Connection | None, fresh: Connection) -> Compared:
    told, was = _digest(fresh, table), _digest(live, table) if live else (0, "")
    return Compared(table.name, told[0], was[0], told == was)


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows there are, and a digest over all of them."""
    rows, digest = 0, sha256()
    for lines in _lines(connection, table):
        digest.update(lines)
        rows += lines.count(b"\n")
    return rows, digest.hexdigest()


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows as the database keeps them, in order, each on a line of its own; many at a time."""
    names, schema = ", ".join(column.name for column in table.columns), schema_of(connection.engine)
    driver: Any = connection.connection
    with closing(driver.cursor()) as cursor:
        if schema:
            query = f"SELECT {names} FROM {schema}.{table.name} ORDER BY case_id, line"
            with cursor.copy(f"COPY ({query}) TO STDOUT") as rows:
                yield from map(bytes, rows)
        else:
            cursor.execute(f"SELECT {names} FROM {table.name} ORDER BY case_id, line")
            while rows := cursor.fetchmany(2_000):
                yield "".join(f"{row!r}\n" for row in rows).encode()


@contextmanager
def _only_one(engine: Engine) -> Iterator[None]:
    """One rebuild of a book at a time; SagsbogError when there is one already."""
    if schema := schema_of(engine):
        with engine.connect() as connection:
            connection.detach()  # the lock is the session's: it ends with it, whatever happens
            if not connection.execute(_TRY_LOCK, {"schema": schema}).scalar():
                raise _already()
            connection.commit()
            yield
            connection.execute(_UNLOCK, {"schema": schema})  # at once: the end of a session takes its time
    else:
        with closing(sqlite3.connect(_file(engine, "rebuilding.sqlite"), timeout=0)) as turn:
            try:
                turn.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise _already() from None
            yield


def _already() -> SagsbogError:
    return SagsbogError("Læsemodellerne er allerede ved at blive genopbygget.")


@contextmanager
def _beside(engine: Engine) -> Iterator[Engine]:
    """An empty place beside the live tables, gone afterwards."""
    if schema := schema_of(engine):
        _drop(engine, schema)  # what a rebuild that was killed left
        try:
            yield engine.execution_options(schema_translate_map={None: f"{schema}_new"})
        finally:
            _drop(engine, schema)  # not put into use, or taken out of it
    else:
        _remove(_file(engine, _BESIDE_FILE))
        fresh = sqlite_engine(_file(engine, _BESIDE_FILE))
        try:
            yield fresh
        finally:
            fresh.dispose()
            _remove(_file(engine, _BESIDE_FILE))


def _drop(engine: Engine, schema: str) -> None:
    with engine.begin() as connection:
        for beside in (f"{schema}_new", f"{schema}_old"):
            connection.execute(DropSchema(beside, cascade=True, if_exists=True))


def _file(engine: Engine, name: str) -> Path:
    return Path(engine.url.database or "").with_name(name)


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)


@contextmanager
def _joined(live: Engine, fresh: Engine) -> Iterator[Connection]:
    """A connection to the live tables that can put the fresh ones in their place."""
    with live.connect() as connection:
        if not schema_of(live):
            connection.detach()  # closed for good afterwards: the fresh file is attached to it
            connection.exec_driver_sql("ATTACH DATABASE ? AS fresh", (fresh.url.database,))
            connection.commit()
        yield connection


def _swap(connection: Connection, fresh: Engine) -> None:
    """Puts the fresh tables, with their cursor, in the place of the live ones; all at once when this commits."""
    if schema := schema_of(connection.engine):
        # Nobody holds a lock on a schema, so this waits for no reader; the old tables are dropped afterwards.
        connection.exec_driver_sql(f"ALTER SCHEMA {schema} RENAME TO {schema}_old")
        connection.exec_driver_sql(f"ALTER SCHEMA {schema_of(fresh)} RENAME TO {schema}")
    else:
        for name in inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE main.{name}")
        METADATA.create_all(connection)
        for table in METADATA.sorted_tables:
            connection.exec_driver_sql(f"INSERT INTO main.{table.name} SELECT * FROM fresh.{table.name}")
