"""The tables of one book on PostgreSQL, and what refuses to change what is in them."""

from typing import Final, LiteralString

TABLES: Final[tuple[LiteralString, ...]] = (
    "CREATE SCHEMA IF NOT EXISTS {schema}",
    """
    CREATE TABLE IF NOT EXISTS {schema}.entries (
        case_id uuid NOT NULL, version integer NOT NULL, type text NOT NULL, entry bytea NOT NULL,
        leaf bytea NOT NULL, request text,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        position bigint GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY (case_id, version)
    )
    """,
    "CREATE INDEX IF NOT EXISTS entries_order ON {schema}.entries (xid, position)",
    "CREATE UNIQUE INDEX IF NOT EXISTS entries_request ON {schema}.entries (request) WHERE request IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS entries_first ON {schema}.entries (type) WHERE version = 1",
    """
    CREATE TABLE IF NOT EXISTS {schema}.log (
        seq bigint PRIMARY KEY, case_id uuid NOT NULL, version integer NOT NULL, leaf bytea NOT NULL,
        UNIQUE (case_id, version)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS {schema}.sequencer (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        xid xid8 NOT NULL, position bigint NOT NULL,  -- last entry numbered
        restored bigint NOT NULL,  -- entries up to this position came with a restored dump
        written_by xid8 NOT NULL  -- transaction that wrote this row, unless a dump was restored since
    )
    """,
    """
    INSERT INTO {schema}.sequencer (xid, position, restored, written_by)
    VALUES ('0', 0, 0, pg_current_xact_id()) ON CONFLICT DO NOTHING
    """,
    """
    CREATE OR REPLACE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME; END$$
    """,
    """
    CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.entries
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()
    """,
    """
    CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.log
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()
    """,
)
"""Makes them in `schema`, each only where it is not there yet."""
