"""The sequencer: gives committed entries their number in the log, on PostgreSQL.

Whoever holds the advisory lock is the sequencer for one batch. It takes entries in the order (xid,
position), and only those whose transaction id lies below the oldest one still running: nothing can commit
in front of them any more, so no number is ever given too early, and the order never changes. Progress and
numbers are one transaction, so it can be killed anywhere. That transaction does not wait for the disk: if it is
lost when the power fails, the next one gives the same numbers, because what it numbered was durable before.

A restored dump brings entries whose transaction ids belong to the old cluster and mean nothing in the new
one. The sequencer knows its own row: if that, or the last entry it numbered, was not written by the
transaction it names, a dump was restored. Then every entry of the dump is committed; what the old sequencer
had not reached is numbered first, in the old order, and the count goes on with what the new cluster wrote.

The whole of it is a function in the book's schema (and another, which also gives the numbers of some entries): one
answer of the server for each batch, and each of its statements sees all that was committed before the turn was taken.
"""

from typing import Final, LiteralString

from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

BATCH: Final = 10_000

# An entry came with the dump when its row was not written by the transaction it names, or was written together
# with such a row: the restore may by chance run under an id that an entry names.
_CAME_WITH_DUMP: Final[LiteralString] = """e.xmin IN (
    SELECT d.xmin FROM {schema}.entries d WHERE (d.xid::text::numeric % 4294967296)::text <> d.xmin::text
)"""
_NUMBER: Final[LiteralString] = f"""
CREATE OR REPLACE FUNCTION {{schema}}.number(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reached record;
    counted bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended({{name}}, 2)) THEN
        RETURN 0;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT xid, position, restored, (written_by::text::numeric % 4294967296)::text = xmin::text AND (
        position = 0 OR (  -- the row alone could be right by chance; bool_or, because EXISTS would read all entries
            SELECT coalesce(bool_or((e.xid::text::numeric % 4294967296)::text = e.xmin::text), false)
            FROM {{schema}}.entries e WHERE (e.xid, e.position) = (s.xid, s.position)
        )
    ) AS own
    INTO STRICT reached FROM {{schema}}.sequencer s;
    IF reached.own THEN
        WITH batch AS (
            SELECT case_id, version, leaf, xid, position FROM {{schema}}.entries
            WHERE (xid, position) > (reached.xid, reached.position) AND position > reached.restored
            AND xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY xid, position LIMIT most
        ), numbered AS (
            INSERT INTO {{schema}}.log (seq, case_id, version, leaf)
            SELECT (SELECT coalesce(max(seq), 0) FROM {{schema}}.log) + row_number() OVER (ORDER BY xid, position),
                   case_id, version, leaf
            FROM batch
        ), progress AS (
            UPDATE {{schema}}.sequencer SET written_by = pg_current_xact_id(), (xid, position) =
                (SELECT xid, position FROM batch ORDER BY xid DESC, position DESC LIMIT 1)
            WHERE EXISTS (SELECT FROM batch)
        )
        SELECT count(*) INTO counted FROM batch;
    ELSE
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
        SELECT count(*) INTO counted FROM missed;
    END IF;
    RETURN counted;
END
$$
"""
_NUMBERED: Final[LiteralString] = """
CREATE OR REPLACE FUNCTION {schema}.numbered(most integer, cases uuid[], versions integer[])
RETURNS TABLE (seq bigint, case_id uuid, version integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.number(most);
    RETURN QUERY SELECT l.seq, l.case_id, l.version FROM {schema}.log l
        JOIN unnest(cases, versions) AS wanted (a_case, a_version) ON (l.case_id, l.version) = (a_case, a_version);
END
$$
"""
FUNCTIONS: Final = (_NUMBER, _NUMBERED)
"""Makes the functions, the last one last; `name` is what the turn is called."""


def number_batch(datastore: PostgresDatastore, limit: int = BATCH) -> int:
    """Numbers up to `limit` entries and says how many; 0 when there are none or another process is at it."""
    call = SQL("SELECT {}.number(%s)").format(Identifier(datastore.schema)).as_bytes()
    with datastore.get_connection() as conn, conn.cursor(row_factory=tuple_row) as curs:
        (count,) = curs.execute(call, [limit], prepare=True).fetchone() or (0,)
        return int(count)
