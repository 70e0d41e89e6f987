"""Books as schemas of a PostgreSQL database, three for each: ledger, vault and read models.

The driver is read in with this module alone: whoever keeps books in files does without.
"""

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import create_engine, make_url

from ledger.clock import Clock
from ledger.law.rulebook import Rulebook
from ledger.store.ledger import Address, Ledger
from ledger.store.postgres import PostgresLedgerFactory
from ledger.store.vault import MasterKeyError, Vault, master_key_in


class OnServer:
    """The books of a database."""

    new_key_at = None

    def __init__(self, address: Address) -> None:
        if not address.master_key:
            raise MasterKeyError("På PostgreSQL skal SAGSBOG_MASTER_KEY være sat (fx: openssl rand -base64 32).")
        self._address = address
        self._url = address.database_url
        self._key = master_key_in(address.master_key)

    def has(self, municipality: str) -> bool:
        """Whether the book of a municipality was made."""
        with psycopg.connect(self._url) as connection:
            found = connection.execute("SELECT to_regclass(%s)", [f"sagsbog_{municipality}.sequencer"]).fetchone()
        return found is not None and found[0] is not None

    def open(self, municipality: str, clock: Clock, rulebook: Rulebook) -> Ledger:
        """The book of a municipality, made when it was not yet."""
        schema, keys = f"sagsbog_{municipality}", f"sagsbog_{municipality}_vault"
        engine = create_engine(make_url(self._url).set(drivername="postgresql+psycopg"))
        # Read models name no schema: so they can be built in one and put into use in another.
        read_models = create_engine(engine.url, execution_options={"schema_translate_map": {None: f"{schema}_read"}})
        with psycopg.connect(self._url, autocommit=True) as connection:  # held by the session until the vault stands
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 3))", [keys])
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(keys)))
            vault = Vault(engine, self._key, municipality, schema=keys)
        factory = PostgresLedgerFactory(self._url, schema, vault.count)
        return Ledger(municipality, factory, vault, clock, rulebook, read_models=read_models, address=self._address)
