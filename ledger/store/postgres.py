"""The recorder on PostgreSQL: many writers, no table lock.

An append is one INSERT statement in its own transaction; its entries get their place in the log afterwards
from the sequencer (ledger/store/sequencer.py), so no writer waits for another and no reader skips a late commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, LiteralString
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresDatastore, PostgresFactory, PostgresRecorder
from eventsourcing.utils import Environment
from psycopg import Connection, RawCursor
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.sql import SQL, Identifier, Literal

from ledger.store.kept import Kept
from ledger.store.postgres_tables import TABLES
from ledger.store.postgres_values import Placed, values_of
from ledger.store.recorder import LedgerRecorder, New
from ledger.store.sequencer import BATCH, FUNCTIONS, number_batch
from ledger.store.together import Together

_ROWS: Final = 32  # of an INSERT
_COLUMNS: Final = 6
_TAKE_TURN: Final = "SELECT pg_advisory_lock(hashtextextended(%s, 6))"
_GIVE_UP_TURN: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 6))"


class PostgresLedgerDatastore(PostgresDatastore):
    """The library's connection pool on a libpq URL, in a schema of the book's own."""

    def __init__(self, url: str, schema: str) -> None:
        super().__init__(dbname="", host="", port="", user="", password="", schema=schema, pool_size=1, max_overflow=9)
        self.pool.conninfo = url
        self.pool.kwargs = {"row_factory": dict_row}

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """A connection of the pool. When one turns out to be cut, the others that wait there are looked at too."""
        try:
            with super().get_connection() as connection:
                yield connection
        except OperationalError:
            self.pool.check()
            raise


class PostgresLedgerRecorder(PostgresRecorder, LedgerRecorder):
    """Appends and reads the entries of one book.

    Not built on the library's own recorder for PostgreSQL: that one locks the table for every append,
    notifies across the commit, and repeats an append whose connection broke, which then looks like a conflict.
    """

    numbers_at_once = False

    def __init__(self, datastore: PostgresDatastore, keys_destroyed: str) -> None:
        """`keys_destroyed`: the question how many keys of the book were (ledger/store/vault.py)."""
        super().__init__(datastore)
        self._appending = Together(self._append_together)
        self._insert = self._sql("INSERT INTO {schema}.entries (case_id, version, type, entry, leaf, request) ")
        self._select = self._sql(
            "SELECT version, type, entry FROM {schema}.entries"
            " WHERE case_id = %s AND version > %s AND version <= %s ORDER BY version"
        )
        # Each stream on its own: of many at once the server thinks that to go through all entries is sooner done.
        new = self._sql(
            "SELECT new.* FROM unnest(:places) AS known (case_id, newest) CROSS JOIN LATERAL ("
            "SELECT case_id, version, type, entry FROM {schema}.entries e"
            " WHERE e.case_id = known.case_id AND version > newest ORDER BY version) AS new"
        )
        count = f" UNION ALL SELECT NULL, ({keys_destroyed})::int, NULL, NULL"
        self._new = Placed(new + count.encode() + b" ORDER BY case_id, version")
        self._numbers_of = Placed(self._sql("SELECT * FROM {schema}.numbered(%s, :places)"))
        self._numbered = self._sql(
            "SELECT seq, case_id, version, type, entry FROM {schema}.log JOIN {schema}.entries USING (case_id, version)"
            " WHERE seq > %s AND seq <= %s"
        )

    def _sql(self, statement: LiteralString) -> bytes:
        """A statement with the book's schema in it, as bytes: psycopg reads the same bytes only once."""
        schema = self.datastore.schema
        return SQL(statement).format(schema=Identifier(schema), name=Literal(schema)).as_bytes()

    def create_table(self) -> None:
        """Makes the book's tables if they are not there. All or nothing, one process at a time."""
        with (
            self.datastore.get_connection() as conn,
            conn.transaction(),
            conn.cursor(row_factory=tuple_row) as curs,
        ):
            # CREATE … IF NOT EXISTS would still lock tables that others are writing to, so look first.
            curs.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [self.datastore.schema])
            curs.execute("SELECT to_regclass(%s) IS NOT NULL", [self._sql("{schema}.sequencer").decode()])
            if curs.fetchone() != (True,):
                for statement in TABLES:
                    curs.execute(self._sql(statement))
            functions = [self._sql(statement) for statement in FUNCTIONS]
            bodies = [statement.decode().split("$$")[1] for statement in functions]
            in_place = "SELECT count(*) FROM pg_proc WHERE pronamespace = %s::regnamespace AND prosrc = ANY(%s)"
            curs.execute(in_place, [self.datastore.schema, bodies])
            if curs.fetchone() != (len(functions),):
                for function in functions:
                    curs.execute(function)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Appends an act; durable when this returns. There are no ids to return yet: the sequencer gives them.

        Acts of a moment share one commit, each kept or refused alone. Never repeated on a broken connection: whether it
        was committed is then told by its request.
        """
        if stored_events and (refused := self._appending.do(stored_events)):
            raise refused
        return None

    def _append_together(self, acts: Sequence[Sequence[StoredEvent]]) -> list[IntegrityError | None]:
        """Why each act is refused; None when it is kept. One that is refused takes all with it, who then try alone."""
        refused = self._append([event for act in acts for event in act])
        return [self._append(act) for act in acts] if refused and len(acts) > 1 else [refused] * len(acts)

    def _append(self, stored_events: Sequence[StoredEvent]) -> IntegrityError | None:
        rows: list[tuple[Any, ...]] = [
            (event.originator_id, event.originator_version, event.topic, event.state, event.seal, event.request)
            for event in map(Kept.of, stored_events)
        ]
        inserts = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
        try:
            with self.datastore.get_connection() as conn, _at_once(conn, len(inserts)), RawCursor(conn) as curs:
                assert conn.autocommit
                for some in inserts:
                    values = [value for row in some for value in row]
                    curs.execute(self._insert + values_of(len(some), _COLUMNS), values, prepare=True)
        except IntegrityError as error:
            return error
        return None

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
        statement = self._select + (b" DESC LIMIT %s" if desc else b" LIMIT %s")
        bounds = (originator_id, -1 if gt is None else gt, 2**31 - 1 if lte is None else lte, limit)
        return [StoredEvent(originator_id, *row) for row in self._rows(statement, bounds)]

    def select_new(self, known: Mapping[UUID, int]) -> New:
        """What follows a version in each of some streams, as all of them stand at one moment."""
        *rows, (_, destroyed, _, _) = self._rows(*self._new.of(list(known.items())))
        return New([StoredEvent(*row) for row in rows], destroyed)

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
        bounds: tuple[Any, ...] = (after, 2**63 - 1 if stop is None else stop)
        statement = self._numbered
        if topics:
            statement += b" AND type = ANY(%s)"
            bounds += (list(topics),)
        rows = self._rows(statement + b" ORDER BY seq LIMIT %s", (*bounds, limit))
        return [Notification(case_id, version, type_, entry, seq) for seq, case_id, version, type_, entry in rows]

    def max_notification_id(self) -> int | None:
        """The newest `seq`."""
        newest: int | None = self._rows(self._sql("SELECT max(seq) FROM {schema}.log"), ())[0][0]
        return newest

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Not offered: readers ask for what follows their cursor, alike on both engines."""
        msg = "read after a cursor instead"
        raise NotImplementedError(msg)

    @contextmanager
    def turn(self, stream: UUID) -> Iterator[None]:
        """A lock of a connection of its own, which goes with it."""
        with self.datastore.get_connection() as connection:
            assert connection.autocommit
            connection.execute(_TAKE_TURN, [str(stream)], prepare=True)
            try:
                yield
            finally:
                if not connection.broken:
                    connection.execute(_GIVE_UP_TURN, [str(stream)], prepare=True)

    def number(self) -> int:
        """Numbers entries that are committed and not numbered yet, unless another process is doing it."""
        return number_batch(self.datastore)

    def seqs(self, case_id: UUID) -> dict[int, int]:
        """Version to seq, for the numbered entries of a stream."""
        return dict(self._rows(self._sql("SELECT version, seq FROM {schema}.log WHERE case_id = %s"), (case_id,)))

    def numbered(self, places: Sequence[tuple[UUID, int]]) -> list[int | None]:
        """Numbers what can be, and gives the numbers of some entries, by stream and version; None for what has none."""
        rows = self._rows(*self._numbers_of.of(places, BATCH))
        seqs = {(stream, version): seq for seq, stream, version in rows}
        return [seqs.get(place) for place in places]

    def sealed_after(self, seq: int, limit: int) -> list[tuple[int, StoredEvent, bytes]]:
        """What follows a number in the log: number, stored entry and the leaf the log holds for it."""
        statement = self._sql(
            "SELECT seq, case_id, version, type, entry, l.leaf"
            " FROM {schema}.log l JOIN {schema}.entries USING (case_id, version) WHERE seq > %s ORDER BY seq LIMIT %s"
        )
        return [(row[0], StoredEvent(*row[1:5]), row[5]) for row in self._rows(statement, (seq, limit))]

    def next_after(self, seq: int) -> StoredEvent | None:
        """The entry that follows a number in the log; when there is none, the oldest that has no number yet."""
        if numbered := self.select_notifications(seq, 1, inclusive_of_start=False):
            return numbered[0]
        statement = self._sql(
            "SELECT e.case_id, version, type, entry FROM {schema}.entries e, {schema}.sequencer s"
            " WHERE (e.xid, e.position) > (s.xid, s.position) AND e.position > s.restored"
            " ORDER BY e.xid, e.position LIMIT 1"
        )
        return next((StoredEvent(*row) for row in self._rows(statement, ())), None)

    def unnumbered(self) -> int:
        """How many entries have no number yet."""
        statement = self._sql(
            "SELECT count(*) FROM {schema}.entries LEFT JOIN {schema}.log USING (case_id, version) WHERE seq IS NULL"
        )
        counted: int = self._rows(statement, ())[0][0]
        return counted

    def find_request(self, mark: str) -> tuple[UUID, int] | None:
        """The first entry of the act that was recorded by a request."""
        rows = self._rows(self._sql("SELECT case_id, version FROM {schema}.entries WHERE request = %s"), (mark,))
        return rows[0] if rows else None

    def streams(self, first_type: str) -> list[UUID]:
        """Ids of all streams that begin with an entry of a type, sorted."""
        statement = self._sql("SELECT case_id FROM {schema}.entries WHERE version = 1 AND type = %s ORDER BY case_id")
        return [case_id for (case_id,) in self._rows(statement, (first_type,))]

    def _rows(self, statement: bytes, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self.datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row, binary=True) as curs:
            return curs.execute(statement, values, prepare=True).fetchall()


@contextmanager
def _at_once(connection: Connection[DictRow], statements: int) -> Iterator[None]:
    """All or nothing of some statements, and one wait for all of them. One alone is that anyway."""
    if statements == 1:
        yield
    else:
        with connection.pipeline(), connection.transaction():
            yield


class PostgresLedgerFactory(PostgresFactory):
    """The library's factory, for a schema of a database."""

    def __init__(self, url: str, schema: str, keys_destroyed: str) -> None:
        InfrastructureFactory.__init__(self, Environment())
        self.datastore = PostgresLedgerDatastore(url, schema)
        self._keys_destroyed = keys_destroyed

    def application_recorder(self) -> PostgresLedgerRecorder:
        """The book's recorder, its tables made if need be."""
        recorder = PostgresLedgerRecorder(self.datastore, self._keys_destroyed)
        recorder.create_table()
        return recorder
