"""The recorder on SQLite: the embedded ledger.

SQLite has one writer at a time, so an append numbers its entries in the log within its own transaction.
"""

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import IntegrityError, Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteFactory
from eventsourcing.utils import Environment

from ledger.store.kept import Kept
from ledger.store.recorder import LedgerRecorder, New
from ledger.store.sqlite_file import LOCK_TIMEOUT, SQLiteLedgerDatastore
from ledger.store.together import Together

_FROZEN: Final = """
CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {verb} on {table} is refused'); END
"""
# REPLACE deletes the row that is in its way without asking the triggers above. Asked in two: one question with OR in it
# takes SQLite longer.
_STANDING: Final = """
CREATE TRIGGER IF NOT EXISTS {table}_REPLACE BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE (case_id, version) = (NEW.case_id, NEW.version))
  OR EXISTS (SELECT 1 FROM {table} WHERE {other} = NEW.{other})
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: this is in {table} already'); END
"""
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
    _STANDING.format(table="entries", other="request"),
    _STANDING.format(table="log", other="seq"),
)
# Python lets other threads go on at each step of SQLite, and each may take its time: a row each would be a step each.
_ROWS: Final = 16  # of an INSERT
_INSERT_ENTRIES: Final = "INSERT INTO entries (case_id, version, type, entry, request) VALUES (?, ?, ?, ?, ?)"
_NEW: Final = (
    "SELECT case_id, version, type, entry FROM log CROSS JOIN entries USING (case_id, version)"
    " WHERE case_id = ? AND version > ?"
)
_INSERT_LOG: Final = "INSERT INTO log (case_id, version, leaf) VALUES (?, ?, ?)"
_text: Final = lru_cache(maxsize=10_000)(str)
"""The same few streams grow again and again."""
_Outcome = Sequence[int] | IntegrityError | None
"""What became of an act: its numbers, or why it is not kept."""


class SQLiteLedgerRecorder(SQLiteApplicationRecorder, LedgerRecorder):
    """Appends, reads and numbers the entries of one book."""

    numbers_at_once = True

    def construct_create_table_statements(self) -> list[str]:
        """Entries, log, and the triggers that refuse to change either."""
        return list(_TABLES)

    datastore: SQLiteLedgerDatastore

    def __init__(self, datastore: SQLiteLedgerDatastore, keys_destroyed: str) -> None:
        """`keys_destroyed`: the question how many keys of the book were (ledger/store/vault.py)."""
        super().__init__(datastore)
        self._keys_destroyed = keys_destroyed
        self._appending = Together(self._append_together)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Appends an act; durable when this returns. Acts of a moment share one commit, each kept or refused alone."""
        outcome = self._appending.do(stored_events)
        if isinstance(outcome, IntegrityError):
            raise outcome
        return outcome

    def _append_together(self, acts: Sequence[Sequence[StoredEvent]]) -> list[_Outcome]:
        try:
            with self.datastore.transaction(commit=True) as c:
                if len(acts) == 1:
                    return [self._insert_events(c, acts[0])]
                return [self._append_alone(c, act) for act in acts]
        except IntegrityError as error:
            return [error] * len(acts)

    def _append_alone(self, c: SQLiteCursor, act: Sequence[StoredEvent]) -> _Outcome:
        """One of the acts that share a transaction: its numbers, or why it is not kept while the others are."""
        outcome: _Outcome
        c.execute("SAVEPOINT act")
        try:
            outcome = self._insert_events(c, act)
        except sqlite3.IntegrityError as error:
            outcome = IntegrityError(error)
            c.execute("ROLLBACK TO act")
        c.execute("RELEASE act")
        return outcome

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        kept = [(_text(event.originator_id), Kept.of(event)) for event in stored_events]
        # Writing first takes the write lock at once: a reader that turns writer could find it gone.
        _insert(
            c, _INSERT_ENTRIES, [(at, one.originator_version, one.topic, one.state, one.request) for at, one in kept]
        )
        _insert(c, _INSERT_LOG, [(at, one.originator_version, one.seal) for at, one in kept])
        return [*range(c.lastrowid - len(kept) + 1, c.lastrowid + 1)] if kept else None

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
        statement = (
            "SELECT version, type, entry FROM entries WHERE case_id = ? AND version > ?"
            f" AND version <= ? ORDER BY version {order} LIMIT ?"
        )
        bounds = (-1 if gt is None else gt, 2**62 if lte is None else lte, -1 if limit is None else limit)
        return [StoredEvent(originator_id, *row) for row in self._rows(statement, (str(originator_id), *bounds))]

    def select_new(self, known: Mapping[UUID, int]) -> New:
        """What follows a version in each of some streams, as all of them stand at one moment.

        The log is asked first: its index is small, where that of the entries holds what they say.
        """
        of_each = [_NEW] * len(known)
        count = f"SELECT NULL, ({self._keys_destroyed}), NULL, NULL"
        statement = f"{' UNION ALL '.join([*of_each, count])} ORDER BY case_id, version"
        bounds = [bound for stream, version in known.items() for bound in (str(stream), version)]
        (_, destroyed, _, _), *rows = self.datastore.ask(statement, bounds)
        return New([StoredEvent(UUID(row[0]), *row[1:]) for row in rows], destroyed)

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
        only = f"AND type IN ({','.join('?' * len(topics))})" if topics else ""  # only question marks are put in
        rows = self._rows(
            "SELECT seq, case_id, version, type, entry FROM log JOIN entries USING (case_id, version)"
            f" WHERE seq > ? AND seq <= ? {only} ORDER BY seq LIMIT ?",
            (after, 2**62 if stop is None else stop, *topics, limit),
        )
        return [Notification(UUID(case_id), version, type_, entry, seq) for seq, case_id, version, type_, entry in rows]

    def _max_notification_id(self, c: SQLiteCursor) -> int:
        c.execute("SELECT max(seq) FROM log")
        newest: int = c.fetchone()[0]
        return newest

    @contextmanager
    def turn(self, stream: UUID) -> Iterator[None]:
        """A lock on a file beside the ledger's, which goes with the process."""
        with self.datastore.path.with_name(f"{stream}.turn").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def number(self) -> int:
        """Numbers entries that are not numbered yet. On SQLite every append has done it already."""
        return 0

    def seqs(self, case_id: UUID) -> dict[int, int]:
        """Version to seq, for the numbered entries of a stream."""
        return dict(self._rows("SELECT version, seq FROM log WHERE case_id = ?", (str(case_id),)))

    def numbered(self, places: Sequence[tuple[UUID, int]]) -> list[int | None]:
        """The numbers of some entries, by stream and version; None for what is not there."""
        statement = "SELECT seq FROM log WHERE case_id = ? AND version = ?"
        found = (self._rows(statement, (str(stream), version)) for stream, version in places)
        return [rows[0][0] if rows else None for rows in found]

    def sealed_after(self, seq: int, limit: int) -> list[tuple[int, StoredEvent, bytes]]:
        """What follows a number in the log: number, stored entry and the leaf the log holds for it."""
        rows = self._rows(
            "SELECT seq, case_id, version, type, CAST(entry AS BLOB), leaf"
            " FROM log JOIN entries USING (case_id, version) WHERE seq > ? ORDER BY seq LIMIT ?",
            (seq, limit),
        )
        return [(row[0], StoredEvent(UUID(row[1]), *row[2:5]), row[5]) for row in rows]

    def next_after(self, seq: int) -> StoredEvent | None:
        """The entry that follows a number in the log."""
        return next(iter(self.select_notifications(seq, 1, inclusive_of_start=False)), None)

    def unnumbered(self) -> int:
        """How many entries have no number: none, unless the log was tampered with."""
        ((counted,),) = self._rows(
            "SELECT count(*) FROM entries LEFT JOIN log USING (case_id, version) WHERE seq IS NULL"
        )
        return int(counted)

    def find_request(self, mark: str) -> tuple[UUID, int] | None:
        """The first entry of the act that was recorded by a request."""
        rows = self._rows("SELECT case_id, version FROM entries WHERE request = ?", (mark,))
        return (UUID(rows[0][0]), rows[0][1]) if rows else None

    def streams(self, first_type: str) -> list[UUID]:
        """Ids of all streams that begin with an entry of a type, sorted."""
        statement = "SELECT case_id FROM entries WHERE version = 1 AND type = ? ORDER BY case_id"
        return [UUID(case_id) for (case_id,) in self._rows(statement, (first_type,))]

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self.datastore.reader.rows(statement, values)


def _insert(c: SQLiteCursor, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Inserts rows. `statement`: of one of them."""
    _, values = statement.rsplit("VALUES ")
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        c.execute(statement + f", {values}" * (len(some) - 1), [value for row in some for value in row])


class SQLiteLedgerFactory(SQLiteFactory):
    """The library's factory, for a file."""

    def __init__(self, path: Path, keys: Path, keys_destroyed: str) -> None:
        super().__init__(Environment(env={"SQLITE_DBNAME": str(path), "SQLITELOCK_TIMEOUT": str(LOCK_TIMEOUT)}))
        self.datastore.close()
        self.datastore: SQLiteLedgerDatastore = SQLiteLedgerDatastore(path, keys)
        self._keys_destroyed = keys_destroyed

    def application_recorder(self) -> SQLiteLedgerRecorder:
        """The book's recorder, its tables made if need be."""
        recorder = SQLiteLedgerRecorder(self.datastore, self._keys_destroyed)
        recorder.create_table()
        return recorder
