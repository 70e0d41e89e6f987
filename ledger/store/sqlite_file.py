"""The file of an embedded ledger: who writes in it, in turns, and who reads."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from eventsourcing.persistence import OperationalError
from eventsourcing.sqlite import SQLiteConnection, SQLiteCursor, SQLiteDatastore

LOCK_TIMEOUT: Final = 60  # seconds a writer waits for its turn


class SQLiteLedgerDatastore(SQLiteDatastore):
    """One connection to a file that writes, in turns, and one for each thread that reads.

    In WAL mode who reads need not wait for anybody. The library's pool lets readers stand behind a writer that waits
    for its turn, and keeps one prepared statement for each connection.
    """

    def __init__(self, path: Path, keys: Path) -> None:
        """`keys`: the file of the vault, which readers see beside the ledger's own."""
        super().__init__(str(path))
        self.path = path
        self._keys = keys
        self._turn = threading.Lock()
        self._writer: SQLiteConnection | None = None
        self._readers = threading.local()
        self._asker: _Reader | None = None
        self._asking = threading.Lock()

    @property
    def reader(self) -> "_Reader":
        """The connection that this thread reads by."""
        found: _Reader | None = getattr(self._readers, "one", None)
        if found is None:
            found = self._readers.one = _Reader(self.path, self._keys)
        return found

    def ask(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """What a statement finds that is asked all the time: by one connection for all threads.

        Each forgets what it has read of the file as soon as anything is written to it.
        """
        with self._asking:
            asker = self._asker = self._asker or _Reader(self.path, self._keys)
            return asker.rows(statement, values)

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A transaction that writes, or one that reads; the library's way in."""
        if not commit:
            with SQLiteConnection(self.reader.connection, None).transaction(commit=False) as cursor:
                yield cursor
            return
        if not self._turn.acquire(timeout=LOCK_TIMEOUT):
            raise OperationalError("others have been writing all the time")
        try:
            with self._writing().transaction(commit=True) as cursor:
                yield cursor
        finally:
            self._turn.release()

    def _writing(self) -> SQLiteConnection:
        if self._writer is None:
            self._writer = SQLiteConnection(_connect(self.path), None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):  # some systems' SQLite would not sync every commit
                self._writer.cursor().execute(f"PRAGMA {pragma}")
        return self._writer

    def close(self) -> None:
        """Lets go of the file. What a thread is reading just now it reads to the end."""
        self._readers = threading.local()
        with self._asking:
            self._asker = None
        with self._turn:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        super().close()


class _Reader:
    """A connection that only reads, gone with the thread it belongs to."""

    def __init__(self, path: Path, keys: Path) -> None:
        self.connection = _connect(path)
        self.connection.execute("ATTACH ? AS keys", [str(keys)])
        self.connection.execute("PRAGMA query_only=ON")

    def rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """What a statement finds."""
        return self.connection.execute(statement, values).fetchall()

    def __del__(self) -> None:
        self.connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
