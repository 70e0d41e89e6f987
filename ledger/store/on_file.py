"""Books as SQLite files: a sub-directory of the data directory for each."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, create_engine, event

from ledger.clock import Clock
from ledger.errors import SagsbogError
from ledger.law.rulebook import Rulebook
from ledger.store.ledger import Address, Ledger
from ledger.store.sqlite import SQLiteLedgerFactory
from ledger.store.vault import MasterKeyError, Vault, master_key_file, master_key_in

log = structlog.get_logger()


class OnFile:
    """The books of a data directory."""

    def __init__(self, directory: Path, address: Address) -> None:
        self.directory = directory
        self.new_key_at: Path | None = None
        self._address = address

    def has(self, municipality: str) -> bool:
        """Whether the book of a municipality was made."""
        book = self.directory / municipality
        has_ledger = (book / "ledger.sqlite").exists()
        if not has_ledger and (book / "vault.sqlite").exists():  # never a new ledger beside old keys
            raise SagsbogError(f"{book / 'ledger.sqlite'} mangler, men nøglerne er der. Læg kopien tilbage.")
        return has_ledger

    def open(self, municipality: str, clock: Clock, rulebook: Rulebook) -> Ledger:
        """The book of a municipality, made when it was not yet."""
        book = self.directory / municipality
        book.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.directory / "opening.sqlite", timeout=60)) as turn:
            turn.execute("BEGIN EXCLUSIVE")  # one process at a time: making a file and its WAL does not wait by itself
            if not self.has(municipality):
                (book / "ledger.sqlite").touch()  # first, so that keys alone always mean that a ledger was lost
            keys = book / "vault.sqlite"
            vault = Vault(sqlite_engine(keys), self._master_key(), municipality)
            read_models = sqlite_engine(book / "readmodels.sqlite", synchronous="NORMAL")
            read_models.connect().close()
            return Ledger(
                municipality,
                SQLiteLedgerFactory(book / "ledger.sqlite", keys, vault.count),
                vault,
                clock,
                rulebook,
                read_models=read_models,
                address=self._address,
            )

    def _master_key(self) -> bytes:
        if self._address.master_key:
            return master_key_in(self._address.master_key)
        path = self.directory / "master.key"
        if not path.exists() and any(self.directory.glob("*/vault.sqlite")):
            raise MasterKeyError(f"Hovednøglen {path} mangler. Læg kopien tilbage; en ny kan ikke åbne sagsbogen.")
        key, made = master_key_file(path)
        if made:
            log.info("master key made", path=str(path))
            self.new_key_at = path
        return key


def sqlite_engine(path: Path, synchronous: str = "FULL") -> Engine:
    """A file of the book beside the ledger itself. Its readers never wait, and what is deleted is gone.

    `synchronous`: FULL for what must be there when the power fails; NORMAL for what can be told again from the ledger.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def careful(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
