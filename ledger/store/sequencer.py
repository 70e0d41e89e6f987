"""The sequencer: gives committed entries their number in the log, on PostgreSQL.

Whoever holds the advisory lock is the sequencer for one batch. It takes entries in the order (xid,
position), and only those whose transaction id lies below the oldest one still running: nothing can commit
in front of them any more, so no number is ever given too early, and the order never changes. Progress and
numbers are one transaction, so it can be killed anywhere.

A restored dump brings entries whose transaction ids belong to the old cluster and mean nothing in the new
one. The sequencer knows its own row: if that, or the last entry it numbered, was not written by the
transaction it names, a dump was restored. Then every entry of the dump is committed; what the old sequencer
had not reached is numbered first, in the old order, and the count goes on with what the new cluster wrote.
"""

from functools import cache
from typing import Any, Final, LiteralString, NamedTuple

from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier, Literal

BATCH: Final = 10_000

_TAKE_TURN: Final[LiteralString] = "SELECT pg_try_advisory_xact_lock(hashtextextended({name}, 2))"
_PROGRESS: Final[LiteralString] = """
    SELECT xid::text, position, restored, (written_by::text::numeric % 4294967296)::text = xmin::text AND (
        position = 0 OR EXISTS (  -- the row alone could be right by chance
            SELECT FROM {schema}.entries e WHERE (e.xid, e.position) = (s.xid, s.position)
            AND (e.xid::text::numeric % 4294967296)::text = e.xmin::text
        )
    )
    FROM {schema}.sequencer s
"""
_NUMBER: Final[LiteralString] = """
    WITH batch AS (
        SELECT case_id, version, leaf, xid, position FROM {schema}.entries
        WHERE (xid, position) > (%(xid)s::xid8, %(position)s) AND position > %(restored)s
        AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid, position LIMIT %(limit)s
    ), numbered AS (
        INSERT INTO {schema}.log (seq, case_id, version, leaf)
        SELECT (SELECT coalesce(max(seq), 0) FROM {schema}.log) + row_number() OVER (ORDER BY xid, position),
               case_id, version, leaf
        FROM batch
    ), progress AS (
        UPDATE {schema}.sequencer SET written_by = pg_current_xact_id(), (xid, position) =
            (SELECT xid, position FROM batch ORDER BY xid DESC, position DESC LIMIT 1)
        WHERE EXISTS (SELECT FROM batch)
    )
    SELECT count(*) FROM batch
"""
# An entry came with the dump when its row was not written by the transaction it names, or was written together
# with such a row: the restore may by chance run under an id that an entry names.
_CAME_WITH_DUMP: Final[LiteralString] = """e.xmin IN (
    SELECT d.xmin FROM {schema}.entries d WHERE (d.xid::text::numeric % 4294967296)::text <> d.xmin::text
)"""
_AFTER_RESTORE: Final[LiteralString] = f"""
    WITH missed AS (
        SELECT e.case_id, e.version, e.leaf, e.xid, e.position
        FROM {{schema}}.entries e LEFT JOIN {{schema}}.log l USING (case_id, version)
        WHERE l.seq IS NULL AND {_CAME_WITH_DUMP}
    ), numbered AS (
        INSERT INTO {{schema}}.log (seq, case_id, version, leaf)
        SELECT (SELECT coalesce(max(seq), 0) FROM {{schema}}.log) + row_number() OVER (ORDER BY xid, position),
               case_id, version, leaf
        FROM missed
    ), progress AS (
        UPDATE {{schema}}.sequencer SET written_by = pg_current_xact_id(), xid = '0', position = 0,
            restored = (SELECT coalesce(max(e.position), 0) FROM {{schema}}.entries e WHERE {_CAME_WITH_DUMP})
    )
    SELECT count(*) FROM missed
"""


def number_batch(datastore: PostgresDatastore, limit: int = BATCH) -> int:
    """Numbers up to `limit` entries and says how many; 0 when there are none or another process is at it."""
    say = _statements(datastore.schema)
    with datastore.get_connection() as conn, conn.transaction(), conn.cursor(row_factory=tuple_row) as curs:
        if _one(curs, say.take_turn) != (True,):
            return 0
        xid, position, restored, own = _one(curs, say.progress)
        if own:
            (count,) = _one(curs, say.number, {"xid": xid, "position": position, "restored": restored, "limit": limit})
        else:
            (count,) = _one(curs, say.after_restore)
        return int(count)


class _Statements(NamedTuple):
    """What is said in a schema, as bytes: psycopg reads the same bytes only once."""

    take_turn: bytes
    progress: bytes
    number: bytes
    after_restore: bytes


@cache
def _statements(schema: str) -> _Statements:
    return _Statements(
        *(
            SQL(one).format(schema=Identifier(schema), name=Literal(schema)).as_bytes()
            for one in (_TAKE_TURN, _PROGRESS, _NUMBER, _AFTER_RESTORE)
        )
    )


def _one(curs: Cursor[Any], statement: bytes, values: Any = None) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = curs.execute(statement, values, prepare=True).fetchone()
    assert row is not None
    return row
