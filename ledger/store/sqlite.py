"""The recorder on SQLite: the embedded ledger.

SQLite has one writer at a time, so an append numbers its entries in the log within its own transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment

from ledger.store.kept import Kept
from ledger.store.recorder import LedgerRecorder

_FROZEN: Final = """
CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {verb} on {table} is refused'); END
"""
# REPLACE deletes the row that is in its way without asking the triggers above.
_STANDING: Final = """
CREATE TRIGGER IF NOT EXISTS {table}_REPLACE BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this is in {table} already'); END
"""
_SAME_ENTRY: Final = "(case_id, version) = (NEW.case_id, NEW.version)"
_TABLES: Final = (
    """
    CREATE TABLE IF NOT EXISTS entries (
        case_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, entry BLOB NOT NULL, request TEXT,
        PRIMARY KEY (case_id, version)
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS entries_request ON entries (request) WHERE request IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS entries_first ON entries (type) WHERE version = 1",
    """
    CREATE TABLE IF NOT EXISTS log (
        seq INTEGER PRIMARY KEY, case_id TEXT NOT NULL, version INTEGER NOT NULL, leaf BLOB NOT NULL,
        UNIQUE (case_id, version)
    )
    """,
    *(_FROZEN.format(table=table, verb=verb) for table in ("entries", "log") for verb in ("UPDATE", "DELETE")),
    _STANDING.format(table="entries", same=f"{_SAME_ENTRY} OR request = NEW.request"),
    _STANDING.format(table="log", same=f"{_SAME_ENTRY} OR seq = NEW.seq"),
)
_LOCK_TIMEOUT: Final = 60  # seconds a writer waits for its turn
_READERS: Final = 20  # connections kept for reading; as many again when more read at once


class SQLiteLedgerRecorder(SQLiteApplicationRecorder, LedgerRecorder):
    """Appends, reads and numbers the entries of one book."""

    numbers_at_once = True

    def construct_create_table_statements(self) -> list[str]:
        """Entries, log, and the triggers that refuse to change either."""
        return list(_TABLES)

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        numbered: list[int] = []
        for event in map(Kept.of, stored_events):
            at = (str(event.originator_id), event.originator_version)
            # Writing first takes the write lock at once: a reader that turns writer could find it gone.
            c.execute(
                "INSERT INTO entries (case_id, version, type, entry, request) VALUES (?, ?, ?, ?, ?)",
                (*at, event.topic, event.state, event.request),
            )
            c.execute("INSERT INTO log (case_id, version, leaf) VALUES (?, ?, ?)", (*at, event.seal))
            numbered.append(c.lastrowid)
        return numbered or None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The stored entries of a stream between two versions."""
        order = "DESC" if desc else "ASC"
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                "SELECT version, type, entry FROM entries WHERE case_id = ? AND version > ?"
                f" AND version <= ? ORDER BY version {order} LIMIT ?",
                (
                    str(originator_id),
                    -1 if gt is None else gt,
                    2**62 if lte is None else lte,
                    -1 if limit is None else limit,
                ),
            )
            return [StoredEvent(originator_id, *row) for row in c.fetchall()]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Numbered entries in the log's order; the notification id is the entry's `seq`."""
        after = -1 if start is None else start - inclusive_of_start
        only = f"AND type IN ({','.join('?' * len(topics))})" if topics else ""
        with self.datastore.transaction(commit=False) as c:
            c.execute(  # only question marks are put in
                "SELECT seq, case_id, version, type, entry FROM log JOIN entries USING (case_id, version)"
                f" WHERE seq > ? AND seq <= ? {only} ORDER BY seq LIMIT ?",
                (after, 2**62 if stop is None else stop, *topics, limit),
            )
            return [
                Notification(UUID(case_id), version, type_, entry, seq)
                for seq, case_id, version, type_, entry in c.fetchall()
            ]

    def _max_notification_id(self, c: SQLiteCursor) -> int:
        c.execute("SELECT max(seq) FROM log")
        newest: int = c.fetchone()[0]
        return newest

    def number(self) -> int:
        """Numbers entries that are not numbered yet. On SQLite every append has done it already."""
        return 0

    def seqs(self, case_id: UUID) -> dict[int, int]:
        """Version to seq, for the numbered entries of a stream."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT version, seq FROM log WHERE case_id = ?", (str(case_id),))
            return dict(c.fetchall())

    def sealed_after(self, seq: int, limit: int) -> list[tuple[int, StoredEvent, bytes]]:
        """What follows a number in the log: number, stored entry and the leaf the log holds for it."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                "SELECT seq, case_id, version, type, CAST(entry AS BLOB), leaf"
                " FROM log JOIN entries USING (case_id, version) WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, limit),
            )
            return [(row[0], StoredEvent(UUID(row[1]), *row[2:5]), row[5]) for row in c.fetchall()]

    def unnumbered(self) -> int:
        """How many entries have no number: none, unless the log was tampered with."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT count(*) FROM entries LEFT JOIN log USING (case_id, version) WHERE seq IS NULL")
            counted: int = c.fetchone()[0]
            return counted

    def find_request(self, mark: str) -> tuple[UUID, int] | None:
        """The first entry of the act that was recorded by a request."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT case_id, version FROM entries WHERE request = ?", (mark,))
            row = c.fetchone()
            return (UUID(row[0]), row[1]) if row else None

    def streams(self, first_type: str) -> list[UUID]:
        """Ids of all streams that begin with an entry of a type, sorted."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT case_id FROM entries WHERE version = 1 AND type = ? ORDER BY case_id", (first_type,))
            return [UUID(row[0]) for row in c.fetchall()]


class SQLiteLedgerDatastore(SQLiteDatastore):
    """Connections to a file, those that only read apart from the one that writes.

    In the library's one pool a writer that waits for its turn stands in front of every reader, who in WAL mode need
    not wait for anybody.
    """

    def __init__(self, path: Path) -> None:
        name = str(path)
        super().__init__(name, lock_timeout=_LOCK_TIMEOUT, pool_timeout=_LOCK_TIMEOUT)
        self.reading = SQLiteConnectionPool(
            db_name=name, lock_timeout=_LOCK_TIMEOUT, pool_size=_READERS, max_overflow=_READERS
        )

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        """A connection for the time of one transaction."""
        pool = self.pool if commit else self.reading
        connection = pool.get_connection(is_writer=commit)
        try:
            yield connection
        finally:
            pool.put_connection(connection)

    def close(self) -> None:
        """Lets go of the file."""
        self.reading.close()
        super().close()


class SQLiteLedgerFactory(SQLiteFactory):
    """The library's factory, for a file."""

    application_recorder_class = SQLiteLedgerRecorder

    def __init__(self, path: Path) -> None:
        super().__init__(Environment(env={"SQLITE_DBNAME": str(path), "SQLITE_LOCK_TIMEOUT": str(_LOCK_TIMEOUT)}))
        self.datastore.close()
        self.datastore = SQLiteLedgerDatastore(path)
